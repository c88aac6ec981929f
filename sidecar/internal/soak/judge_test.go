package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/sim"
)

func TestTheDeckHoldsEveryFaultOfTheSimulator(t *testing.T) {
	dealt := map[string]bool{}
	d := newDeck(3)
	for range d.size() {
		c := d.deal()
		if _, err := sim.ParseFault(c.spec); err != nil {
			t.Error(err)
		}
		dealt[fmt.Sprint(c.spec, c.form)] = true
		dealt[c.kind] = true
	}
	for _, k := range sim.Kinds() {
		if !dealt[k.Name] && k.Name != "none" {
			t.Errorf("the deck lacks %s", k.Name)
		}
	}
	if len(dealt) < d.size() {
		t.Error("a pass over the deck deals a card twice")
	}
}

func TestTheSameSeedMakesTheSameRequests(t *testing.T) {
	b, err := openBazaar(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	draw := func(seed uint64) (all []string) {
		d := newDeck(seed)
		for n := range uint64(200) {
			a := compose(seed, n, usual().load, b, d)
			all = append(all, fmt.Sprint(string(a.body(a.called, "")), a.form, a.leaves, a.leaveAfter, a.slow))
		}
		return all
	}
	if !slices.Equal(draw(1), draw(1)) {
		t.Error("one seed makes two sequences")
	}
	if slices.Equal(draw(1), draw(2)) {
		t.Error("two seeds make one sequence")
	}
}

// good is a complete stream as souk sends it: by alpha, with usage.
func good(j *judge, a *ask) *answer {
	want, _ := j.expected(a, "alpha/"+a.model, nil)
	events := ""
	for part := range strings.SplitAfterSeq(want.Text, " ") {
		events += fmt.Sprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q},\"finish_reason\":null}]}\n\n", part)
	}
	cost := want.terms.price(want.Prompt, want.Cached, want.Tokens)
	events += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + want.Finish + "\"}]}\n\n"
	events += fmt.Sprintf("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"prompt_tokens_details\":{\"cached_tokens\":%d},\"cost\":0.%09d}}\n\n",
		want.Prompt, want.Tokens, want.Cached, cost)
	for strings.Contains(events, "0}}\n") && strings.Contains(events, "\"cost\"") {
		events = strings.Replace(events, "0}}\n", "}}\n", 1) // souk writes no trailing zeros
	}
	events += "data: [DONE]\n\n"
	return read(a, events)
}

func read(a *ask, events string) *answer {
	r := &answer{status: 200, started: time.Now(), ended: time.Now(), header: http.Header{"X-Souk-Offer": {"alpha/" + a.model}}}
	if err := r.readStream(strings.NewReader(events)); err != nil {
		r.err = err
	}
	return r
}

