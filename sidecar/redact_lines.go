package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/soukproxy/souk/redact"
)

// span is a finding on the wire.
type span struct {
	Start int64  `json:"start"`
	End   int64  `json:"end"`
	Type  string `json:"type"`
}

const (
	// maxLine bounds a line of --jsonl.
	maxLine = 256 << 20
	// linesBatch is how much text of whole lines one worker gets at a time, unless one line is longer.
	linesBatch = 256 << 10
)

// lineBatch is some lines, and what is found in them.
type lineBatch struct {
	text   []byte // lines with their line ends
	first  int    // number of the first line
	out    bytes.Buffer
	values int
	err    error
	spare  []redact.Finding
}

// redactLines finds in the texts of JSON lines, batches in parallel.
func redactLines(finder *redact.Finder, workers int, in io.Reader, out *bufio.Writer, p *progress) error {
	return inOrder(workers, func(emit func(func(*lineBatch)) bool) error {
		return batchLines(in, emit)
	}, func(b *lineBatch) {
		b.find(finder)
	}, func(b *lineBatch) error {
		if _, err := out.Write(b.out.Bytes()); err != nil {
			return err
		}
		p.add(len(b.text), b.values)
		return errors.Join(b.err, out.Flush())
	})
}

// errLineTooLong ends the reading of lines.
var errLineTooLong = fmt.Errorf("is longer than %d MiB; split it", maxLine>>20)

// batchLines reads lines and emits them in batches.
func batchLines(in io.Reader, emit func(func(*lineBatch)) bool) error {
	lines := bufio.NewReaderSize(in, linesBatch)
	var text []byte
	for number := 1; ; {
		count, whole, err := 0, 0, error(nil)
		for text = text[:0]; len(text) < linesBatch && err == nil; count++ {
			if whole = len(text); whole > 0 && !lineBuffered(lines) {
				break // what has come is answered before more is waited for
			}
			text, err = appendLine(lines, text)
		}
		if err != nil && err != io.EOF {
			text = text[:whole] // what came before is answered
		}
		if len(text) > 0 && !emit(func(b *lineBatch) {
			b.text, text = text, b.text
			b.first = number
		}) {
			return nil
		}
		number += count
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errLineTooLong):
			return fmt.Errorf("line %d %w", number-1, err)
		case err != nil:
			return fmt.Errorf("standard input: %w", err)
		}
	}
}

// lineBuffered says whether a whole line can be read without waiting for the input.
func lineBuffered(lines *bufio.Reader) bool {
	come, err := lines.Peek(lines.Buffered())
	return err == nil && bytes.IndexByte(come, '\n') >= 0
}

// appendLine reads a line with its end; the error is io.EOF at the last one.
func appendLine(lines *bufio.Reader, text []byte) ([]byte, error) {
	from := len(text)
	for {
		part, err := lines.ReadSlice('\n')
		text = append(text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
		if len(text)-from > maxLine {
			return text, errLineTooLong
		}
	}
}

// find answers the lines of a batch, up to the first that is none.
func (b *lineBatch) find(finder *redact.Finder) {
	b.out.Reset()
	b.values, b.err = 0, nil
	enc := json.NewEncoder(&b.out)
	enc.SetEscapeHTML(false)
	number := b.first - 1
	for line := range bytes.Lines(b.text) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if b.err = b.answer(enc, finder, line); b.err != nil {
			b.err = fmt.Errorf("line %d is not {\"id\",\"text\",\"json\"}: %w", number, b.err)
			return
		}
	}
}

// answer finds in the text of one line.
func (b *lineBatch) answer(enc *json.Encoder, finder *redact.Finder, line []byte) error {
	var ask struct {
		ID   json.RawMessage `json:"id"`
		Text string          `json:"text"`
		JSON bool            `json:"json"`
	}
	if err := json.Unmarshal(line, &ask); err != nil {
		return err
	}
	text, found := []byte(ask.Text), b.spare[:0]
	var err error
	if ask.JSON {
		found, err = redact.FindJSON(found, finder, text)
	}
	if !ask.JSON || err != nil {
		// A body that is no JSON is looked at as text rather than passed.
		found = finder.Find(found[:0], text)
	}
	b.spare = found
	b.values += len(found)
	reply := struct {
		ID    json.RawMessage `json:"id,omitempty"`
		Spans []span          `json:"spans"`
	}{ask.ID, make([]span, 0, len(found))}
	for _, f := range found {
		reply.Spans = append(reply.Spans, span{int64(f.Start), int64(f.End), f.Type.String()})
	}
	return enc.Encode(reply)
}
