//go:build linux

package loadgen

import (
	"sync"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

// retryPause keeps a target that refuses from being hammered at the cost of the others' core.
const retryPause = 5 * time.Millisecond

// closed keeps one request under way on every connection: the highest throughput.
func closed(job *Job, request []byte, seconds float64) *samples {
	end := time.Now().Add(duration(seconds))
	all := make([]*samples, job.Conns)
	var running sync.WaitGroup
	for i := range all {
		all[i] = &samples{}
		running.Go(func() {
			time.Sleep(duration(job.Stagger * float64(i) / float64(job.Conns)))
			closedLoop(job, request, end, all[i])
		})
	}
	running.Wait()
	return merge(all)
}

func closedLoop(job *Job, request []byte, end time.Time, s *samples) {
	var conn *wire.Conn
	for time.Now().Before(end) {
		if conn == nil {
			var err error
			if conn, err = wire.Dial(job.Addr); err != nil {
				s.fail(err)
				time.Sleep(retryPause)
				continue
			}
		}
		start := unixNano()
		reusable, err := exchange(conn, job, request, start, s)
		if err != nil {
			s.fail(err)
			time.Sleep(retryPause)
		}
		if !reusable {
			conn.Close()
			conn = nil
		}
	}
	if conn != nil {
		conn.Close()
	}
}

// exchange sends one request and records its answer.
func exchange(conn *wire.Conn, job *Job, request []byte, start int64, s *samples) (reusable bool, err error) {
	if err := conn.Send(request); err != nil {
		return false, err
	}
	return receive(conn, job, start, s)
}

// receive records the answer to a request that was sent.
func receive(conn *wire.Conn, job *Job, start int64, s *samples) (reusable bool, err error) {
	answer, err := conn.Receive(&s.trace)
	if err != nil {
		return false, err
	}
	return !answer.Close, s.record(&answer, job.Stream, start, unixNano())
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func unixNano() int64 { return time.Now().UnixNano() }
