package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/soukproxy/souk/redact"
)

const (
	// redactBlock is how much text is looked at in one go.
	redactBlock = 4 << 20
	// redactAhead is how much text must follow a cut: more than the longest value (a private key's block).
	redactAhead = 96 << 10
	// redactBehind is how much text before a cut is looked at again, for the labels in it.
	redactBehind = 512
)

// redactSink takes a text in order: what stays, and what was found.
type redactSink interface {
	text(kept []byte) error
	found(at int64, value []byte, t redact.Type) error
}

// redactStream finds in a stream of any length in bounded memory. Blocks overlap, and a cut never goes through a value,
// so that what stands at a block's border is found as it is anywhere else.
func redactStream(finder *redact.Finder, in io.Reader, sink redactSink, p *progress) error {
	buf := make([]byte, 0, redactBlock+redactAhead+redactBehind)
	done := 0        // bytes at the start of buf that have been handed on
	base := int64(0) // offset of buf in the stream
	var all []redact.Finding
	for {
		n, err := io.ReadFull(in, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return fmt.Errorf("standard input: %w", err)
		}
		all = finder.Find(all[:0], buf)
		cut := len(buf)
		if !last {
			cut = redactCut(buf, done, all)
		}
		at, found := done, 0
		for _, f := range all {
			if f.Start < done || f.End > cut {
				continue
			}
			if err := sink.text(buf[at:f.Start]); err != nil {
				return err
			}
			if err := sink.found(base+int64(f.Start), buf[f.Start:f.End], f.Type); err != nil {
				return err
			}
			at = f.End
			found++
		}
		if err := sink.text(buf[at:cut]); err != nil {
			return err
		}
		p.add(n, found)
		if last {
			return nil
		}
		keep := max(0, cut-redactBehind)
		for keep > 0 && !utf8.RuneStart(buf[keep]) {
			keep--
		}
		done = cut - keep
		base += int64(keep)
		buf = buf[:copy(buf, buf[keep:])]
	}
}

// redactCut is where a block can be cut: at a line's end or else at white space, well before the block's end, and in no
// value.
func redactCut(buf []byte, done int, all []redact.Finding) int {
	limit := len(buf) - redactAhead
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Start < limit && all[i].End > limit {
			limit = all[i].Start
		}
	}
	cut := limit
	space := -1
	for i := limit; i > max(done, limit-1<<16); i-- {
		if c := buf[i-1]; c == '\n' {
			space = i
			break
		} else if space < 0 && (c == ' ' || c == '\t') {
			space = i
		}
	}
	if space > 0 {
		cut = space
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Start < cut && all[i].End > cut {
			cut = all[i].Start
		}
	}
	for cut > done && !utf8.RuneStart(buf[cut]) {
		cut--
	}
	return max(cut, done)
}

// maskedText writes the text with placeholders. A value has one number throughout as long as fewer than maxNumbered
// have been seen; from then on only those keep theirs.
type maskedText struct {
	out    *bufio.Writer
	number map[string]int
	next   [256]int // by type
	spare  []byte
}

const maxNumbered = 1 << 20

func (m *maskedText) text(kept []byte) error {
	_, err := m.out.Write(kept)
	return err
}

func (m *maskedText) found(_ int64, value []byte, t redact.Type) error {
	n, ok := m.number[string(value)]
	if !ok {
		m.next[t]++
		n = m.next[t]
		if m.number == nil {
			m.number = make(map[string]int)
		}
		if len(m.number) < maxNumbered && len(value) <= 256 {
			m.number[string(value)] = n
		}
	}
	m.spare = append(append(append(m.spare[:0], '<'), t.String()...), '_')
	m.spare = append(strconv.AppendInt(m.spare, int64(n), 10), '>')
	_, err := m.out.Write(m.spare)
	return err
}

// findingLines writes where values are and never the values.
type findingLines struct{ out *bufio.Writer }

func (f *findingLines) text([]byte) error { return nil }

func (f *findingLines) found(at int64, value []byte, t redact.Type) error {
	line, err := json.Marshal(span{at, at + int64(len(value)), t.String()})
	if err != nil {
		return err
	}
	_, err = f.out.Write(append(line, '\n'))
	return err
}

// progress is a line on a terminal that says how far a pipeline has come.
type progress struct {
	out    io.Writer // nil: no terminal
	from   time.Time
	shown  time.Time
	bytes  int64
	values int64
}

// terminal says whether a person reads what is written to w.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func newProgress(out io.Writer) *progress {
	p := &progress{from: time.Now()}
	if terminal(out) {
		p.out = out
		p.shown = p.from
	}
	return p
}

func (p *progress) add(bytes, values int) {
	p.bytes += int64(bytes)
	p.values += int64(values)
	if p.out == nil {
		return
	}
	if now := time.Now(); now.Sub(p.shown) >= 500*time.Millisecond {
		p.shown = now
		p.show()
	}
}

func (p *progress) show() {
	rate := float64(p.bytes) / max(time.Since(p.from).Seconds(), 0.001) / 1e6
	fmt.Fprintf(p.out, "\r%.1f MB read, %d values masked, %.0f MB/s ", float64(p.bytes)/1e6, p.values, rate)
}

// end leaves the last state on the terminal when the work took long enough to show any.
func (p *progress) end() {
	if p.out != nil && p.shown != p.from {
		p.show()
		fmt.Fprintln(p.out)
	}
}
