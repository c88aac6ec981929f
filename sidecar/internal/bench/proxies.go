//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// chatPath is where every target takes chat requests.
const chatPath = "/v1/chat/completions"

// instance is where one run of a proxy lives.
type instance struct {
	addr, admin string // host:port
	dir         string // its own, empty at first
}

// proxy is a kind of proxy: how to run it, and how its callers name the mock's models.
type proxy struct {
	name    string
	model   func(directives string) string
	command func(in instance) (*exec.Cmd, error)
}

// mockModel is the mock's own name for a model: mock.n200.i5.
func mockModel(directives string) string {
	return strings.TrimSuffix("mock."+directives, ".")
}

func (b *bench) bareProxy() proxy {
	return proxy{report.Fasthttp, mockModel, func(in instance) (*exec.Cmd, error) {
		return exec.Command(b.helper("bare"), "-addr", in.addr, "-upstream", b.mockAddr), nil
	}}
}

// nginxProxy is set up as one would for streams: no buffering of answers, kept connections, no access log.
func (b *bench) nginxProxy(binary string) proxy {
	return proxy{report.NGINX, mockModel, func(in instance) (*exec.Cmd, error) {
		config := filepath.Join(in.dir, "nginx.conf")
		if err := os.WriteFile(config, nginxConfig(in, b.mockAddr), 0o644); err != nil {
			return nil, err
		}
		return exec.Command(binary, "-p", in.dir, "-e", filepath.Join(in.dir, "error.log"), "-c", config), nil
	}}
}

func nginxConfig(in instance, upstream string) []byte {
	return fmt.Appendf(nil, `daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
worker_rlimit_nofile 65536;
events { worker_connections 8192; use epoll; multi_accept on; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  tcp_nodelay on;
  tcp_nopush off;
  keepalive_timeout 300s;
  keepalive_requests 100000000;
  client_max_body_size 32m;
  client_body_buffer_size 2m;
  large_client_header_buffers 4 16k;
  upstream mock { server %s; keepalive 512; keepalive_requests 100000000; }
  server {
    listen %s backlog=4096;
    location / {
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering on;
      proxy_buffer_size 16k;
      proxy_buffers 8 16k;
      proxy_busy_buffers_size 32k;
      proxy_read_timeout 120s;
    }
  }
}
`, upstream, in.addr)
}

// standIn is a command in souk's place, which knows the mock's models by their own names.
func (b *bench) standIn(words []string) proxy {
	return proxy{report.Souk, mockModel, func(in instance) (*exec.Cmd, error) {
		fill := strings.NewReplacer("{addr}", in.addr, "{upstream}", b.mockAddr)
		args := make([]string, len(words))
		for i, word := range words {
			args[i] = fill.Replace(word)
		}
		return exec.Command(args[0], args[1:]...), nil
	}}
}

// soukProxy is souk with a configuration of its own.
func (b *bench) soukProxy(binary string, config soukConfig) proxy {
	return proxy{report.Souk, soukModel, func(in instance) (*exec.Cmd, error) {
		path := filepath.Join(in.dir, "souk.yaml")
		if err := os.WriteFile(path, config(in), 0o600); err != nil {
			return nil, err
		}
		return exec.Command(binary, "serve", "-c", path), nil
	}}
}

// freeAddr finds a loopback address that nothing uses. It lies below the range from which the kernel takes the ports of
// outgoing connections (ip_local_port_range, from 32768 on), or one of the load's thousands could sit on it while a
// proxy restarts.
func (b *bench) freeAddr() (string, error) {
	const lowest, highest = 20000, 32000
	for range highest - lowest {
		if b.nextPort++; b.nextPort < lowest || b.nextPort > highest {
			b.nextPort = lowest + os.Getpid()%(highest-lowest) // runs at the same time begin apart
		}
		addr := fmt.Sprintf("127.0.0.1:%d", b.nextPort)
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr, nil
		}
	}
	return "", fmt.Errorf("no free port between %d and %d", lowest, highest)
}
