package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// broken is a stream that says some words and then breaks in the given way.
func broken(end proxytest.Step) proxytest.Step {
	return proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("half of ")), end)
}

func TestWholeDeliveryHidesABreakAfterContent(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]proxytest.Step{
		"closed":            proxytest.Close,
		"reset":             proxytest.Reset,
		"stalled":           proxytest.Hang,
		"an error event":    proxytest.Raw(proxytest.Chunk("data: {\"error\":{\"message\":\"gone\"}}\n\n")),
		"ended too early":   proxytest.Raw("0\r\n\r\n"),
		"a cut chunk":       proxytest.Then(proxytest.Raw("40\r\ndata: {"), proxytest.Close),
		"broken chunk size": proxytest.Then(proxytest.Raw("zz\r\n"), proxytest.Close),
	} {
		alpha, bravo := proxytest.NewFake(t, "alpha", broken(end)), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: shortIdle})
		c := s.Dial(t)
		c.Chat(proxytest.Ask(true), "x-souk-deliver: whole")
		a := c.Answer()
		c.Close()
		got := proxytest.ParseStream(t, a.Text)
		if a.StatusCode != 200 || got.Text != "hello from bravo" || !got.Done || got.Error != nil {
			t.Errorf("%s: %d %q", name, a.StatusCode, a.Text)
		}
		if r := s.AccessLog(); len(r) != 1 || len(r[0].Attempts) != 2 {
			t.Errorf("%s: the access log says %+v", name, r)
		}
	}
}

func TestWholeDeliveryKeepsTheCallerCompany(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(
		proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("hello ")), proxytest.Until(ready),
		proxytest.Raw(proxytest.Chunk(proxytest.Delta("from alpha"))+proxytest.Chunk(proxytest.Finish("stop")+proxytest.Done)+"0\r\n\r\n")))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		lively(c)
		c.Routing.Timeouts.Idle = 10 * time.Second
		c.Routing.Deliver = config.DeliverWhole
	}})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	for range 2 {
		if e, err := a.Event(); err != nil || e[0] != ':' {
			t.Fatalf("%q (%v) came before the answer was whole", e, err)
		}
	}
	close(ready)
	if got := proxytest.ParseStream(t, a.Rest()); got.Text != "hello from alpha" || !got.Done {
		t.Errorf("the stream is %q", a.Text)
	}
}

func TestWholeDeliveryIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4<<10)
	var texts []string
	for range 40 {
		texts = append(texts, proxytest.Delta(long))
	}
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.EventsHead, proxytest.Chunks(texts...))), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) { c.Limits.Answer = 64 << 10 }})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true), "x-souk-deliver: whole")
	if got := proxytest.ParseStream(t, c.Answer().Text); got.Text != "hello from bravo" || !got.Done {
		t.Errorf("the stream is %+v", got)
	}
	if r := s.AccessLog(); r[0].Attempts[0].Reason != "oversize" {
		t.Errorf("the access log says %+v", r)
	}
}

func TestABadWordInADeliveryHeaderIsRefused(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	for field, param := range map[string]string{"x-souk-deliver: half": "x-souk-deliver", "x-souk-resume: maybe": "x-souk-resume"} {
		c := s.Dial(t)
		c.Chat(proxytest.Ask(true), field)
		a := c.Answer()
		c.Close()
		if f := a.Failure(t); a.StatusCode != 400 || f.Param == nil || *f.Param != param {
			t.Errorf("%s: %d %s", field, a.StatusCode, a.Text)
		}
	}
}
