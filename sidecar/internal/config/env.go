package config

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Env is the surroundings that a configuration reads from. Functions that are nil find nothing.
type Env struct {
	LookupEnv func(name string) (string, bool)
	Environ   func() []string // NAME=value; only the names are used, to suggest one for a misspelled name
	ReadFile  func(path string) ([]byte, error)

	// Probe tells whether something accepts TCP connections at host:port.
	Probe func(address string, timeout time.Duration) bool
	// Fetch gets a URL without a proxy or redirects, with the key as a bearer token unless it is empty; any
	// status but 200 is an error.
	Fetch func(url string, key Secret, timeout time.Duration) ([]byte, error)
}

// SystemEnv is the process's own environment, its files and its network.
func SystemEnv() Env {
	return Env{LookupEnv: os.LookupEnv, Environ: os.Environ, ReadFile: readBounded, Probe: probe, Fetch: fetch}
}

func (e Env) lookup(name string) (string, bool) {
	if e.LookupEnv == nil {
		return "", false
	}
	return e.LookupEnv(name)
}

func (e Env) readFile(path string) ([]byte, error) {
	if e.ReadFile == nil {
		return nil, os.ErrNotExist
	}
	return e.ReadFile(path)
}

// names lists the variables that are set.
func (e Env) names() []string {
	if e.Environ == nil {
		return nil
	}
	var names []string
	for _, pair := range e.Environ() {
		if name, _, ok := strings.Cut(pair, "="); ok && name != "" {
			names = append(names, name)
		}
	}
	return names
}

// readBounded reads one byte more than any file may have, so that an endless device cannot fill memory and the
// caller still sees that the bound was passed.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

func probe(address string, timeout time.Duration) bool {
	conn, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func fetch(url string, key Secret, timeout time.Duration) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if !key.Empty() {
		req.Header.Set("Authorization", "Bearer "+key.Reveal())
	}
	client := http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFile+1))
	if err == nil && len(body) > maxFile {
		err = errors.New("more than 4 MiB")
	}
	return body, err
}
