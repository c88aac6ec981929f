package conformance

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"crypto/rand"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// The cases are ones that an adapter can pass: the smallest one that does is here, in Go.
func TestAnAdapterCanPass(t *testing.T) {
	signer, err := handoff.NewSigner(handoff.SignerOptions{Key: handoff.Key{ID: KeyID, Secret: []byte(Secret)}, Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	Run(t, "reference", func(t *testing.T, c Case) (Played, string, bool) {
		sidecar := NewFakeSidecar(t, c)
		to, err := url.Parse(sidecar.URL)
		if err != nil {
			t.Fatal(err)
		}
		proxy := &httputil.ReverseProxy{
			FlushInterval: -1,
			Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.URL.RawQuery = r.In.URL.RawQuery },
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
				if c.Mode == FailOpen {
					w.Header().Set("x-answered-by", string(Service))
					return
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			},
		}
		var gateway http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hand(w, r, signer, proxy) })
		if c.Stripped {
			gateway = http.StripPrefix(Prefix, gateway)
		}
		front := httptest.NewServer(gateway)
		defer front.Close()
		return Send(t, front.Listener.Addr().String(), c, sidecar), "", true
	})
}

func hand(w http.ResponseWriter, r *http.Request, signer *handoff.Signer, next http.Handler) {
	names := r.Header.Values("Connection")
	for name := range r.Header {
		names = append(names, name)
	}
	for _, name := range names {
		if handoff.Reserved(name) || handoff.Reserved(trimClose(name)) || name == "Signature" || name == "Signature-Input" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	id := r.Header.Get(Identity)
	if id == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	statement := handoff.Statement{Caller: handoff.Caller{ID: handoff.Text(id)}}
	p, err := statement.Prepare()
	if err == nil {
		var h *handoff.Headers
		if h, err = signer.Sign(handoff.Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery}, p); err == nil {
			for _, f := range h.Fields() {
				r.Header.Set(f.Name, f.Value)
			}
			next.ServeHTTP(w, r)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

func trimClose(connection string) string {
	if len(connection) > len("close, ") {
		return connection[len("close, "):]
	}
	return connection
}
