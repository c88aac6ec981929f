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
)

// redactSink takes a text in order: what stays, and what was found.
type redactSink interface {
	text(kept []byte) error
	found(at int64, value []byte, t redact.Type) error
}

// redactChunk is a block of a stream with what stands around it.
type redactChunk struct {
	buf       []byte
	base      int64 // offset of buf in the stream
	from, cut int   // the block is buf[from:cut]
	ahead     int   // buf[:ahead] is to be looked at
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
		return nil
	})
}

// cutBlocks reads a stream and emits it in blocks.
func cutBlocks(in io.Reader, emit func(func(*redactChunk)) bool) error {
	buf := make([]byte, 0, redactBehind+redactBlock+redactFar)
	from, base := 0, int64(0)
	for {
		n, err := io.ReadFull(in, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return fmt.Errorf("standard input: %w", err)
		}
		cut, ahead := len(buf), len(buf)
		if !last {
			cut, ahead = redactCut(buf, from)
		}
		if !emit(func(c *redactChunk) {
			c.buf = append(c.buf[:0], buf...)
			c.base, c.from, c.cut, c.ahead = base, from, cut, ahead
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
