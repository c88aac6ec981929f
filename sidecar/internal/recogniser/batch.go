package recogniser

import (
	"slices"
	"strings"

	"github.com/soukproxy/souk/redact"
)

// separator parts the texts of a batch: two line ends, behind which no recogniser goes on with a name.
const separator = "\n\n"

// batch is the text of one call, made of some texts.
type batch struct {
	text  string
	parts []part
}

// part is where a text stands in its batch.
type part struct {
	index      int // of the text
	start, end int // in bytes
}

// pack joins texts into batches, in order. A long text has a batch of its own. total is the length of all texts in bytes.
func pack(texts []string) (batches []batch, total int64) {
	var b strings.Builder
	var parts []part
	flush := func() {
		if len(parts) > 0 {
			batches = append(batches, batch{text: b.String(), parts: parts})
			parts = nil
			b.Reset()
		}
	}
	for i, text := range texts {
		if text == "" {
			continue
		}
		total += int64(len(text))
		if b.Len() > 0 && b.Len()+len(separator)+len(text) > batchBytes {
			flush()
		}
		if b.Len() > 0 {
			b.WriteString(separator)
		}
		start := b.Len()
		b.WriteString(text)
		parts = append(parts, part{index: i, start: start, end: b.Len()})
	}
	flush()
	return batches, total
}

// share hands the findings of a batch, in its bytes, to the texts that they are in. What goes over a separator is cut there. Findings
// of one text that overlap become one.
func (b *batch) share(all []redact.Finding, found [][]redact.Finding) {
	slices.SortFunc(all, func(a, b redact.Finding) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	for _, p := range b.parts {
		for _, f := range all {
			if f.Start >= p.end {
				break
			}
			f.Start, f.End = max(f.Start, p.start)-p.start, min(f.End, p.end)-p.start
			if f.End <= f.Start {
				continue
			}
			own := found[p.index]
			if n := len(own); n > 0 && own[n-1].End > f.Start {
				own[n-1].End = max(own[n-1].End, f.End)
				continue
			}
			found[p.index] = append(own, f)
		}
	}
}
