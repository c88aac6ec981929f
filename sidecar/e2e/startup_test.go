package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// TestStart: the first request is answered, however early it comes: an orchestrator's traffic does not wait for a log line.
func TestStart(t *testing.T) {
	m := open(t, terms{})
	m.souk.kill()
	address := fmt.Sprintf("127.0.0.1:%d", fixedPort(t))
	m.configure(t, terms{auth: "none", listen: address})
	client := httpClient(t)
	body, err := json.Marshal(map[string]any{"model": chatModel, "messages": []any{map[string]any{"role": "user", "content": said + "first [[sim:first-token=0s]]"}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		m.souk = start(t, "", []string{"SOUK_E2E_PROVIDER_KEY=" + providerKey}, soukBinary(t), "serve", "-c", m.config)
		for begin := time.Now(); ; {
			c, err := net.Dial("tcp", address)
			if err == nil {
				_ = c.Close()
				break
			}
			if time.Since(begin) > patience {
				t.Fatalf("it does not listen:\n%s", m.souk.out.String())
			}
		}
		res, err := client.Post("http://"+address+"/v1/chat/completions", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatalf("start %d: %v; souk printed:\n%.3000s", i, err, m.souk.out.String())
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("start %d: status %d; %s says more", i, res.StatusCode, filepath.Base(m.log))
		}
		client.CloseIdleConnections()
		m.souk.kill()
	}
}
