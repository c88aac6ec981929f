package handoff_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// reader gives random bytes from a seed.
type reader struct{ *rand.ChaCha8 }

// TestNoMutationIsAccepted signs random requests, changes one thing on the way, and has each refused; the same request unchanged is
// accepted, once.
func TestNoMutationIsAccepted(t *testing.T) {
	const requests, mutationsOfEach = 1500, 80
	seed := [32]byte{'h', 'a', 'n', 'd'}
	rng := rand.New(rand.NewChaCha8(seed))
	s := newSigner(t, reader{rand.NewChaCha8(seed)})
	v, clock := newVerifier(t, handoff.VerifierOptions{Since: at})
	refused := map[handoff.Reason]int{}
	kinds := map[string]int{}
	for range requests {
		r := randomRequest(t, rng, s)
		for range mutationsOfEach {
			m := mutations[rng.IntN(len(mutations))]
			changed := r
			changed.Fields, changed.Body = slices.Clone(r.Fields), slices.Clone(r.Body)
			if !m.change(rng, &changed) {
				continue
			}
			_, err := v.Verify(changed)
			reason := handoff.ReasonOf(err)
			if err == nil || reason == handoff.Invalid || reason == handoff.Full {
				t.Fatalf("%s: got %v for\n%+v\nmade of\n%+v", m.name, err, changed, r)
			}
			refused[reason]++
			kinds[m.name]++
		}
		clock.now = at.Add(time.Duration(6+rng.IntN(100)) * time.Second)
		if rng.IntN(2) == 0 {
			clock.now = at.Add(-time.Duration(6+rng.IntN(100)) * time.Second)
		}
		_, err := v.Verify(r)
		wantReason(t, err, handoff.Stale)
		clock.now = at.Add(time.Second)
		got, err := v.Verify(r)
		if err != nil {
			t.Fatalf("an unchanged request is refused: %v\n%+v", err, r)
		}
		if err := v.Spend(&got); err != nil {
			t.Fatal(err)
		}
		_, err = v.Verify(r)
		wantReason(t, err, handoff.Replayed)
		refused[handoff.Stale]++
		refused[handoff.Replayed]++
	}
	total := 0
	for _, n := range refused {
		total += n
	}
	if total < 100_000 {
		t.Errorf("%d mutations, want 100,000: %v", total, kinds)
	}
	for _, m := range mutations {
		if kinds[m.name] < 500 {
			t.Errorf("%s was tried %d times only", m.name, kinds[m.name])
		}
	}
	t.Logf("%d mutations refused: %v of kinds %v", total, refused, kinds)
}

func randomRequest(t testing.TB, rng *rand.Rand, s *handoff.Signer) handoff.Received {
	word := func(n int) string {
		const letters = `abcdefghijklmnopqrstuvwxyzABCXYZ0189/-_.~ "\,;=():`
		b := make([]byte, 1+rng.IntN(n))
		for i := range b {
			b[i] = letters[rng.IntN(len(letters))]
		}
		return string(b)
	}
	words := func() []string {
		if rng.IntN(2) == 0 {
			return nil
		}
		list := make([]string, 1+rng.IntN(3))
		for i := range list {
			list[i] = word(8)
		}
		return list
	}
	st := handoff.Statement{
		Caller:      handoff.Caller{ID: word(20), Scopes: words()},
		Applied:     handoff.Applied{Credentials: handoff.Mark(rng.IntN(3)), Guardrails: handoff.Mark(rng.IntN(3)), Redaction: handoff.Mark(rng.IntN(3))},
		Constraints: handoff.Constraints{Regions: words(), Types: words(), Models: words()},
	}
	if rng.IntN(2) == 0 {
		st.Caller.Via, st.Caller.Credential, st.Constraints.MaxPrice = word(8), word(8), "0.25"
	}
	r := handoff.Request{Method: []string{"POST", "GET"}[rng.IntN(2)], Path: []string{"/v1/chat/completions", "/v1/models/%20x"}[rng.IntN(2)]}
	if rng.IntN(3) == 0 {
		r.Query = "a=1&b=%22"
	}
	var body []byte
	if rng.IntN(2) == 0 {
		body = []byte(word(40))
	}
	return signed(t, s, r, st, body)
}

