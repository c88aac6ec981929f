// Package mockllm is an OpenAI-compatible provider on raw TCP, built never to be the bottleneck of a proxy's
// benchmark. How it answers is in the model's name after the first dot, which survives any gateway: mock.n200.i5
// streams 200 chunks, 5 ms apart. See Directives.
package mockllm

import (
	"bufio"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxHang ends an answer that hangs, should the proxy never give it up.
const maxHang = 30 * time.Second

// Stats is what GET /stats answers.
type Stats struct {
	Requests int64     `json:"requests"`
	Chunks   int64     `json:"chunks"`
	Aborted  []Aborted `json:"aborted"`
}

// Aborted is an answer that the proxy gave up before its end.
type Aborted struct {
	Tag int   `json:"tag"`
	At  int64 `json:"at"` // when the mock saw it, Unix nanoseconds
}

// Server is one mock provider.
type Server struct {
	canned   *canned
	requests atomic.Int64
	chunks   atomic.Int64

	mu      sync.Mutex
	closed  bool
	open    map[net.Conn]struct{}
	aborted []Aborted
	running sync.WaitGroup
}

// NewServer makes a provider that serves nothing yet.
func NewServer() *Server {
	return &Server{canned: newCanned(), open: map[net.Conn]struct{}{}}
}

// Serve accepts connections until the listener closes, and returns its error.
func (s *Server) Serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		if !s.track(conn) {
			return net.ErrClosed
		}
		go s.serve(conn)
	}
}

// Close ends all connections and waits until they are done. The listener is closed by who opened it.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Stats are the counts so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Requests: s.requests.Load(), Chunks: s.chunks.Load(), Aborted: append([]Aborted{}, s.aborted...)}
}

func (s *Server) track(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return false
	}
	s.open[conn] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) untrack(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	delete(s.open, conn)
	s.mu.Unlock()
	s.running.Done()
}

// abort notes that the answer with the tag was given up; untagged ones are the noise of load that ends.
func (s *Server) abort(tag int) {
	if tag == 0 {
		return
	}
	at := time.Now().UnixNano()
	s.mu.Lock()
	s.aborted = append(s.aborted, Aborted{Tag: tag, At: at})
	s.mu.Unlock()
}

func (s *Server) serve(conn net.Conn) {
	defer s.untrack(conn)
	br := bufio.NewReaderSize(conn, 16<<10)
	var req request
	var out []byte // reused by every stream of the connection
	for {
		if err := req.read(conn, br); err != nil {
			return
		}
		var err error
		if req.get {
			_, err = conn.Write(s.page(req.path))
		} else {
			s.requests.Add(1)
			out, err = s.answer(conn, br, &req, out[:0])
		}
		if err != nil || req.closing {
			return
		}
	}
}

// page answers GET: the counts, or the list of models for gateways that ask for one.
func (s *Server) page(path string) []byte {
	var v any = map[string]any{"object": "list", "data": []any{map[string]any{"id": "mock", "object": "model"}}}
	if strings.HasPrefix(path, "/stats") {
		v = s.Stats()
	}
	body, err := json.Marshal(v)
	if err != nil {
		return faultAnswer(500)
	}
	return withLength(200, string(body))
}
