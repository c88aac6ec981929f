package telemetry

import (
	"regexp"
	"testing"
)

func TestTraceparentByTheSpecification(t *testing.T) {
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for _, c := range []struct {
		name, header, want string // want: as sent on with the same span; empty: ignored
	}{
		{"a sampled request", "00-" + id + "-" + span + "-01", "00-" + id + "-" + span + "-01"},
		{"an unsampled request", "00-" + id + "-" + span + "-00", "00-" + id + "-" + span + "-00"},
		{"the random flag of level 2 is kept", "00-" + id + "-" + span + "-03", "00-" + id + "-" + span + "-03"},
		{"unknown flags are sent on as zero", "00-" + id + "-" + span + "-ff", "00-" + id + "-" + span + "-03"},
		{"a future version is read as 00", "cc-" + id + "-" + span + "-01", "00-" + id + "-" + span + "-01"},
		{"a future version with more fields", "cc-" + id + "-" + span + "-01-what-the-future-holds", "00-" + id + "-" + span + "-01"},
		{"a future version with a bare dash", "cc-" + id + "-" + span + "-01-", "00-" + id + "-" + span + "-01"},
		{"a future version without the dash", "cc-" + id + "-" + span + "-01.what-the-future-holds", ""},
		{"a future version that is too short", "cc-" + id + "-" + span + "-0", ""},
		{"version ff is forbidden", "ff-" + id + "-" + span + "-01", ""},
		{"version 00 with more fields", "00-" + id + "-" + span + "-01-what-the-future-holds", ""},
		{"version 00 with a trailing dash", "00-" + id + "-" + span + "-01-", ""},
		{"an all-zero trace id", "00-00000000000000000000000000000000-" + span + "-01", ""},
		{"an all-zero parent id", "00-" + id + "-0000000000000000-01", ""},
		{"upper-case trace id", "00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01", ""},
		{"upper-case parent id", "00-" + id + "-B7AD6B7169203331-01", ""},
		{"upper-case version", "CC-" + id + "-" + span + "-01", ""},
		{"upper-case flags", "00-" + id + "-" + span + "-0A", ""},
		{"illegal digit in the version", ".0-" + id + "-" + span + "-01", ""},
		{"illegal digit in the trace id", "00-.af7651916cd43dd8448eb211c80319c-" + span + "-01", ""},
		{"illegal digit in the parent id", "00-" + id + "-.7ad6b7169203331-01", ""},
		{"illegal digit in the flags", "00-" + id + "-" + span + "-.0", ""},
		{"a trace id that is too long", "00-" + id + "0-" + span + "-01", ""},
		{"a trace id that is too short", "00-" + id[1:] + "-" + span + "-01", ""},
		{"a parent id that is too long", "00-" + id + "-" + span + "0-01", ""},
		{"a parent id that is too short", "00-" + id + "-" + span[1:] + "-01", ""},
		{"flags that are too long", "00-" + id + "-" + span + "-001", ""},
		{"flags that are too short", "00-" + id + "-" + span + "-1", ""},
		{"a wrong delimiter", "00_" + id + "_" + span + "_01", ""},
		{"space around it", " 00-" + id + "-" + span + "-01", ""},
		{"two joined by a comma", "00-" + id + "-" + span + "-01,00-" + id + "-" + span + "-01", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := ParseTrace([]byte(c.header))
			if ok != (c.want != "") {
				t.Fatalf("accepted: %v, want %v", ok, !ok)
			}
			if !ok {
				if got != (Trace{}) {
					t.Errorf("an ignored header left %+v behind", got)
				}
				return
			}
			if s := string(got.AppendTraceparent(nil)); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func TestAChildKeepsTheTraceAndGetsASpanOfItsOwn(t *testing.T) {
	parent := NewTrace()
	child := parent.Child()
	if child.ID != parent.ID || child.Flags != parent.Flags || child.Span == parent.Span || child.Span == [8]byte{} {
		t.Errorf("child %+v of parent %+v", child, parent)
	}
	if NewTrace().ID == parent.ID {
		t.Error("two new traces have the same id")
	}
	if s := string(parent.AppendTraceparent(nil)); !regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-01$`).MatchString(s) {
		t.Errorf("new trace %q is not a sampled version 00", s)
	}
}

func TestTracesAllocateNothing(t *testing.T) {
	header, dst := []byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		trace, ok := ParseTrace(header)
		if !ok {
			trace = NewTrace()
		}
		dst = trace.Child().AppendTraceparent(dst[:0])
		dst = NewTrace().AppendTraceparent(dst[:0])
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzParseTrace(f *testing.F) {
	f.Add([]byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
	f.Add([]byte("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"))
	f.Add([]byte("00-00000000000000000000000000000000-0000000000000000-00"))
	grammar := regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?s:(-.*))?$`)
	zero := regexp.MustCompile(`^0+$`)
	f.Fuzz(func(t *testing.T, header []byte) {
		parts := grammar.FindSubmatch(header)
		want := parts != nil && string(parts[1]) != "ff" && !zero.Match(parts[2]) && !zero.Match(parts[3]) &&
			(string(parts[1]) != "00" || len(header) == traceparentLen)
		trace, ok := ParseTrace(header)
		if ok != want {
			t.Fatalf("%q accepted: %v, the grammar says %v", header, ok, want)
		}
		if !ok {
			return
		}
		again, ok := ParseTrace(trace.AppendTraceparent(nil))
		if !ok || again != trace {
			t.Fatalf("%q is read as %+v and then as %+v", header, trace, again)
		}
	})
}

func BenchmarkTrace(b *testing.B) {
	header, dst := []byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		trace, _ := ParseTrace(header)
		dst = trace.Child().AppendTraceparent(dst[:0])
	}
}
