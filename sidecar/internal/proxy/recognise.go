package proxy

import (
	"context"
	"errors"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/recogniser"
)

// recognised is the masker for a request: one that knows what the external recogniser finds in it, if there is one. All texts of the
// body are asked about at once, before any is masked.
func (x *exchange) recognised(g *Guard) (*redact.Masker, *fault.Error) {
	if g.recogniser == nil {
		return g.masker, nil
	}
	texts := gathered{index: map[string]int{}}
	if _, err := redact.DetectJSON(nil, &texts, x.body); err != nil {
		return nil, refusal(err)
	}
	found, err := g.recogniser.Find(context.Background(), texts.all)
	x.h.metrics.Recognised(recogniser.Reason(err))
	switch {
	case err == nil:
		return g.masker.With(known{texts.index, found}), nil
	case g.open:
		x.record.Unasked = true
		return g.masker, nil
	case errors.Is(err, recogniser.ErrTooLong):
		return nil, fault.New(413, fault.TypeInvalid, "recogniser_limit",
			"the request has more text than redact.recogniser.max_bytes lets redaction's recogniser look at, so it was not sent; send less at a time")
	}
	return nil, fault.New(503, fault.TypeUnavailable, "recogniser_unavailable",
		"redaction's recogniser at %s %s, so the request was not sent", g.recogniser.Name(), unhelpful(err))
}

// unhelpful says what a recogniser did instead of answering. It names no address that a name led to.
func unhelpful(err error) string {
	for _, kind := range []error{recogniser.ErrTimeout, recogniser.ErrResting, recogniser.ErrAnswer} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return "cannot be reached"
}

// gathered is a Detector that finds nothing and keeps each text once.
type gathered struct {
	all   []string
	index map[string]int
}

// Detect implements redact.Detector.
func (g *gathered) Detect(dst []redact.Finding, _ string, text []byte) ([]redact.Finding, error) {
	if _, ok := g.index[string(text)]; ok || !hasWord(text) {
		return dst, nil
	}
	g.index[string(text)] = len(g.all)
	g.all = append(g.all, string(text))
	return dst, nil
}

// hasWord says whether two letters stand side by side: numbers and marks are nobody's name.
func hasWord(text []byte) bool {
	run := 0
	for _, c := range text {
		if c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' {
			if run++; run == 2 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// known is a Detector that gives what was found in gathered texts.
type known struct {
	index map[string]int
	found [][]redact.Finding
}

// Detect implements redact.Detector.
func (k known) Detect(dst []redact.Finding, _ string, text []byte) ([]redact.Finding, error) {
	if i, ok := k.index[string(text)]; ok {
		dst = append(dst, k.found[i]...)
	}
	return dst, nil
}
