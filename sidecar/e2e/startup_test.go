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

	"github.com/soukproxy/souk/e2etest"
)

// TestStart: the first request is answered, however early it comes: an orchestrator's traffic does not wait for a log line.
func TestStart(t *testing.T) {
	m := open(t, terms{})
	m.souk.Kill()
	address := fmt.Sprintf("127.0.0.1:%d", e2etest.Port(t))
	m.configure(t, terms{auth: "none", listen: address})
	client := httpClient(t)
	body, err := json.Marshal(map[string]any{"model": chatModel, "messages": []any{map[string]any{"role": "user", "content": said + "first [[sim:first-token=0s]]"}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		m.souk = e2etest.Start(t, "", []string{"SOUK_E2E_PROVIDER_KEY=" + providerKey}, e2etest.Binary(t), "serve", "-c", m.config)
		for begin := time.Now(); ; {
			c, err := net.Dial("tcp", address)
			if err == nil {
				_ = c.Close()
				break
			}
			if time.Since(begin) > e2etest.Patience {
				t.Fatalf("it does not listen:\n%s", m.souk.Output())
			}
		}
		res, err := client.Post("http://"+address+"/v1/chat/completions", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatalf("start %d: %v; souk printed:\n%.3000s", i, err, m.souk.Output())
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("start %d: status %d; %s says more", i, res.StatusCode, filepath.Base(m.log))
		}
		client.CloseIdleConnections()
		m.souk.Kill()
	}
}
