package main

import (
	"bufio"
	"bytes"
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
	// redactBlock is how much text one worker looks at in one go.
	redactBlock = 1 << 20
	// redactFar is how much text behind a block can belong to a value that begins in it: more than a private key's block has.
	redactFar = 96 << 10
	// redactNear is how much of that is looked at where no value goes on over line ends.
	redactNear = 4 << 10
	// redactBehind is how much text before a block is looked at again, for the labels in it.
	redactBehind = 512
	// redactBurst is a read behind which more text is coming: as much as a pipe holds, so that its writer waited.
	redactBurst = 64 << 10
)

// redactSink takes a text in order: what stays, and what was found. flush is for when the input pauses.
type redactSink interface {
	text(kept []byte) error
	found(at int64, value []byte, t redact.Type) error
	flush() error
}

// redactChunk is a block of a stream with what stands around it.
type redactChunk struct {
	buf       []byte
	base      int64 // offset of buf in the stream
	from, cut int   // the block is buf[from:cut]
	ahead     int   // buf[:ahead] is to be looked at
	paused    bool  // nothing more has come
	found     []redact.Finding
}

// redactStream finds in a stream of any length in bounded memory, blocks in parallel. What is found does not depend on the
// number of workers: blocks are cut by their text alone, and what stands around a cut is looked at from both sides.
func redactStream(finder *redact.Finder, workers int, in io.Reader, sink redactSink, p *progress) error {
	at := int64(0) // all before has been handed on
	return inOrder(workers, func(emit func(func(*redactChunk)) bool) error {
		return cutBlocks(in, emit)
	}, func(c *redactChunk) {
		c.found = finder.Find(c.found[:0], c.buf[:c.ahead])
	}, func(c *redactChunk) error {
		values := 0
		for _, f := range c.found {
			start, end := c.base+int64(f.Start), c.base+int64(f.End)
			// What begins behind the cut is the next block's, and what overlaps a value that began before it is a part of that.
			if f.Start < c.from || f.Start >= c.cut || start < at {
				continue
			}
			if err := sink.text(c.buf[at-c.base : f.Start]); err != nil {
				return err
			}
			if err := sink.found(start, c.buf[f.Start:f.End], f.Type); err != nil {
				return err
			}
			at = end
			values++
		}
		if end := c.base + int64(c.cut); at < end {
			if err := sink.text(c.buf[at-c.base : c.cut]); err != nil {
				return err
			}
			at = end
		}
		p.add(c.cut-c.from, values)
		if c.paused {
			return sink.flush()
		}
		return nil
	})
}

// cutBlocks reads a stream and emits it in blocks: of redactBlock where that much comes, else whole lines as they come.
func cutBlocks(in io.Reader, emit func(func(*redactChunk)) bool) error {
	buf := make([]byte, 0, redactBehind+redactBlock+redactFar)
	from, base := 0, int64(0)
	held := false // whole lines have come that were not emitted
	for empty := 0; ; {
		n, err := in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := err == io.EOF
		if err != nil && !last {
			return fmt.Errorf("standard input: %w", err)
		}
		if empty++; n > 0 {
			empty = 0
		} else if empty > 100 && !last {
			return fmt.Errorf("standard input: %w", io.ErrNoProgress)
		}
		cut, ahead := len(buf), len(buf)
		full := len(buf) == cap(buf)
		switch {
		case last:
		case full:
			cut, ahead = redactCut(buf, from)
		default:
			held = held || bytes.IndexByte(buf[len(buf)-n:], '\n') >= 0
			if !held || n >= redactBurst {
				continue
			}
			held = false
			if cut = redactPause(buf, from); cut == from {
				continue
			}
		}
		if !emit(func(c *redactChunk) {
			c.buf = append(c.buf[:0], buf...)
			c.base, c.from, c.cut, c.ahead, c.paused = base, from, cut, ahead, !full
		}) || last {
			return nil
		}
		keep := max(0, cut-redactBehind)
		for keep > 0 && !utf8.RuneStart(buf[keep]) {
			keep--
		}
		from = cut - keep
		base += int64(keep)
		buf = buf[:copy(buf, buf[keep:])]
	}
}

// redactCut is where a full buffer whose block begins at from can be cut: at a line's end, or else at white space or any
// character; and how much of it must be looked at, so that a value that goes on behind the cut is seen as a whole.
func redactCut(buf []byte, from int) (cut, ahead int) {
	limit := len(buf) - redactFar
	if i := bytes.LastIndexByte(buf[from:limit], '\n'); i >= 0 {
		cut = from + i + 1
		if !openBlock(buf[:cut+redactNear]) {
			if i := bytes.LastIndexByte(buf[cut:cut+redactNear], '\n'); i >= redactBehind {
				return cut, cut + i + 1
			}
		}
		return cut, len(buf)
	}
	// A line without end is cut where it may hurt least.
	const far = 1 << 16
	cut = limit
	if i := bytes.LastIndexAny(buf[max(from, limit-far):limit], " \t"); i >= 0 {
		cut = max(from, limit-far) + i + 1
	}
	for cut > from+1 && !utf8.RuneStart(buf[cut]) {
		cut--
	}
	return cut, len(buf)
}

// redactPause is where a buffer that is not full can be cut: behind its last whole line, or before a private key whose end has not
// come.
func redactPause(buf []byte, from int) int {
	cut := from + bytes.LastIndexByte(buf[from:], '\n') + 1
	if i := bytes.LastIndex(buf[from:cut], []byte("-----BEGIN ")); i >= 0 && cut-from-i < redactFar && openKey(buf[from+i:cut]) {
		return from + bytes.LastIndexByte(buf[from:from+i], '\n') + 1
	}
	return cut
}

// openKey says whether the text, which begins with "-----BEGIN", is a private key without an end.
func openKey(text []byte) bool {
	const title = 64
	return bytes.Contains(text[:min(title, len(text))], []byte("PRIVATE KEY")) && !bytes.Contains(text, []byte("-----END"))
}

// openBlock says whether the text ends in a block of PEM that began in it: the only value that goes on over line ends.
func openBlock(text []byte) bool {
	text = text[max(0, len(text)-redactFar):]
	i := bytes.LastIndex(text, []byte("-----BEGIN"))
	return i >= 0 && !bytes.Contains(text[i:], []byte("-----END"))
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

func (m *maskedText) flush() error { return m.out.Flush() }

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

func (f *findingLines) flush() error { return f.out.Flush() }

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
