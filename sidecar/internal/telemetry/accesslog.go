// Package telemetry shows what souk does: the access log, the metrics, and the identifiers that tie a request to
// the traces and logs of its neighbours. Times come in as arguments, and nothing here makes a request wait.
package telemetry

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// DefaultLogSize is how many records may wait for the writer: 80,000 requests a second between two polls, and
	// more than that since the writer also comes at half full.
	DefaultLogSize = 4096

	pollEvery = 50 * time.Millisecond
	flushAt   = 64 << 10 // bytes of encoded lines handed to the destination in one write
)

// AccessLog writes one JSON line for each request, in the shape of log/slog's JSONHandler. Put copies a record into
// the batch that is filling; one goroutine swaps it for an empty one and encodes. That goroutine polls: waking it
// for each request would cost a request more than the copy and the encoding together.
type AccessLog struct {
	out  io.Writer // nil: off
	size int

	mu      sync.Mutex
	filling *batch
	called  bool // the writer was called early for the batch that is filling
	closed  bool

	spare   *batch // the writer's own while it encodes
	line    []byte
	dropped atomic.Uint64

	early chan struct{}
	stop  chan struct{}
	done  chan struct{}
}

// NewAccessLog starts a log to w that lets size records wait (DefaultLogSize when size is not positive); further
// ones are dropped and counted. A w that discards (io.Discard, or Open("off")) makes Put free. Close stops the
// writer; it does not close w.
func NewAccessLog(w io.Writer, size int) *AccessLog {
	if size <= 0 {
		size = DefaultLogSize
	}
	l := &AccessLog{
		out: w, size: size,
		filling: &batch{}, spare: &batch{},
		early: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if d, ok := w.(*Destination); w == nil || w == io.Discard || ok && d.discards() {
		l.out = nil
		close(l.done)
		return l
	}
	go l.run()
	return l
}

// Put keeps a copy of r for the writer. It never blocks on the destination and never allocates once the batches
// have grown to the traffic; r may be reused at once.
func (l *AccessLog) Put(r *Record) {
	if l.out == nil {
		return
	}
	l.mu.Lock()
	kept := !l.closed && l.filling.add(r, l.size)
	call := kept && !l.called && l.filling.half(l.size)
	if call {
		l.called = true
	}
	l.mu.Unlock()
	if !kept {
		l.dropped.Add(1)
	}
	if call {
		select {
		case l.early <- struct{}{}:
		default:
		}
	}
}

// Dropped counts the records that were lost: the batch was full, the destination refused them, or the log was
// closed already.
func (l *AccessLog) Dropped() uint64 { return l.dropped.Load() }

// Close writes what waits and stops the writer; it returns when the destination has taken the last line. It may be
// called more than once.
func (l *AccessLog) Close() {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	if first && l.out != nil {
		close(l.stop)
	}
	<-l.done
}

func (l *AccessLog) run() {
	defer close(l.done)
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.drain()
		case <-l.early:
			l.drain()
		case <-l.stop:
			l.drain()
			return
		}
	}
}

// drain encodes everything that has been put so far. Only the writer's goroutine calls it.
func (l *AccessLog) drain() {
	l.mu.Lock()
	full := l.filling
	if len(full.entries) == 0 {
		l.mu.Unlock()
		return
	}
	l.filling, l.spare, l.called = l.spare, full, false
	l.mu.Unlock()

	pending := uint64(0)
	rest := remains{text: full.text, attempts: full.attempts}
	for i := range full.entries {
		l.line = appendLine(l.line, &full.entries[i], &rest)
		pending++
		if len(l.line) >= flushAt {
			l.flush(pending)
			pending = 0
		}
	}
	if pending > 0 {
		l.flush(pending)
	}
	full.reset()
}

// flush hands the encoded lines over; what a destination refuses is counted, since there is no better place to
// report a log that cannot be written.
func (l *AccessLog) flush(lines uint64) {
	if _, err := l.out.Write(l.line); err != nil {
		l.dropped.Add(lines)
	}
	l.line = l.line[:0]
}
