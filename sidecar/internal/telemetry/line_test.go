package telemetry

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// alias is a string that shares b's memory, as those of a request do.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// encode is the line of one record, by way of a batch.
func encode(r *Record) []byte {
	var b batch
	b.add(r, 1)
	return appendLine(nil, &b.entries[0], &remains{text: b.text, attempts: b.attempts})
}

// slogLine is the line that log/slog writes of the same record.
func slogLine(t testing.TB, r *Record) []byte {
	t.Helper()
	var attrs []slog.Attr
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	number := func(key string, value any) { attrs = append(attrs, slog.Any(key, value)) }
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

	text("request_id", r.RequestID)
	if r.TraceID != [16]byte{} {
		text("trace_id", hex.EncodeToString(r.TraceID[:]))
	}
	text("op", r.Op)
	text("caller", r.Caller)
	text("via", r.Via)
	text("credential", r.Credential)
	text("remote", r.Remote)
	text("asked_model", r.AskedModel)
	text("model", r.Model)
	text("provider", r.Provider)
	text("offer", r.Offer)
	number("status", r.Status)
	text("error_type", r.ErrorType)
	text("error_code", r.ErrorCode)
	text("redacted", r.Redacted)
	number("stream", r.Stream)
	if r.Simulated {
		number("simulated", true)
	}
	if r.Unasked {
		text("recogniser", "failed")
	}
	number("duration_ms", ms(r.Duration))
	if r.FirstToken > 0 {
		number("first_token_ms", ms(r.FirstToken))
	}
	number("overhead_ms", ms(r.Overhead))
	if r.InputTokens > 0 || r.OutputTokens > 0 {
		number("input_tokens", r.InputTokens)
		number("output_tokens", r.OutputTokens)
		if r.TokensEstimated {
			number("tokens_estimated", true)
		}
	}
	if r.CostKnown {
		number("cost_usd", r.Cost)
	}
	number("bytes_in", r.BytesIn)
	number("bytes_out", r.BytesOut)
	type tried struct {
		Offer  string  `json:"offer"`
		Status int     `json:"status"`
		Reason string  `json:"reason,omitempty"`
		MS     float64 `json:"ms"`
	}
	list := []tried{}
	for _, a := range r.Attempts() {
		list = append(list, tried{a.Offer, a.Status, a.Reason, ms(a.Duration)})
	}
	number("attempts", list)
	if r.tried > MaxAttempts {
		number("attempts_omitted", r.tried-MaxAttempts)
	}

	level := slog.LevelInfo
	if r.Status >= 500 {
		level = slog.LevelWarn
	}
	var out bytes.Buffer
	rec := slog.NewRecord(r.Start, level, "request", 0)
	rec.AddAttrs(attrs...)
	if err := slog.NewJSONHandler(&out, nil).Handle(context.Background(), rec); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestALineIsWhatSlogWouldWrite(t *testing.T) {
	many := &Record{Facts: Facts{Status: 502, Start: time.Unix(1, 0)}}
	for range MaxAttempts + 3 {
		many.AddAttempt(fault.Attempt{Offer: "o", Status: 500, Reason: "status", Duration: 1500 * time.Microsecond})
	}
	simulated := sampleRecord()
	simulated.Simulated, simulated.TokensEstimated, simulated.Unasked = true, true, true
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 5400))
	for name, r := range map[string]*Record{
		"a full record":                   sampleRecord(),
		"a simulated answer":              simulated,
		"nothing but a time":              {Facts: Facts{Start: start}},
		"more attempts than are listed":   many,
		"a free answer has a cost of 0":   {Facts: Facts{Start: start, CostKnown: true, OutputTokens: 1}},
		"an error":                        {Facts: Facts{Start: start, Status: 401}, ErrorType: fault.TypeAuth, ErrorCode: "missing_api_key"},
		"text that must be escaped":       {Facts: Facts{Start: start}, AskedModel: "a\"\\/\b\f\n\r\t\x00\x1f\x7f<&>é世\u2028\u2029\ufffd\xff\xc3"},
		"sub-microsecond times":           {Facts: Facts{Start: start, Duration: 999, Overhead: 1001}},
		"times with and without decimals": {Facts: Facts{Start: start, Duration: 10 * time.Millisecond, Overhead: 10 * time.Microsecond, FirstToken: 100100 * time.Microsecond}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := string(encode(r)), string(slogLine(t, r)); got != want {
				t.Errorf("got  %swant %s", got, want)
			}
		})
	}
}

func FuzzALineIsWhatSlogWouldWrite(f *testing.F) {
	f.Add("llama", "refused", int64(1500), 200, int64(420_000))
	f.Add("a\"\\\n\u2028\xff", "é\xe4\xb8", int64(0), 599, int64(1))
	f.Fuzz(func(t *testing.T, model, reason string, us int64, status int, cost int64) {
		// A batch cuts long strings; and within an attempt it is encoding/json that escapes, otherwise than slog.
		if len(model) > maxText || len(reason) > maxText || us < 0 || us > 1e12 || reason != strings.ToValidUTF8(reason, "") || strings.ContainsAny(reason, "\b\f") {
			t.Skip()
		}
		r := &Record{AskedModel: model, Facts: Facts{
			Start: time.Unix(0, us), Duration: time.Duration(us) * time.Microsecond,
			Status: status, Cost: money.Nano(cost), CostKnown: true,
		}}
		r.AddAttempt(fault.Attempt{Reason: reason})
		if got, want := string(encode(r)), string(slogLine(t, r)); got != want {
			t.Errorf("got  %swant %s", got, want)
		}
	})
}

func TestLongTextIsCutAtARuneAndLeavesItsNeighboursAlone(t *testing.T) {
	r := &Record{AskedModel: strings.Repeat("世", 200), Model: "m", ErrorCode: "e"}
	r.AddAttempt(fault.Attempt{Offer: strings.Repeat("o", 300), Reason: "refused"})
	var got struct {
		Asked    string `json:"asked_model"`
		Model    string
		Code     string `json:"error_code"`
		Attempts []struct{ Offer, Reason string }
	}
	if err := json.Unmarshal(encode(r), &got); err != nil {
		t.Fatal(err)
	}
	if got.Asked != strings.Repeat("世", maxText/3) || got.Model != "m" || got.Code != "e" ||
		len(got.Attempts[0].Offer) != maxText || got.Attempts[0].Reason != "refused" {
		t.Errorf("got %+v", got)
	}
}

func TestARecordHasNoFieldThatAPromptOrASecretFits(t *testing.T) {
	// A reminder for whoever adds a field: each of these was looked at.
	known := "Facts RequestID Op Caller Via Credential Remote AskedModel Model Provider Offer ErrorType ErrorCode Redacted attempts tried " +
		"Start Duration FirstToken Overhead Status Stream Simulated Unasked InputTokens OutputTokens TokensEstimated Cost CostKnown BytesIn BytesOut TraceID"
	for _, typ := range []reflect.Type{reflect.TypeFor[Record](), reflect.TypeFor[Facts]()} {
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !strings.Contains(" "+known+" ", " "+name+" ") {
				t.Errorf("%s.%s is new: make sure that it cannot hold a prompt, an answer or a key, then list it here", typ, name)
			}
		}
	}
}