// mutations each change one thing, or report that the request does not have it.
var mutations = []struct {
	name   string
	change func(*rand.Rand, *handoff.Received) bool
}{
	{"the method edited", func(rng *rand.Rand, r *handoff.Received) bool { return edit(rng, &r.Method) }},
	{"the path edited", func(rng *rand.Rand, r *handoff.Received) bool { return edit(rng, &r.Path) }},
	{"the query edited", func(rng *rand.Rand, r *handoff.Received) bool { return edit(rng, &r.Query) }},
	{"a value edited", func(rng *rand.Rand, r *handoff.Received) bool {
		return edit(rng, &r.Fields[rng.IntN(len(r.Fields))].Value)
	}},
	{"a value's letter in another case", func(rng *rand.Rand, r *handoff.Received) bool {
		f := &r.Fields[rng.IntN(len(r.Fields))]
		i := rng.IntN(len(f.Value))
		changed := f.Value[:i] + strings.ToUpper(f.Value[i:i+1]) + f.Value[i+1:]
		was := f.Value
		f.Value = changed
		return changed != was
	}},
	{"a header twice", func(rng *rand.Rand, r *handoff.Received) bool {
		f := r.Fields[rng.IntN(len(r.Fields))]
		if rng.IntN(2) == 0 {
			f.Name = strings.ToUpper(f.Name)
		}
		if rng.IntN(2) == 0 {
			edit(rng, &f.Value)
		}
		r.Fields = slices.Insert(r.Fields, rng.IntN(len(r.Fields)+1), f)
		return true
	}},
	{"a header left out", func(rng *rand.Rand, r *handoff.Received) bool {
		i := rng.IntN(len(r.Fields))
		r.Fields = slices.Delete(r.Fields, i, i+1)
		return true
	}},
	{"two values exchanged", func(rng *rand.Rand, r *handoff.Received) bool {
		a, b := &r.Fields[rng.IntN(len(r.Fields))], &r.Fields[rng.IntN(len(r.Fields))]
		a.Value, b.Value = b.Value, a.Value
		return a.Value != b.Value
	}},
	{"a header added", func(rng *rand.Rand, r *handoff.Received) bool {
		r.Fields = append(r.Fields, handoff.Field{Name: "Souk-Budget", Value: "x"})
		return true
	}},
	{"components in another order", func(rng *rand.Rand, r *handoff.Received) bool {
		return within(r, "(", ")", " ", func(items []string) []string {
			rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			return items
		})
	}},
	{"a component left out", func(rng *rand.Rand, r *handoff.Received) bool {
		return within(r, "(", ")", " ", func(items []string) []string {
			i := rng.IntN(len(items))
			return slices.Delete(items, i, i+1)
		})
	}},
	{"parameters in another order", func(rng *rand.Rand, r *handoff.Received) bool {
		return within(r, ");", "", ";", func(items []string) []string {
			rng.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			return items
		})
	}},
	{"another key's id", func(_ *rand.Rand, r *handoff.Received) bool { return replace(r, "kong-1", "kong-2") }},
	{"the query moved into the path", func(_ *rand.Rand, r *handoff.Received) bool {
		if r.Query == "" {
			return false
		}
		r.Path, r.Query = r.Path+"?"+r.Query, ""
		return true
	}},
	{"the body edited", func(rng *rand.Rand, r *handoff.Received) bool {
		if r.Body == nil {
			return false
		}
		text := string(r.Body)
		edit(rng, &text)
		changed := !bytes.Equal(r.Body, []byte(text))
		r.Body = []byte(text)
		return changed
	}},
}

// edit replaces, inserts or removes a byte; it tells whether what is left after trimming is another text.
func edit(rng *rand.Rand, s *string) bool {
	if *s == "" {
		return false
	}
	was := *s
	i := rng.IntN(len(was))
	c := string([]byte{byte(rng.IntN(256))})
	if rng.IntN(2) == 0 {
		c = was[rng.IntN(len(was)):][:1]
	}
	switch rng.IntN(3) {
	case 0:
		*s = was[:i] + c + was[i+1:]
	case 1:
		*s = was[:i] + c + was[i:]
	case 2:
		*s = was[:i] + was[i+1:]
	}
	return strings.Trim(*s, " \t") != strings.Trim(was, " \t")
}

// within changes the list between two marks of Signature-Input.
func within(r *handoff.Received, open, end, separator string, change func([]string) []string) bool {
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Name != handoff.HeaderInput {
			continue
		}
		before, rest, _ := strings.Cut(f.Value, open)
		list, after := rest, ""
		if end != "" {
			list, after, _ = strings.Cut(rest, end)
		}
		changed := before + open + strings.Join(change(strings.Split(list, separator)), separator) + end + after
		was := f.Value
		f.Value = changed
		return changed != was
	}
	return false
}

func replace(r *handoff.Received, from, to string) bool {
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Name == handoff.HeaderInput {
			f.Value = strings.Replace(f.Value, from, to, 1)
			return true
		}
	}
	return false
}
