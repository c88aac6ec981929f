package sim

import (
	"strings"
	"testing"
	"time"
)

func TestFaultSpecs(t *testing.T) {
	tests := []struct {
		name, spec string
		want       Fault
		err        string // part of it; empty: none
	}{
		{name: "a bare kind takes its default", spec: "cut", want: Fault{Kind: "cut", Rate: 1, count: 5}},
		{name: "a number of content events", spec: "cut=12", want: Fault{Kind: "cut", Arg: "12", Rate: 1, count: 12}},
		{name: "a status with a rate", spec: "status=429:0.3", want: Fault{Kind: "status", Arg: "429", Rate: 0.3, count: 429}},
		{name: "a rate without an argument", spec: "reset:0.5", want: Fault{Kind: "reset", Rate: 0.5, count: -1}},
		{name: "a duration", spec: "trickle=5ms", want: Fault{Kind: "trickle", Arg: "5ms", Rate: 1, duration: 5 * time.Millisecond}},
		{name: "a kind that begins with a digit", spec: "429-retry-after=3", want: Fault{Kind: "429-retry-after", Arg: "3", Rate: 1, count: 3}},
		{name: "a choice", spec: "quota=402", want: Fault{Kind: "quota", Arg: "402", Rate: 1, count: 402}},
		{name: "spaces around are ignored", spec: "  hang ", want: Fault{Kind: "hang", Rate: 1}},

		{name: "an unknown kind names the nearest", spec: "statsu=503", err: `did you mean "status"?`},
		{name: "an unknown kind lists all", spec: "nonsense", err: "truncated-chunk"},
		{name: "nothing at all", spec: "", err: "no fault"},
		{name: "a rate above one", spec: "cut:1.5", err: "above 0 and up to 1"},
		{name: "a rate of zero", spec: "cut:0", err: "above 0 and up to 1"},
		{name: "a rate that is no number", spec: "cut:NaN", err: "above 0 and up to 1"},
		{name: "two rates", spec: "cut:0.5:0.5", err: "above 0 and up to 1"},
		{name: "an argument where none is taken", spec: "hang=5", err: "write it as hang"},
		{name: "an empty argument", spec: "cut=", err: "write it as cut[=5]"},
		{name: "a status that is no error", spec: "status=200", err: "from 400 to 599"},
		{name: "a negative number", spec: "cut=-1", err: "from 0"},
		{name: "a duration without a unit", spec: "trickle=20", err: "duration"},
		{name: "a choice that does not exist", spec: "redirect=304", err: "one of 301, 302, 303, 307, 308"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseFault(tt.spec)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error is %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Fatalf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestEveryKindIsDocumentedAndParsesBare(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if k.Text == "" || seen[k.Name] {
			t.Errorf("kind %q has no text, or stands there twice", k.Name)
		}
		seen[k.Name] = true
		if _, err := ParseFault(k.Name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"refuse", "cut", "bomb-gzip", "no-done", "429-retry-after"} {
		if !seen[name] {
			t.Errorf("kind %q is missing", name)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, k := range kinds {
		f.Add(k.name)
		f.Add(k.name + "=" + k.example + ":0.25")
	}
	f.Add("status=503:1e-3")
	f.Fuzz(func(t *testing.T, spec string) {
		fault, err := ParseFault(spec)
		if err != nil {
			return
		}
		again, err := ParseFault(fault.String())
		if err != nil || again != fault {
			t.Fatalf("%q gives %+v, whose spec %q gives %+v, %v", spec, fault, fault, again, err)
		}
	})
}

func TestARatedFaultStrikesItsShareBySeed(t *testing.T) {
	strikes := func(seed uint64) string {
		p, err := New(Options{Seed: seed, Faults: []string{"status=503:0.3"}})
		if err != nil {
			t.Fatal(err)
		}
		var pattern strings.Builder
		for range 1000 {
			hits, _ := p.schedule.draw(nil, false)
			pattern.WriteByte("01"[len(hits)])
		}
		return pattern.String()
	}
	one := strikes(1)
	if n := strings.Count(one, "1"); n < 250 || n > 350 {
		t.Errorf("%d of 1000 requests were struck, want about 300", n)
	}
	if one != strikes(1) {
		t.Error("the same seed struck other requests")
	}
	if one == strikes(2) {
		t.Error("another seed struck the same requests")
	}
}

func TestFaultsOfTheNextRequestsGiveWayToTheStandingOnes(t *testing.T) {
	p, err := New(Options{Faults: []string{"status=500, slow-first=1s:1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.NextFaults(2, "hang", "cut=1"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range 4 {
		hits, seq := p.schedule.draw(nil, i == 1)
		if seq != uint64(i+1) {
			t.Errorf("request %d has number %d", i+1, seq)
		}
		var kinds []string
		for _, f := range hits {
			kinds = append(kinds, f.Kind)
		}
		got = append(got, strings.Join(kinds, "+"))
	}
	if want := "hang|hang+cut|status+slow-first|status+slow-first"; strings.Join(got, "|") != want {
		t.Errorf("got %v, want %v: cut is for streams only", strings.Join(got, "|"), want)
	}
	own, err := parseFaults([]string{"none"})
	if err != nil {
		t.Fatal(err)
	}
	if hits, _ := p.schedule.draw(own, false); len(hits) != 0 {
		t.Errorf("a request that asked for none got %v", hits)
	}
}
