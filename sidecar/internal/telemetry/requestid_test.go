package telemetry

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestRequestIDsAreUniqueAndSortByTime(t *testing.T) {
	shape := regexp.MustCompile(`^req_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	seen := map[string]bool{}
	var ids []string
	for i := range 20_000 {
		id := string(AppendRequestID(nil, at.Add(time.Duration(i/100)*time.Millisecond)))
		if !shape.MatchString(id) || len(id) != RequestIDLen || seen[id] {
			t.Fatalf("%q is malformed or not unique", id)
		}
		seen[id] = true
		if i%100 == 0 {
			ids = append(ids, id)
		}
	}
	if !slices.IsSorted(ids) {
		t.Error("ids of later milliseconds do not sort after earlier ones")
	}
}

func TestARequestIDHoldsItsTime(t *testing.T) {
	// The first ten characters of the ULID specification's example, 01ARYZ6S41..., stand for this millisecond.
	got := string(AppendRequestID(nil, time.UnixMilli(1469918176385)))
	if got[4:14] != "01aryz6s41" {
		t.Errorf("got %s, want the time 01aryz6s41", got)
	}
}

func TestARequestIDAllocatesNothing(t *testing.T) {
	dst, now := make([]byte, 0, RequestIDLen), time.Now()
	if n := testing.AllocsPerRun(100, func() { dst = AppendRequestID(dst[:0], now) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAppendRequestID(b *testing.B) {
	dst, now := make([]byte, 0, RequestIDLen), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendRequestID(dst[:0], now)
	}
}
