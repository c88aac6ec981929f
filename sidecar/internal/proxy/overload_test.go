package proxy

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
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

func TestATimerThatEndsWhileSoukSleepsBlamesNobody(t *testing.T) {
	const waited = 3 * time.Second
	cases := []struct {
		name   string
		reason upstream.Reason
		late   []time.Duration // wakings during the wait
		want   market.Kind
	}{
		{"souk was awake", upstream.FirstTokenTimeout, []time.Duration{0, 40 * time.Millisecond, 0}, market.ProviderFault},
		{"souk slept for a little of the wait", upstream.FirstTokenTimeout, []time.Duration{300 * time.Millisecond, 0, 300 * time.Millisecond}, market.ProviderFault},
		{"souk slept for half of the wait", upstream.FirstTokenTimeout, []time.Duration{time.Second, 500 * time.Millisecond}, market.Cancelled},
		{"souk slept while it connected", upstream.ConnectTimeout, []time.Duration{2 * time.Second}, market.Cancelled},
		{"souk slept in a gap", upstream.IdleTimeout, []time.Duration{2 * time.Second}, market.Cancelled},
		{"souk slept before an answer's headers", upstream.AnswerTimeout, []time.Duration{2 * time.Second}, market.Cancelled},
		{"an error is the provider's, whoever slept", upstream.Status, []time.Duration{2 * time.Second}, market.ProviderFault},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &Handler{metrics: telemetry.NewMetrics(telemetry.Options{})}
				h.overload.born = time.Now()
				h.Woken(time.Minute) // before the wait
				x := &exchange{h: h}
				x.began, x.lag = time.Now(), h.overload.lag()
				for _, late := range c.late {
					h.Woken(late)
				}
				if got := x.kindOfLoss(&loss{reason: c.reason}, x.began.Add(waited)); got != c.want {
					t.Errorf("it is %v; expected %v", got, c.want)
				}
			})
		})
	}
	t.Run("souk's own timer is the last to be woken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &Handler{metrics: telemetry.NewMetrics(telemetry.Options{})}
			h.overload.born = time.Now()
			time.Sleep(Pulse)
			h.Woken(0)
			x := &exchange{h: h}
			x.began, x.lag = time.Now(), h.overload.lag()
			time.Sleep(waited) // in which Woken ought to have been called
			if got := x.kindOfLoss(&loss{reason: upstream.IdleTimeout}, time.Now()); got != market.Cancelled {
				t.Errorf("it is %v", got)
			}
		})
	})
}
