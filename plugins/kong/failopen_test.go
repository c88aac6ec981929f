package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

// readiness is a /readyz that answers what it is told to, and tells of each probe.
type readiness struct {
	*httptest.Server
	status atomic.Int64
	probed chan struct{}
}

func newReadiness(t testing.TB, status int) *readiness {
	r := &readiness{probed: make(chan struct{})}
	r.status.Store(int64(status))
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/readyz" {
			t.Errorf("the probe asks for %s", q.URL.Path)
		}
		w.WriteHeader(int(r.status.Load()))
		select {
		case r.probed <- struct{}{}:
		case <-q.Context().Done():
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// becomes waits until the plugin has seen a status often enough: the probe that comes after the last needed one began when that had
// been counted.
func (r *readiness) becomes(status int) {
	r.status.Store(int64(status))
	for range probeFailures + 2 {
		<-r.probed
	}
}

func TestFailOpenLetsRequestsPastASidecarThatIsDown(t *testing.T) {
	souk, origin, ready := newSidecar(t), newOrigin(t), newReadiness(t, 200)
	exchanges := make(chan *kongtest.Exchange, 8)
	g, front := kong(t, map[string]any{
		"fail_open": true, "redaction": "applied", "probe_url": ready.URL + "/readyz", "probe_interval": 100,
	}, souk.URL, origin.URL)
	g.Done = func(x *kongtest.Exchange) { exchanges <- x }
	for _, test := range []struct {
		name   string
		probe  int
		header http.Header
		status int
		want   string
		marked bool
	}{
		{"while it is ready, to the sidecar", 200, nil, 200, "alice /v1/models", false},
		{"while it is not, to the origin", 503, nil, 200, "origin /v1/models", true},
		{"but not with a client's own hand-off", 503, http.Header{"Souk-Caller": {`id="root"`}}, 400, "reserved_header", false},
		{"a redirect is not ready", 302, nil, 200, "origin /v1/models", true},
		{"ready again, to the sidecar", 200, nil, 200, "alice /v1/models", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			ready.becomes(test.probe)
			status, got := ask(t, "GET", front.URL+"/v1/models", nil, test.header)
			x := <-exchanges
			if status != test.status || !strings.Contains(got, test.want) {
				t.Errorf("%d %s, want %d %s", status, got, test.status, test.want)
			}
			if marked := x.Logged()["souk.handoff"] == "fail_open"; marked != test.marked {
				t.Errorf("Kong's logging plugins see %v", x.Logged())
			}
			warned := slices.ContainsFunc(x.Lines, func(l kongtest.Line) bool { return l.Level == "warn" && strings.HasPrefix(l.Text, "fail_open: ") })
			if warned != test.marked {
				t.Errorf("Kong's log has %v", x.Lines)
			}
		})
	}
}

func TestTheProbeAsksTheSidecarUnlessToldOtherwise(t *testing.T) {
	for _, test := range []struct{ name, config, want string }{
		{"its data plane", `"sidecar_host":"souk","sidecar_port":9000`, "http://souk:9000/readyz"},
		{"a URL", `"probe_url":"http://127.0.0.1:8421/readyz","sidecar_scheme":"https"`, "http://127.0.0.1:8421/readyz"},
		{"nothing behind TLS", `"sidecar_scheme":"https"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := parse([]byte(`{"key_id":"k","secret":"` + testSecret + `",` + test.config + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := c.probed(); got.url != test.want || ok != (test.want != "") {
				t.Errorf("%v, %v", got, ok)
			}
		})
	}
}

func TestASidecarThatIsKnownToBeDownIsNotAsked(t *testing.T) {
	souk, origin, ready := newSidecar(t), newOrigin(t), newReadiness(t, 200)
	_, front := kong(t, map[string]any{"probe_url": ready.URL + "/readyz", "probe_interval": 100}, souk.URL, origin.URL)
	for _, test := range []struct {
		name          string
		probe, status int
		want          string
	}{
		{"ready", 200, 200, "alice /v1/models"},
		{"draining", 503, 503, "sidecar_down"},
		{"ready again", 200, 200, "alice /v1/models"},
	} {
		ready.becomes(test.probe)
		if status, got := ask(t, "GET", front.URL+"/v1/models", nil, nil); status != test.status || !strings.Contains(got, test.want) {
			t.Errorf("%s: %d %s", test.name, status, got)
		}
	}
}

func TestInstancesShareAProbeWhichEndsWithTheLast(t *testing.T) {
	ready := newReadiness(t, 200)
	all := &probes{all: map[target]*probe{}}
	config := []byte(`{"key_id":"k","secret":"` + testSecret + `","fail_open":true,"redaction":"applied","probe_interval":100,"probe_url":"` + ready.URL + `/readyz"}`)
	one := newPlugin(config, environment{now: time.Now, random: zeroes{}}, all)
	two := newPlugin(config, environment{now: time.Now, random: zeroes{}}, all)
	if one.fault != nil || one.route.probe != two.route.probe {
		t.Fatal(one.fault, "two probes for one target")
	}
	<-ready.probed
	one.close(all)
	<-ready.probed // it goes on
	<-ready.probed
	two.close(all)
	select {
	case <-two.route.probe.ended:
	default:
		t.Error("the probe goes on")
	}
	if len(all.all) != 0 {
		t.Errorf("%v is left", all.all)
	}
}
