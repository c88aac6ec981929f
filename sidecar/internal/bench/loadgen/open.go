//go:build linux

package loadgen

import (
	"runtime"
	"sync"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

// openLoop sends at a constant rate, whatever the answers do, and counts every latency from the intended start, so
// that a target that stalls cannot hide it (coordinated omission). The scheduling thread itself writes the request on
// an idle connection: no wake-up stands between the intended time and the send.
type openLoop struct {
	job     *Job
	request []byte

	mu      sync.Mutex
	idle    []*worker
	waiting []int64 // intended starts that found no idle connection

	pending sync.WaitGroup // requests not answered yet
	lag     []int64        // of the scheduling thread
}

// worker receives the answers of one connection. Its channel holds the intended start of the request under way.
type worker struct {
	conn    *wire.Conn
	sent    chan int64
	samples samples
}

func open(job *Job, request []byte, seconds float64) *samples {
	loop := &openLoop{job: job, request: request}
	var running sync.WaitGroup
	all := []*samples{}
	workers := []*worker{}
	for range job.Conns {
		w := &worker{sent: make(chan int64, 1)}
		all, workers = append(all, &w.samples), append(workers, w)
		if err := w.dial(job.Addr); err != nil {
			continue
		}
		loop.idle = append(loop.idle, w)
		running.Go(func() { loop.work(w) })
	}
	if len(loop.idle) > 0 {
		running.Go(func() { loop.schedule(seconds, workers) })
		running.Wait()
	}
	return merge(append(all, &samples{lag: loop.lag}))
}

// schedule runs on a thread of its own, sends at the intended times, and ends the workers when all is answered.
func (l *openLoop) schedule(seconds float64, workers []*worker) {
	runtime.LockOSThread() // never unlocked: the thread and its timer setting end with it
	proc.SharpTimers()
	step := 1e9 / l.job.Rate
	start := unixNano() + 2e6
	for i := range int(l.job.Rate * seconds) {
		at := start + int64(float64(i)*step)
		proc.SleepUntil(at, unixNano)
		l.pending.Add(1)
		if w := l.takeIdle(at); w != nil {
			l.lag = append(l.lag, unixNano()-at)
			w.send(l.request, at)
		}
	}
	l.pending.Wait()
	for _, w := range workers {
		close(w.sent)
	}
}

// takeIdle takes an idle connection, or puts the request on the list for the next one.
func (l *openLoop) takeIdle(at int64) *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return w
	}
	l.waiting = append(l.waiting, at)
	return nil
}

// work receives until the channel closes. A connection that fails is replaced; if that fails too, the requests that
// come to it fail as well.
func (l *openLoop) work(w *worker) {
	for at := range w.sent {
		reusable, err := receive(w.conn, l.job, at, &w.samples)
		if err != nil {
			w.samples.fail(err)
		}
		if !reusable {
			w.conn.Close()
			_ = w.dial(l.job.Addr) // counted; the closed connection fails its next request
		}
		if next, ok := l.release(w); ok {
			w.samples.lag = append(w.samples.lag, unixNano()-next)
			w.send(l.request, next)
		}
		l.pending.Done()
	}
	w.conn.Close()
}

// release gives the connection the request that waits longest, or makes it idle.
func (l *openLoop) release(w *worker) (at int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.idle = append(l.idle, w)
		return 0, false
	}
	at, l.waiting = l.waiting[0], l.waiting[1:]
	return at, true
}

func (w *worker) dial(addr string) error {
	conn, err := wire.Dial(addr)
	if err != nil {
		w.samples.fail(err)
		return err
	}
	w.conn = conn
	return nil
}

// send writes a request; an error shows when its answer is received.
func (w *worker) send(request []byte, at int64) {
	_ = w.conn.Send(request)
	w.sent <- at
}
