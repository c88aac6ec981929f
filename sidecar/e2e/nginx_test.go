package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
	"github.com/soukproxy/souk/sidecar/internal/proxy/framing/framingtest"
)

// nginx is one that runs in front of souk.
type nginx struct {
	socket string // where it listens
	proc   *e2etest.Process
}

// startNGINX starts NGINX as one sets it up in front of a service that streams: kept connections to it, nothing buffered.
func startNGINX(t *testing.T, upstream string) *nginx {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx is not installed: apt-get install nginx-light")
		}
	}
	dir, err := os.MkdirTemp("", "souk") // t.TempDir would be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	n := &nginx{socket: filepath.Join(dir, "n")}
	file := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log info;
events { worker_connections 256; }
http {
	access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	upstream souk { server %[2]s; keepalive 4; }
	server {
		listen unix:%[3]s; client_max_body_size 0; keepalive_timeout 30s; client_header_timeout 5s; client_body_timeout 5s;
		location / {
			proxy_pass http://souk; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
			proxy_buffering off; proxy_request_buffering off; proxy_next_upstream off;
		}
	}
}
`, dir, upstream, n.socket)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.proc = e2etest.Start(t, dir, nil, binary, "-p", dir, "-c", file)
	for begin := time.Now(); ; {
		c, err := net.Dial("unix", n.socket)
		if err == nil {
			_ = c.Close()
			return n
		}
		if time.Since(begin) > e2etest.Patience {
			t.Fatalf("nginx does not listen: %v; it printed: %s", err, n.proc.Output())
		}
	}
}

// TestEveryWayToFrameARequestHasItsOutcomeBehindNGINX sends the requests of sidecar/internal/proxy/testdata/framing.txt to NGINX, whose
// connections to souk are kept and shared: after each, a request of somebody else must get its own answer, and the providers must
// have been asked as often as there were requests that NGINX and souk both understood.
func TestEveryWayToFrameARequestHasItsOutcomeBehindNGINX(t *testing.T) {
	m := open(t, terms{args: []string{"--first-token", "0s", "--rate", "0", "--tokens", "8"}})
	n := startNGINX(t, m.address)
	body := `{"model":"` + chatModel + `","messages":[{"role":"user","content":"hi"}]}`
	for _, c := range framingtest.Requests(t, "../internal/proxy/testdata/framing.txt", body) {
		t.Run(c.Name, func(t *testing.T) {
			asked := m.asked(t)
			conn, err := net.Dial("unix", n.socket)
			if err != nil {
				t.Fatal(err)
			}
			framingtest.Check(t, conn, c.Raw, c.NGINX)
			if got := m.asked(t) - asked; got != int64(c.NGINX.Asked) {
				t.Errorf("the providers were asked %d times; expected %d", got, c.NGINX.Asked)
			}
			n.bystander(t, m, c.Name)
		})
	}
}

// asked is how often the providers were asked, once none is busy.
func (m *market) asked(t *testing.T) (n int64) {
	for _, p := range m.providers {
		p.until(t, "idle", func(s stats) bool { return s.Active == 0 })
		n += p.stats(t).Requests
	}
	return n
}

// bystander asks for something of its own over NGINX's shared connections.
func (n *nginx) bystander(t *testing.T, m *market, about string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, Dial: func(string, string) (net.Conn, error) { return net.Dial("unix", n.socket) }}
	client := http.Client{Transport: transport, Timeout: e2etest.Patience}
	prompt := "a question about " + about
	ask, _ := json.Marshal(map[string]any{"model": chatModel, "messages": []any{map[string]any{"role": "user", "content": prompt}}})
	resp, err := client.Post("http://localhost/v1/chat/completions", "application/json", strings.NewReader(string(ask)))
	if err != nil {
		t.Errorf("a request after it: %v", err)
		return
	}
	defer resp.Body.Close()
	var got struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.Choices) != 1 {
		t.Errorf("a request after it is answered with %d: %v", resp.StatusCode, err)
		return
	}
	text := got.Choices[0].Message.Content
	for _, p := range m.providers {
		if p.name == author(text) && p.ask(t, chatUpstream, prompt) == text {
			return
		}
	}
	t.Errorf("a request after it gets another's answer: %q", text)
}
