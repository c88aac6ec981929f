package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

func TestKongsLogIsJoinedWithSouks(t *testing.T) {
	plugin := kongtest.Start(t, built)
	answered := kongtest.Header{
		{Name: "X-Souk-Request-Id", Value: "req-1"}, {Name: "X-Souk-Offer", Value: "alpha/m"}, {Name: "X-Souk-Provider", Value: "alpha"},
		{Name: "X-Souk-Attempts", Value: "2"}, {Name: "X-Souk-Cost-Usd", Value: "0.00012"}, {Name: "X-Kong-Request-Id", Value: "kong-7"},
	}
	for _, test := range []struct {
		name   string
		config map[string]any
		header kongtest.Header
		want   map[string]string // nil: no line
	}{
		{"all that the sidecar says", nil, answered, map[string]string{
			"souk_request_id": "req-1", "offer": "alpha/m", "provider": "alpha", "attempts": "2", "cost_usd": "0.00012", "kong_request_id": "kong-7",
		}},
		{"a stream, whose cost is not in its headers", nil, answered[:2], map[string]string{"souk_request_id": "req-1", "offer": "alpha/m"}},
		{"an answer that is not the sidecar's", nil, kongtest.Header{{Name: "Server", Value: "x"}}, nil},
		{"switched off", map[string]any{"log": false}, answered, nil},
		{"a header that is not UTF-8", nil, append(kongtest.Header{{Name: "X-Other", Value: "\xff"}, {Name: "X-Souk-Provider", Value: "\xfe\""}}, answered[:1]...),
			map[string]string{"souk_request_id": "req-1", "provider": "\ufffd\""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := instance(t, plugin, test.config)
			x := alice()
			i.Access(x)
			x.ResponseHeader = test.header
			i.Log(x)
			if x.Fault != nil || len(x.Calls) > 2 {
				t.Fatalf("fault %v, calls %v", x.Fault, x.Calls)
			}
			if test.want == nil {
				if len(x.Lines) != 0 {
					t.Errorf("lines %v", x.Lines)
				}
				return
			}
			if len(x.Lines) != 1 || x.Lines[0].Level != "notice" {
				t.Fatalf("lines %v", x.Lines)
			}
			line, found := strings.CutPrefix(x.Lines[0].Text, "souk ")
			var got map[string]string
			if err := json.Unmarshal([]byte(line), &got); err != nil || !found {
				t.Fatalf("%q: %v", x.Lines[0].Text, err)
			}
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for k, v := range test.want {
				if got[k] != v {
					t.Errorf("%s is %q, want %q", k, got[k], v)
				}
			}
		})
	}
}

func TestNoSecretReachesALogOrAnAnswer(t *testing.T) {
	plugin := kongtest.Start(t, built)
	seen := ""
	for _, config := range []map[string]any{nil, {"sidecar_host": "a:b"}, {"key_id": "a b"}, {"models": []string{"a*b"}}} {
		i := instance(t, plugin, config)
		x := alice()
		x.Header = append(x.Header, kongtest.Field{Name: "Authorization", Value: "Bearer sk-of-alice"})
		i.Access(x)
		for _, l := range x.Lines {
			seen += l.Text
		}
		if x.Exit != nil {
			seen += string(x.Exit.Body)
		}
		if err := i.Close(); err != nil {
			t.Fatal(err)
		}
	}
	seen += plugin.Output()
	if !strings.Contains(seen, "sidecar_host: ") || !strings.Contains(seen, "listening on") {
		t.Fatalf("nothing was seen: %s", seen)
	}
	for _, secret := range []string{testSecret, "sk-of-alice", "key-of-alice"} {
		if strings.Contains(seen, secret) {
			t.Errorf("%q was seen: %s", secret, seen)
		}
	}
}
