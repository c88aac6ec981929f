package recogniser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// analyzer is a recogniser that knows names by heart and answers as Presidio analyzer does: offsets in code points.
type analyzer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []ask
	answer func(w http.ResponseWriter, r *http.Request, a ask) // nil: names
}

// names are what the analyzer knows.
func names() map[string]string {
	return map[string]string{"Alice Miller": "PERSON", "李雷": "PERSON", "Zoë": "PERSON", "Berlin": "LOCATION", "Acme": "ORGANIZATION", "alice@acme.io": "EMAIL_ADDRESS", "Q-17": "EMPLOYEE"}
}

func newAnalyzer(t *testing.T) *analyzer {
	a := &analyzer{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q ask
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.Method != http.MethodPost || r.URL.Path != "/analyze" || r.Header.Get("content-type") != "application/json" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		a.mu.Lock()
		a.asked = append(a.asked, q)
		answer := a.answer
		a.mu.Unlock()
		if answer != nil {
			answer(w, r, q)
			return
		}
		w.Header().Set("content-type", "application/json")
		_ = json.NewEncoder(w).Encode(entitiesIn(q.Text))
	}))
	t.Cleanup(a.Close)
	return a
}

// entitiesIn finds the names in a text, with offsets as Python counts.
func entitiesIn(text string) []map[string]any {
	all := []map[string]any{}
	for name, kind := range names() {
		for at := 0; ; {
			i := strings.Index(text[at:], name)
			if i < 0 {
				break
			}
			start := len([]rune(text[:at+i]))
			all = append(all, map[string]any{"entity_type": kind, "start": start, "end": start + len([]rune(name)), "score": 0.85, "analysis_explanation": nil})
			at += i + len(name)
		}
	}
	return all
}

func (a *analyzer) calls() []ask {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

func (a *analyzer) does(answer func(http.ResponseWriter, *http.Request, ask)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

func client(t *testing.T, address string, change func(*config.Recogniser)) *Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	o := config.Recogniser{URL: u, Language: "en", MinScore: 0.5, Timeout: 10 * time.Second, MaxBytes: 1 << 20}
	if change != nil {
		change(&o)
	}
	c := New(o)
	t.Cleanup(c.Close)
	return c
}

// marked are the findings of a text as TYPE:value.
func marked(texts []string, found [][]redact.Finding) [][]string {
	all := make([][]string, len(texts))
	for i, findings := range found {
		for _, f := range findings {
			all[i] = append(all[i], f.Type.String()+":"+texts[i][f.Start:f.End])
		}
	}
	return all
}

func TestOffsetsInCodePointsBecomeOffsetsInBytes(t *testing.T) {
	a := newAnalyzer(t)
	c := client(t, a.URL, nil)
	texts := []string{
		"I am Alice Miller from Berlin.",
		"😀👩‍👩‍👧 李雷在Berlin，Zoë too 🎉",
		"",
		"nobody here",
		"Acme" + strings.Repeat("é", 2000) + "Acme",
		"Q-17 is somebody, alice@acme.io is too",
	}
	found, err := c.Find(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"PERSON:Alice Miller", "LOCATION:Berlin"},
		{"PERSON:李雷", "LOCATION:Berlin", "PERSON:Zoë"},
		nil,
		nil,
		{"ORGANIZATION:Acme", "ORGANIZATION:Acme"},
		{"ENTITY:Q-17", "EMAIL:alice@acme.io"},
	}
	if got := marked(texts, found); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if calls := a.calls(); len(calls) != 1 || calls[0].Language != "en" || calls[0].ScoreThreshold != 0.5 || strings.Count(calls[0].Text, separator) != 4 {
		t.Errorf("%d calls: %+v", len(calls), calls)
	}
}