func TestTheJudgeTellsGoodFromBad(t *testing.T) {
	b, err := openBazaar(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	ask := &ask{model: "soak/small", called: "soak/small", form: plain, tokens: 10, rate: 3, usage: true, prompt: "tell me"}
	failure := "data: {\"error\":{\"message\":\"it broke\",\"metadata\":{\"attempts\":[{\"offer\":\"alpha/soak/small\"}]}}}\n\n"
	var text string // of a good stream
	const done = "data: [DONE]\n\n"
	cases := []struct {
		name   string
		change func(r *answer) *answer
		kinds  []string // of the violations
		want   outcome
	}{
		{"a complete stream is complete", func(r *answer) *answer { return r }, nil, complete},
		{"a stream that lacks a word is a truncated success", func(r *answer) *answer {
			s := &r.said[0]
			s.text = s.text[:len(s.text)-2]
			return r
		}, []string{aTruncation}, impossible},
		{"a stream that says something else is wrong", func(r *answer) *answer { r.said[0].text[3] ^= 1; return r }, []string{aWrong}, impossible},
		{"a stream without an end marker is a truncated success", func(r *answer) *answer { r.done = false; return r }, []string{aTruncation}, impossible},
		{"an end marker beside an error is a truncated success", func(*answer) *answer { return read(ask, failure+done) }, []string{aTruncation}, impossible},
		{"a broken stream without a cause is a failure", func(*answer) *answer { return read(ask, failure) }, []string{aFailure}, impossible},
		{"an event after the end marker is wrong", func(*answer) *answer { return read(ask, done+failure) }, []string{aWrong}, impossible},
		{"half an event is wrong", func(*answer) *answer { return read(ask, "data: {\"cho") }, []string{aWrong}, impossible},
		{"an answer of nobody is wrong", func(r *answer) *answer { r.said[0].offer = ""; return r }, []string{aWrong}, impossible},
		{"a wrong cost is a bill that is wrong", func(r *answer) *answer { *r.usage.Cost = "0.5"; return r }, []string{aBill}, complete},
		{"a missing cost is a bill that is wrong", func(r *answer) *answer { r.usage.Cost = nil; return r }, []string{aBill}, complete},
		{"a wrong finish reason is wrong", func(r *answer) *answer { r.finish = "length"; return r }, []string{aWrong}, complete},
		{"a stream that ended with the watchdog is a hang", func(r *answer) *answer { r.late = true; return r }, []string{aHang}, impossible},
		{"a silent stream is a hang", func(r *answer) *answer { r.gap = time.Minute; return r }, []string{aHang}, complete},
		{"a key in the answer is a leak of it", func(*answer) *answer { return read(ask, ": "+callerKey+"\n\n"+failure) }, []string{aKey, aFailure}, impossible},
		{"a provider's cookie is wrong", func(r *answer) *answer { r.header.Set("Set-Cookie", "a=b"); return r }, []string{aWrong}, complete},
		{"an error status without a cause is a failure", func(r *answer) *answer { r.status, r.refusal = 502, &refusal{Message: "no"}; return r }, []string{aFailure}, impossible},
		{"an error status without an error is wrong", func(r *answer) *answer { r.status = 502; return r }, []string{aWrong}, impossible},
		{"a caller who hung up is not judged", func(r *answer) *answer { r.left, r.done = true, false; return r }, nil, left},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var kinds []string
			j := &judge{bazaar: b, weather: newWeather(), silence: 10 * time.Second, report: func(kind, format string, args ...any) {
				kinds = append(kinds, kind)
				text += fmt.Sprintf(format, args...)
			}}
			if got := j.judge(ask, c.change(good(j, ask))); got != c.want || !slices.Equal(kinds, c.kinds) {
				t.Errorf("it is %s with %q (%s); expected %s with %q", got, kinds, text, c.want, c.kinds)
			}
		})
	}
}

