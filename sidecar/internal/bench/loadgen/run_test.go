//go:build linux

package loadgen

import (
	"net"
	"testing"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/bench/mockllm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func startMock(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := mockllm.NewServer()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		s.Close()
		<-served
	})
	return l.Addr().String()
}

func TestRunMeasuresALoad(t *testing.T) {
	tests := []struct {
		name         string
		job          Job
		atLeast      int
		streams, bad bool
	}{
		{"a closed loop", Job{Model: "mock", Conns: 4, Seconds: 0.05, Warm: 0.01, Prompt: 4096}, 1, false, false},
		{"a closed loop of streams", Job{Model: "mock.n5.i1", Conns: 4, Seconds: 0.05, Stagger: 0.01, Stream: true}, 1, true, false},
		{"an open loop", Job{Model: "mock", Rate: 200, Conns: 4, Seconds: 0.1}, 20, false, false},
		{"an open loop with too few connections", Job{Model: "mock.d20", Rate: 200, Conns: 1, Seconds: 0.05}, 10, false, false},
		{"a target that fails", Job{Model: "mock.s500", Rate: 100, Conns: 2, Seconds: 0.05}, 0, false, true},
		{"a target that hangs up", Job{Model: "mock.x1", Conns: 2, Seconds: 0.02}, 0, false, true},
		{"a target that hangs up in an open loop", Job{Model: "mock.x1", Rate: 100, Conns: 2, Seconds: 0.05}, 0, false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.job.Addr, test.job.Path = startMock(t), "/v1/chat/completions"
			r, err := Run(&test.job)
			if err != nil {
				t.Fatal(err)
			}
			if r.Requests < test.atLeast || (r.Errors > 0) != test.bad || test.bad && r.Requests > 0 {
				t.Fatalf("%d requests, errors %v, want at least %d, errors: %v", r.Requests, r.ErrorTexts, test.atLeast, test.bad)
			}
			if test.job.Rate > 0 && !test.bad && (r.Requests != test.atLeast || r.SendLag.Count != r.Requests) {
				t.Errorf("an open loop sent %d requests and timed %+v, want exactly %d", r.Requests, r.SendLag, test.atLeast)
			}
			if test.streams && (r.Events != int64(r.Requests)*7 || r.FirstEvent.Count != r.Requests || r.MissingUsage > 0 || r.Transit.Count != r.Requests*5) {
				t.Errorf("streams: %+v", r)
			}
			if !test.bad && r.Latency.Count != r.Requests {
				t.Errorf("%d latencies of %d requests", r.Latency.Count, r.Requests)
			}
		})
	}
}

func TestAnOpenLoopCountsLatencyFromTheIntendedStart(t *testing.T) {
	// One connection, answers after 20 ms, one request each 5 ms: the tenth waits for nine before it.
	job := &Job{Addr: startMock(t), Path: "/", Model: "mock.d20", Rate: 200, Conns: 1, Seconds: 0.05}
	r, err := Run(job)
	if err != nil {
		t.Fatal(err)
	}
	if r.Latency.Max < 150e3 || r.SendLag.Max < 130e3 {
		t.Errorf("the last request took %.0f us, sent %.0f us late; its wait is not counted", r.Latency.Max, r.SendLag.Max)
	}
}

func TestRunRefusesAJobWithoutLoad(t *testing.T) {
	for _, job := range []Job{{Seconds: 1}, {Conns: 1}, {Conns: 1, Seconds: 1, Rate: -1}} {
		if _, err := Run(&job); err == nil {
			t.Errorf("%+v was run", job)
		}
	}
}

func TestAnUnreachableTargetIsAnErrorOfEveryConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r, err := Run(&Job{Addr: l.Addr().String(), Path: "/", Rate: 100, Conns: 3, Seconds: 0.05})
	if err != nil || r.Errors != 3 || r.Requests != 0 {
		t.Errorf("error %v, result %+v, want 3 errors", err, r)
	}
}
