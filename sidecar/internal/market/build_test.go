package market

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestTimeoutsComeFromTheNearestThatSetsThem(t *testing.T) {
	cfg := &config.Config{
		Providers: []config.Provider{{
			Name:     "alpha",
			Timeouts: config.Timeouts{Idle: 4 * time.Second, Answer: 40 * time.Second},
			Models: []config.Model{
				{ID: "a/plain"},
				{ID: "a/own", Timeouts: config.Timeouts{Idle: 3 * time.Second, FirstToken: 33 * time.Second}},
				{ID: "a/thinks", Supports: []string{"reasoning"}},
				{ID: "a/thinks-fast", Supports: []string{"reasoning"}, Timeouts: config.Timeouts{FirstToken: 5 * time.Second}},
			},
		}},
		Routing: config.Routing{Timeouts: config.Timeouts{Connect: 2 * time.Second, Answer: 50 * time.Second, Total: time.Minute}},
	}
	m := mustBuild(t, cfg, nil)
	want := func(firstToken, idle time.Duration) config.Timeouts {
		return config.Timeouts{Connect: 2 * time.Second, FirstToken: firstToken, Answer: 40 * time.Second, Idle: idle, Total: time.Minute}
	}
	for i, w := range []config.Timeouts{
		want(10*time.Second, 4*time.Second), want(33*time.Second, 3*time.Second),
		want(120*time.Second, 4*time.Second), want(5*time.Second, 4*time.Second),
	} {
		if got := m.Offers[i].Timeouts; got != w {
			t.Errorf("%s has %+v, want %+v", m.Offers[i].Model, got, w)
		}
	}
	bare := mustBuild(t, &config.Config{Providers: []config.Provider{provider("alpha", "a/b")}}, nil)
	if got, w := bare.Offers[0].Timeouts, (config.Timeouts{Connect: time.Second, FirstToken: 10 * time.Second,
		Answer: 2 * time.Minute, Idle: 10 * time.Second, Total: 10 * time.Minute}); got != w {
		t.Errorf("defaults are %+v, want %+v", got, w)
	}
}

func TestOffersTakeTheirTermsFromTheConfiguration(t *testing.T) {
	price := &config.Price{Input: 1, Output: 2, CacheRead: 3, CacheWrite: 4}
	alpha := provider("alpha")
	alpha.Regions, alpha.Simulated = []string{"eu"}, true
	alpha.Models = []config.Model{
		{ID: "a/one", Upstream: "uno", Price: price, Context: 8, MaxOutput: 4, Quantization: "fp8", Regions: []string{"us"}, Supports: []string{"tools"}},
		{ID: "a/two"},
		{ID: "a/three", Supports: []string{}},
	}
	m := mustBuild(t, &config.Config{Providers: []config.Provider{alpha, provider("beta", "a/two")}}, nil)
	one, two, three := m.Offers[0], m.Offers[1], m.Offers[2]
	if one.ID != "alpha/a/one" || one.Upstream != "uno" || one.Price != price || one.Context != 8 || one.MaxOutput != 4 ||
		one.Quantization != "fp8" || !slices.Equal(one.Regions, []string{"us"}) || !one.Provider.Simulated {
		t.Errorf("the first offer is %+v", one)
	}
	if two.Upstream != "two" || two.Price != nil || !slices.Equal(two.Regions, []string{"eu"}) {
		t.Errorf("the second offer is %+v", two)
	}
	for _, c := range []struct {
		name  string
		offer *Offer
		need  Features
		lacks Features
	}{
		{"what is supported is not lacking", one, Tools, 0},
		{"what is left out of supports is lacking", one, Tools | Vision, Vision},
		{"without supports nothing is known to lack", two, Tools | Vision, 0},
		{"empty supports lack everything", three, Tools, Tools},
	} {
		if got := c.offer.Lacks(c.need); got != c.lacks {
			t.Errorf("%s: lacks %v, want %v", c.name, got, c.lacks)
		}
	}
	if l := m.Listing("a/two"); len(l.Offers) != 2 || m.Listings()[l.Index] != l {
		t.Errorf("the listing is %+v", l)
	}
	if m.Listing("nobody/this") != nil {
		t.Error("a model that nobody offers has a listing")
	}
	if !slices.IsSortedFunc(m.Listings(), func(a, b *Listing) int { return strings.Compare(a.Model, b.Model) }) {
		t.Error("listings are not sorted")
	}
	for i, o := range m.Offers {
		if o.Index != i {
			t.Errorf("offer %d has index %d", i, o.Index)
		}
	}
}

func TestStatisticsOutliveTheConfiguration(t *testing.T) {
	before := mustBuild(t, &config.Config{Providers: []config.Provider{provider("alpha", "a/one", "a/two")}}, nil)
	later := func() time.Time { return dawn.Add(time.Hour) }
	after, err := Build(&config.Config{Providers: []config.Provider{provider("beta", "a/one"), provider("alpha", "a/two", "a/three")}}, before, later)
	if err != nil {
		t.Fatal(err)
	}
	old := map[string]*Stats{}
	for _, o := range before.Offers {
		old[o.ID] = o.Stats
	}
	for _, o := range after.Offers {
		if stays := o.ID == "alpha/a/two"; (old[o.ID] == o.Stats) != stays || o.Stats == nil {
			t.Errorf("%s: carried over %v, want %v", o.ID, !stays, stays)
		}
	}
	if got := after.Listing("a/two").Created; !got.Equal(dawn) {
		t.Errorf("a model that stayed was created at %v, want %v", got, dawn)
	}
	if got := after.Listing("a/three").Created; !got.Equal(later()) {
		t.Errorf("a new model was created at %v, want %v", got, later())
	}
}

func TestBuildRefusesWhatCannotRun(t *testing.T) {
	catalogued := func(name, id, base string) config.Provider {
		p := provider(name)
		p.Catalogue, p.CatalogueID, p.Line = true, id, 7
		if base != "" {
			p.BaseURL, _ = url.Parse(base)
		}
		return p
	}
	for _, c := range []struct {
		name string
		cfg  config.Config
		want []string
	}{
		{"a model twice", config.Config{Providers: []config.Provider{provider("alpha", "a/one", "a/one")}}, []string{`"alpha"`, `"a/one"`, "twice"}},
		{"an unknown catalogue id", config.Config{Path: "souk.yaml", Providers: []config.Provider{catalogued("mine", "opnai", "")}},
			[]string{"souk.yaml:7", `"mine"`, `"opnai"`, "openai"}},
		{"an unknown name at an unknown host", config.Config{Providers: []config.Provider{catalogued("grok", "", "https://llm.example/v1")}}, []string{`"grok"`, "groq"}},
		{"a wrong id is not bettered by the host", config.Config{Providers: []config.Provider{catalogued("mine", "opnai", "https://api.openai.com/v1")}}, []string{`"opnai"`}},
		{"a catalogued provider without an address", config.Config{Providers: []config.Provider{catalogued("azure", "", "")}}, []string{"base_url"}},
		{"an alias that leads nowhere", config.Config{Providers: []config.Provider{provider("alpha", "a/one")}, Aliases: map[string]string{"fast": "a/onne"}},
			[]string{`"fast"`, `"a/onne"`, "a/one"}},
	} {
		_, err := Build(&c.cfg, nil, atDawn)
		if err == nil {
			t.Errorf("%s is accepted", c.name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not say %s", c.name, err, w)
			}
		}
	}
}