func TestAnAnswerThatBrokeWithItsProviderHasACause(t *testing.T) {
	b, err := openBazaar(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	a := &ask{model: "soak/small", called: "soak/small", form: plain, tokens: 10, rate: 3, prompt: "tell me"}
	j := &judge{bazaar: b, weather: newWeather(), silence: time.Minute, report: func(kind, format string, args ...any) { t.Errorf(kind+": "+format, args...) }}
	defer j.weather.begin("alpha")()
	if got := j.judge(a, read(a, "data: {\"error\":{\"message\":\"it broke\",\"metadata\":{\"attempts\":[{\"offer\":\"alpha/soak/small\"}]}}}\n\n")); got != broken {
		t.Errorf("it is %s", got)
	}
}

func TestAPromptTooLongForAnOfferNeedNotBeTriedAtSmallerOnes(t *testing.T) {
	b, err := openBazaar(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	var kinds []string
	j := &judge{bazaar: b, weather: newWeather(), silence: time.Minute, report: func(kind, _ string, _ ...any) { kinds = append(kinds, kind) }}
	defer j.weather.begin("foxtrot")()
	a := &ask{model: "soak/code", called: "soak/code", form: whole, fault: &card{kind: "context-length", effect: refuses}, targets: []string{"delta"}}
	r := &answer{status: 502, started: time.Now(), ended: time.Now(), header: http.Header{}, refusal: &refusal{Message: "no"}}
	r.refusal.Metadata.Attempts = []attempt{{Offer: "delta/soak/code", Reason: "context_length"}, {Offer: "foxtrot/soak/code", Reason: "refused"}}
	if got := j.judge(a, r); got != failed || len(kinds) > 0 { // bravo's context is smaller than delta's
		t.Errorf("it is %s with %q", got, kinds)
	}
}

func TestASlopeIsFitted(t *testing.T) {
	start := time.Now()
	var samples []sample
	for i := range 61 {
		samples = append(samples, sample{start.Add(time.Duration(i) * time.Second), map[string]float64{heap: 100 + 10*float64(i)}, true},
			sample{start.Add(time.Duration(i) * time.Second), map[string]float64{heap: 7e9}, false})
	}
	got := trendOf(heap, samples, func(at time.Time) bool { return !at.Before(start.Add(30 * time.Second)) })
	if got.Slope < 599 || got.Slope > 601 || got.Growth < 299 || got.Growth > 301 || got.Peak != 700 || got.Median != 550 {
		t.Errorf("600 a minute is fitted as %+v", got)
	}
}

func TestAnAnswerAndItsLineAreMatchedInWhicheverOrderTheyCome(t *testing.T) {
	for _, lineFirst := range []bool{true, false} {
		var kinds []string
		b := newBooks(func(kind, _ string, _ ...any) { kinds = append(kinds, kind) })
		line := func() {
			b.line([]byte(`{"msg":"request","trace_id":"01","status":200,"attempts":[{"offer":"alpha/m","reason":"key_refused"},{"offer":"bravo/m","reason":"success"}]}`))
		}
		if lineFirst {
			line()
		}
		b.judged("01", verdict{status: 200, outcome: complete, timed: true, excess: time.Millisecond})
		if !lineFirst {
			line()
		}
		rows := b.table()
		if answers, lines := b.unmatched(); answers != 0 || lines != 0 || len(rows) != 2 || rows[0].Failovers != 1 || rows[0].Requests != 1 {
			t.Errorf("line first %v: %+v, unmatched %d and %d", lineFirst, rows, answers, lines)
		}
		if !slices.Equal(kinds, []string{aKey}) { // alpha got a key that is not its own
			t.Errorf("line first %v: %q", lineFirst, kinds)
		}
	}
}

func TestAnOutageIsWeighedByTheRequestsThatMetIt(t *testing.T) {
	b := newBooks(func(string, string, ...any) {})
	start := time.Unix(1_800_000_000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	const (
		one   = `{"offer":"a/m","reason":"success"}`
		short = `{"offer":"a/m","reason":"truncated","ms":500},{"offer":"b/m","reason":"success","ms":500}`
		long  = `{"offer":"a/m","reason":"truncated","ms":1500},{"offer":"b/m","reason":"success","ms":500}`
	)
	answer := func(number int, from, to float64, attempts string) {
		trace := fmt.Sprint(number)
		b.line([]byte(`{"msg":"request","trace_id":"` + trace + `","status":200,"attempts":[` + attempts + `]}`))
		b.judged(trace, verdict{started: at(from), ended: at(to), status: 200, outcome: complete})
	}
	answer(1, 1, 90, one) // nobody weighs yet
	st := &storm{from: at(10)}
	b.watch(st)
	answer(2, 1, 9, one)    // over before
	answer(3, 9, 11, long)  // ran when it began, and failed over during it
	answer(4, 9, 11, short) // ran when it began, and had failed over before
	answer(5, 12, 13, short)
	st.to = at(20)
	answer(6, 19, 40, one)
	answer(7, 19.8, 40, short) // failed over when it had ended
	answer(8, 21, 40, short)
	if st.Requests != 5 || st.Sent != 3 || st.Attempts != 7 {
		t.Errorf("it is weighed as %+v; expected 5 requests, 3 of them sent during it, and 7 attempts", st)
	}
}

func TestALatencyIsTheFaultsOwnWhenTheAnswerMetNothingElse(t *testing.T) {
	for _, c := range []struct {
		name, offers string
		counts       bool
	}{
		{"the fault alone", `{"offer":"alpha/m","reason":"status"},{"offer":"bravo/m","reason":"success"}`, true},
		{"a flap as well", `{"offer":"alpha/m","reason":"status"},{"offer":"bravo/m","reason":"first_token_timeout"},{"offer":"charlie/m","reason":"success"}`, false},
	} {
		b := newBooks(func(string, string, ...any) {})
		b.judged("01", verdict{status: 200, outcome: complete, timed: true, excess: time.Millisecond, fault: &card{row: "status", told: true}, targets: []string{"alpha"}})
		b.line([]byte(`{"msg":"request","trace_id":"01","status":200,"attempts":[` + c.offers + `]}`))
		for _, row := range b.table() {
			if got := row.AddedP50 != nil; got != c.counts || row.Requests != 1 {
				t.Errorf("%s: its latency counts %v, want %v, in %+v", c.name, got, c.counts, row)
			}
		}
	}
}
