package proxy

import (
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/telemetry"
)

func TestOnlyALatenessThatLastsShedsRequests(t *testing.T) {
	h := &Handler{metrics: telemetry.NewMetrics(telemetry.Options{})}
	h.metrics.InFlight.Store(5000)
	wake := func(late time.Duration, times int) {
		for range times {
			h.Woken(late)
		}
	}
	wake(2*time.Second, lateOften-1)
	wake(0, 1)
	wake(2*time.Second, lateOften-1)
	if e := h.admits(); e != nil {
		t.Fatalf("a burst sheds: %v", e)
	}
	wake(2*time.Second, 1)
	e := h.admits()
	if e == nil || e.Status != 503 || e.RetryAfter <= 0 {
		t.Fatalf("a lasting overload does not shed: %v", e)
	}
	h.metrics.InFlight.Store(leastLimit)
	wake(2*time.Second, 100)
	if e := h.admits(); e != nil {
		t.Errorf("%d requests are too many: %v", leastLimit, e)
	}
	wake(0, 200)
	h.metrics.InFlight.Store(noLimit)
	if e := h.admits(); e != nil {
		t.Errorf("the limit stays after the overload: %v", e)
	}
}
