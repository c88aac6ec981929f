package proxytest

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// Lines collects what is written to it, for tests that wait for a word of it.
type Lines struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

// NewLines is empty.
func NewLines() *Lines { return &Lines{changed: make(chan struct{})} }

// Write implements io.Writer.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	close(l.changed)
	l.changed = make(chan struct{})
	return len(p), nil
}

// String is all of it.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Len is how many bytes there are.
func (l *Lines) Len() int { return len(l.String()) }

// Wait returns the first line after the first from bytes that holds one of the words.
func (l *Lines) Wait(t testing.TB, from int, words ...string) string {
	t.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		text, changed := l.text.String(), l.changed
		l.mu.Unlock()
		for line := range strings.Lines(text[from:]) {
			for _, w := range words {
				if strings.Contains(line, w) {
					return line
				}
			}
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("nobody logged any of %q; the log is:\n%s", words, text)
		}
	}
}
