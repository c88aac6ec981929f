package main

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// record is what the soak reads of a line of the access log.
type record struct {
	TraceID  string `json:"trace_id"`
	Msg      string
	Status   int
	Overhead float64 `json:"overhead_ms"`
	Attempts []attempt
	Omitted  int          `json:"attempts_omitted"`
	Cost     *json.Number `json:"cost_usd"`
}

// verdict is what is kept of a judged answer until its line in the access log has come.
type verdict struct {
	started time.Time
	ended   time.Time
	fault   *card
	targets []string
	form    form
	model   string
	number  uint64
	status  int
	outcome outcome
	excess  time.Duration
	timed   bool
	cost    string // of a whole answer; empty: not known
}

// books match each answer with its line in the access log and count both.
type books struct {
	report func(kind, format string, args ...any)

	mu       sync.Mutex
	verdicts map[string]verdict
	records  map[string]record
	rows     map[rowKey]*row
	attempts int64 // in the access log
	lines    int64
	storm    *storm // whose requests and attempts are counted; nil: none yet
}

type rowKey struct {
	name string // "none" without a fault
	form form
}

// row counts the requests of one kind and form.
type row struct {
	requests  int
	struck    int // attempts that the fault befell
	failovers int
	hedges    int
	outcomes  map[outcome]int
	told      bool
	excess    []float64 // ms, of complete answers that met nothing but the fault
}

func newBooks(report func(kind, format string, args ...any)) *books {
	return &books{report: report, verdicts: map[string]verdict{}, records: map[string]record{}, rows: map[rowKey]*row{}}
}

// judged enters an answer.
func (b *books) judged(trace string, v verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.records[trace]; ok {
		delete(b.records, trace)
		b.enter(v, r)
		return
	}
	b.verdicts[trace] = v
}

// line enters a line of the access log.
func (b *books) line(text []byte) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil || r.TraceID == "" {
		b.report(aLog, "this is no line of an access log: %q", clip(string(text)))
		return
	}
	if strings.Contains(string(text), keyMark) {
		b.report(aKey, "the access log shows a key")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines++
	b.attempts += int64(len(r.Attempts) + r.Omitted)
	if v, ok := b.verdicts[r.TraceID]; ok {
		delete(b.verdicts, r.TraceID)
		b.enter(v, r)
		return
	}
	b.records[r.TraceID] = r
}

// enter counts an answer and its line.
func (b *books) enter(v verdict, r record) {
	row := b.row(v)
	row.requests++
	row.outcomes[v.outcome]++
	if v.timed && v.metOnlyItsFault(r) {
		row.excess = append(row.excess, float64(v.excess.Microseconds())/1000)
	}
	b.weigh(v, r)
	others := 0
	for _, t := range r.Attempts {
		provider, _, _ := strings.Cut(t.Offer, "/")
		hit := slices.Contains(v.targets, provider)
		switch {
		case t.Reason == "hedged":
			row.hedges++
			continue
		case hit && (v.fault.kind == "refuse" || t.Reason != "refused") && t.Reason != "connect_timeout" && t.Reason != "cancelled":
			row.struck++
		}
		others++
		if t.Reason == "key_refused" && !(hit && v.fault.bars) {
			b.report(aKey, "request %d: %s refused the key that it was sent", v.number+1, t.Offer)
		}
	}
	row.failovers += max(others-1, 0)
	if v.outcome != left && r.Status != v.status {
		b.report(aLog, "request %d: the access log says %d, the caller got %d", v.number+1, r.Status, v.status)
	}
	if v.cost != "" && len(r.Attempts) == 1 && (r.Cost == nil || r.Cost.String() != v.cost) {
		b.report(aBill, "request %d: the access log's cost is not the %s of the answer", v.number+1, v.cost)
	}
}

// metOnlyItsFault tells that each attempt but the last failed for the fault that was made for this request: one that met a flapping
// provider as well says nothing of the fault.
func (v *verdict) metOnlyItsFault(r record) bool {
	for _, t := range r.Attempts[:max(len(r.Attempts)-1, 0)] {
		if provider, _, _ := strings.Cut(t.Offer, "/"); !slices.Contains(v.targets, provider) {
			return false
		}
	}
	return r.Omitted == 0
}

// watch counts from now on the requests that meet an outage.
func (b *books) watch(st *storm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.storm = st
}

// weigh counts a request that met the outage: it was sent during it, or ran when it began.
func (b *books) weigh(v verdict, r record) {
	st := b.storm
	if st == nil || v.ended.Before(st.from) || !st.to.IsZero() && v.started.After(st.to) {
		return
	}
	st.Requests++
	if v.started.After(st.from) {
		st.Sent++
	}
	// The first attempt is the request itself; of the others those count that began since the outage did.
	st.Attempts += 1 + int64(r.Omitted)
	at := v.started
	for i, t := range r.Attempts {
		if i > 0 && !at.Before(st.from) && (st.to.IsZero() || at.Before(st.to)) {
			st.Attempts++
		}
		at = at.Add(time.Duration(t.MS * float64(time.Millisecond)))
	}
}

func (b *books) row(v verdict) *row {
	key, told := rowKey{"none", v.form}, false
	if v.fault != nil {
		key.name, told = v.fault.row, v.fault.told
	}
	if b.rows[key] == nil {
		b.rows[key] = &row{told: told, outcomes: map[outcome]int{}}
	}
	return b.rows[key]
}

// unmatched counts answers without a line, and lines without an answer. An answer that its caller left, or never
// saw the beginning of, may have none: souk need not have read the request.
func (b *books) unmatched() (answers, lines int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.verdicts {
		if v.outcome != left {
			answers++
		}
	}
	return answers, len(b.records)
}

// settle counts the answers that have no line, so that none is missing from the table.
func (b *books) settle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for trace, v := range b.verdicts {
		row := b.row(v)
		row.requests++
		row.outcomes[v.outcome]++
		delete(b.verdicts, trace)
	}
}
