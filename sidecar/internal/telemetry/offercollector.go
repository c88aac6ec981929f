package telemetry

import (
	"iter"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// OfferReading is what is shown of an offer as it is at the moment, read where it is kept so that nothing is
// counted twice.
type OfferReading struct {
	ID, Provider, Model string
	Simulated           bool
	State               market.State
	InFlight            int
}

// offerCollector shows what the offers counted, and what is read of them at the moment of the scrape.
type offerCollector struct {
	metrics           *Metrics
	readings          iter.Seq[OfferReading] // nil: none
	actual, simulated offerDescs
}

// offerDescs are the families of an offer; its own labels come first in each: offer, provider, model.
type offerDescs struct {
	attempts, firstToken, tokens, cost, breaker, state, inFlight *prometheus.Desc
}

func newOfferCollector(m *Metrics, readings iter.Seq[OfferReading]) *offerCollector {
	return &offerCollector{
		metrics:   m,
		readings:  readings,
		actual:    describeOffers(nil),
		simulated: describeOffers(prometheus.Labels{"simulated": "true"}),
	}
}

func describeOffers(extra prometheus.Labels) offerDescs {
	family := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"offer", "provider", "model"}, labels...), extra)
	}
	return offerDescs{
		attempts:   family("souk_attempts_total", "Attempts by offer and how they ended; only provider_fault counts against uptime.", "outcome"),
		firstToken: family("souk_first_token_seconds", "Streams: from an attempt's start to its first content."),
		tokens:     family("souk_tokens_total", "Tokens by offer and direction.", "direction"),
		cost:       family("souk_cost_usd_total", "What the attempts of an offer cost, in US dollars."),
		breaker:    family("souk_breaker_transitions_total", "Transitions of an offer's breaker, by the state it went to.", "to"),
		// The numbers are market.State's order, a higher one being worse.
		state:    family("souk_offer_state", "0 up, 1 warming, 2 probing, 3 resting, 4 barred."),
		inFlight: family("souk_offer_in_flight", "Attempts of an offer that are running."),
	}
}

// Describe implements prometheus.Collector. It describes nothing, which makes the collector an unchecked one: a
// registry refuses at registration what only some series of a family have, as the label simulated is.
func (c *offerCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *offerCollector) Collect(ch chan<- prometheus.Metric) {
	for name, series := range c.begun() {
		c.descs(name).collect(ch, name, series)
	}
	if c.readings == nil {
		return
	}
	for r := range c.readings {
		name := nameOffer(r.ID, r.Provider, r.Model, r.Simulated)
		d := c.descs(name)
		ch <- name.metric(d.state, prometheus.GaugeValue, float64(r.State))
		ch <- name.metric(d.inFlight, prometheus.GaugeValue, float64(r.InFlight))
	}
}

// begun are the offers that have been tried.
func (c *offerCollector) begun() map[offerName]*offerSeries {
	c.metrics.mu.RLock()
	defer c.metrics.mu.RUnlock()
	begun := map[offerName]*offerSeries{}
	for name, o := range c.metrics.offers {
		if s := o.begun.Load(); s != nil {
			begun[name] = s
		}
	}
	return begun
}

func (c *offerCollector) descs(name offerName) *offerDescs {
	if name.simulated {
		return &c.simulated
	}
	return &c.actual
}

func (d *offerDescs) collect(ch chan<- prometheus.Metric, name offerName, s *offerSeries) {
	const counter = prometheus.CounterValue
	for kind, outcome := range outcomes() {
		ch <- name.metric(d.attempts, counter, float64(s.attempts[kind].Load()), outcome)
	}
	ch <- s.firstToken.metric(d.firstToken, name.offer, name.provider, name.model)
	ch <- name.metric(d.tokens, counter, float64(s.input.Load()), "input")
	ch <- name.metric(d.tokens, counter, float64(s.output.Load()), "output")
	// A sample is a float64: the nearest to the exact sum as far as 2^53 nano-USD, which is 9 million dollars.
	ch <- name.metric(d.cost, counter, float64(s.cost.Load())/float64(money.USD))
	for to := range states {
		ch <- name.metric(d.breaker, counter, float64(s.transitions[to].Load()), market.State(to).String())
	}
}

func (n offerName) metric(d *prometheus.Desc, typ prometheus.ValueType, value float64, more ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, typ, value, append([]string{n.offer, n.provider, n.model}, more...)...)
}