func TestManyTextsAreAskedAboutInParallelAndLongOnesAlone(t *testing.T) {
	a := newAnalyzer(t)
	c := client(t, a.URL, nil)
	var texts []string
	var want [][]string
	for i := range 40 {
		texts = append(texts, fmt.Sprintf("%d %s Alice Miller", i, strings.Repeat("word ", 300*(1+i%3))))
		want = append(want, []string{"PERSON:Alice Miller"})
	}
	texts, want = append(texts, strings.Repeat("long ", batchBytes/4)+"Berlin"), append(want, []string{"LOCATION:Berlin"})
	found, err := c.Find(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if got := marked(texts, found); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	calls := a.calls()
	if len(calls) < 6 || len(calls) > 12 {
		t.Errorf("%d calls for 41 texts of 120 KiB", len(calls))
	}
	for _, q := range calls {
		if strings.Contains(q.Text, "long ") && strings.Contains(q.Text, "word ") {
			t.Error("a long text shares its call")
		}
	}
}

func TestOnlyWhatIsAskedForIsTaken(t *testing.T) {
	a := newAnalyzer(t)
	a.does(func(w http.ResponseWriter, _ *http.Request, _ ask) {
		_, _ = w.Write([]byte(`[{"entity_type":"PERSON","start":0,"end":5,"score":0.9},{"entity_type":"LOCATION","start":9,"end":15,"score":1.0},{"entity_type":"PERSON","start":19,"end":22,"score":0.3}]`))
	})
	c := client(t, a.URL, func(o *config.Recogniser) { o.Entities = []string{"PERSON"} })
	texts := []string{"Alice in Berlin or Bob"}
	found, err := c.Find(context.Background(), texts)
	if got := marked(texts, found); err != nil || !reflect.DeepEqual(got, [][]string{{"PERSON:Alice"}}) {
		t.Errorf("%v, %v", got, err)
	}
	if q := a.calls()[0]; !reflect.DeepEqual(q.Entities, []string{"PERSON"}) {
		t.Errorf("asked for %v", q.Entities)
	}
}

func TestEntitiesThatOverlapOrGoOverTextsAreCut(t *testing.T) {
	a := newAnalyzer(t)
	a.does(func(w http.ResponseWriter, _ *http.Request, _ ask) {
		// "ab cd\n\nef gh": one entity over the separator, two that overlap, and an empty one.
		_, _ = w.Write([]byte(`[{"entity_type":"PERSON","start":3,"end":9,"score":1},{"entity_type":"LOCATION","start":0,"end":4,"score":1},{"entity_type":"PERSON","start":2,"end":2,"score":1}]`))
	})
	c := client(t, a.URL, nil)
	texts := []string{"ab cd", "ef gh"}
	found, err := c.Find(context.Background(), texts)
	if got := marked(texts, found); err != nil || !reflect.DeepEqual(got, [][]string{{"LOCATION:ab cd"}, {"PERSON:ef"}}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWhatIsNoAnswerIsAnError(t *testing.T) {
	body := func(status int, text string) func(http.ResponseWriter, *http.Request, ask) {
		return func(w http.ResponseWriter, _ *http.Request, _ ask) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request, ask)
		reason string
	}{
		{"an error of the server", body(500, `{"error":"Alice Miller"}`), "answer"},
		{"a refusal", body(422, `[]`), "answer"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request, _ ask) {
			http.Redirect(w, r, "http://127.0.0.1:1/analyze", http.StatusTemporaryRedirect)
		}, "answer"},
		{"no JSON", body(200, "Alice Miller"), "answer"},
		{"null", body(200, "null"), "answer"},
		{"an object", body(200, `{"start":1}`), "answer"},
		{"an entity without a place", body(200, `[{"entity_type":"PERSON","score":1}]`), "answer"},
		{"an entity without a type", body(200, `[{"start":0,"end":1,"score":1}]`), "answer"},
		{"an entity before the text", body(200, `[{"entity_type":"PERSON","start":-1,"end":1,"score":1}]`), "answer"},
		{"an entity behind the text", body(200, `[{"entity_type":"PERSON","start":0,"end":13,"score":1}]`), "answer"},
		{"an entity that ends before it starts", body(200, `[{"entity_type":"PERSON","start":3,"end":1,"score":1}]`), "answer"},
		{"an answer without end", func(w http.ResponseWriter, _ *http.Request, _ ask) {
			for range answerLimit/(64<<10) + 2 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, "answer"},
		{"a cut answer", func(w http.ResponseWriter, _ *http.Request, _ ask) {
			w.Header().Set("content-length", "100")
			_, _ = w.Write([]byte("["))
		}, "unreachable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAnalyzer(t)
			a.does(c.answer)
			_, err := client(t, a.URL, nil).Find(context.Background(), []string{"Alice Miller"})
			if err == nil || Reason(err) != c.reason || strings.Contains(err.Error(), "Alice") {
				t.Errorf("%v (%s), want %s", err, Reason(err), c.reason)
			}
		})
	}
}

func TestALateAnswerIsGivenUp(t *testing.T) {
	a := newAnalyzer(t)
	gone := make(chan struct{})
	a.does(func(_ http.ResponseWriter, r *http.Request, _ ask) {
		<-r.Context().Done()
		close(gone)
	})
	_, err := client(t, a.URL, func(o *config.Recogniser) { o.Timeout = 50 * time.Millisecond }).Find(context.Background(), []string{"Alice Miller"})
	if !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	<-gone
}

func TestTooMuchTextIsNotSent(t *testing.T) {
	a := newAnalyzer(t)
	_, err := client(t, a.URL, func(o *config.Recogniser) { o.MaxBytes = 20 }).Find(context.Background(), []string{"Alice Miller", "and Berlin"})
	if !errors.Is(err, ErrTooLong) || len(a.calls()) != 0 {
		t.Errorf("%v after %d calls", err, len(a.calls()))
	}
}

func TestNobodyIsAskedAboutNothing(t *testing.T) {
	a := newAnalyzer(t)
	if found, err := client(t, a.URL, nil).Find(context.Background(), []string{"", ""}); err != nil || len(found) != 2 || len(a.calls()) != 0 {
		t.Errorf("%v, %v after %d calls", found, err, len(a.calls()))
	}
}

func TestForbiddenAddressesAreNotDialled(t *testing.T) {
	for _, address := range []string{"http://169.254.169.254", "http://[fd00:ec2::254]", "http://8.8.8.8", "https://100.100.100.200"} {
		_, err := client(t, address, nil).Find(context.Background(), []string{"Alice Miller"})
		if err == nil || Reason(err) != "unreachable" || strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestFailuresInARowOpenTheBreaker(t *testing.T) {
	a := newAnalyzer(t)
	down := func(w http.ResponseWriter, _ *http.Request, _ ask) { w.WriteHeader(503) }
	a.does(down)
	c := client(t, a.URL, nil)
	now := time.Unix(1_800_000_000, 0)
	c.now = func() time.Time { return now }
	find := func() string {
		_, err := c.Find(context.Background(), []string{"Alice Miller"})
		return Reason(err)
	}
	for range breakAfter {
		if got := find(); got != "answer" {
			t.Fatalf("got %s", got)
		}
	}
	expect := func(after time.Duration, want string, calls int) {
		t.Helper()
		now = now.Add(after)
		before := len(a.calls())
		if got := find(); got != want || len(a.calls())-before != calls {
			t.Errorf("after %v: %s after %d calls, want %s after %d", after, got, len(a.calls())-before, want, calls)
		}
	}
	expect(0, "resting", 0)
	expect(firstRest-1, "resting", 0)
	expect(1, "answer", 1) // the probe fails, and the rest doubles
	expect(2*firstRest-1, "resting", 0)
	a.does(nil)
	expect(1, "ok", 1)
	expect(0, "ok", 1)
	a.does(down)
	for range breakAfter {
		expect(0, "answer", 1)
	}
	expect(0, "resting", 0)
}

func TestOneRequestProbesAtATime(t *testing.T) {
	var b breaker
	now := time.Unix(1_800_000_000, 0)
	for range breakAfter {
		b.note(false, false, now)
	}
	now = now.Add(firstRest)
	if ok, probe := b.allow(now); !ok || !probe {
		t.Error("nobody may probe")
	}
	if ok, _ := b.allow(now); ok {
		t.Error("two probe")
	}
	b.note(false, false, now) // a late failure of before is not the probe's
	if ok, _ := b.allow(now.Add(time.Hour)); ok {
		t.Error("another one's failure ends the probe")
	}
	b.note(true, true, now)
	if ok, probe := b.allow(now); !ok || probe {
		t.Error("a good probe does not close the breaker")
	}
}

func FuzzByteOffsets(f *testing.F) {
	f.Add("aé😀李", 1, 3)
	f.Add("\xff\xfe", 0, 2)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		at, ok := byteOffsets(text, []int{end, start})
		runes := []rune(text)
		if want := start <= len(runes) && end <= len(runes); ok != want {
			t.Fatalf("ok is %v", ok)
		}
		if ok && start >= 0 && end >= start && strings.ToValidUTF8(text, "") == text && text[at[1]:at[0]] != string(runes[start:end]) {
			t.Fatalf("%q is not %q", text[at[1]:at[0]], string(runes[start:end]))
		}
	})
}
