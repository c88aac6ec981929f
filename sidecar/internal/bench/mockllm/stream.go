package mockllm

import (
	"bufio"
	"errors"
	"net"
	"time"
)

// errClose ends a connection on purpose.
var errClose = errors.New("closed as asked")

// answer answers one request that is not a GET. It returns the buffer, which may have grown; an error ends the
// connection.
func (s *Server) answer(conn net.Conn, br *bufio.Reader, req *request, out []byte) ([]byte, error) {
	ask := &req.ask
	if ask.Drop {
		return out, errClose
	}
	if ask.Hang {
		return out, s.hang(conn, br, ask.Tag)
	}
	if ask.Delay > 0 {
		time.Sleep(ask.Delay)
	}
	switch {
	case ask.Status != 200:
		_, err := conn.Write(faultAnswer(ask.Status))
		return out, err
	case !req.stream && ask.SizeKiB == 0:
		_, err := conn.Write(s.canned.small)
		return out, err
	case !req.stream:
		_, err := conn.Write(plainAnswer(ask.SizeKiB))
		return out, err
	}
	if ask.Tag == 0 {
		return s.stream(conn, ask, out)
	}
	// A departure shows at once to a reader; to a writer only at its second write after it.
	left := make(chan struct{})
	go func() {
		defer close(left)
		if _, err := br.Peek(1); err != nil && !isTimeout(err) {
			s.abort(ask.Tag)
		}
	}()
	out, err := s.stream(conn, ask, out)
	if err == nil {
		err = conn.SetReadDeadline(time.Unix(1, 0))
	}
	if err != nil {
		conn.Close()
	}
	<-left
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	return out, err
}

// hang answers nothing, and waits until the proxy gives up.
func (s *Server) hang(conn net.Conn, br *bufio.Reader, tag int) error {
	if err := conn.SetReadDeadline(time.Now().Add(maxHang)); err != nil {
		return err
	}
	if _, err := br.Peek(1); err != nil && !isTimeout(err) {
		s.abort(tag)
	}
	return errClose
}

// stream sends the chunks, each with the time of its write. The first goes out together with the head.
func (s *Server) stream(conn net.Conn, ask *Directives, out []byte) ([]byte, error) {
	out = append(out, streamHead...)
	next := time.Now()
	for k := range ask.Chunks {
		if k == ask.Kill {
			conn.Write(out) // of no matter: the connection ends either way
			return out, errClose
		}
		if ask.Interval > 0 && k > 0 {
			next = next.Add(ask.Interval)
			time.Sleep(time.Until(next))
		}
		out = s.canned.appendChunk(out, time.Now())
		if _, err := conn.Write(out); err != nil {
			return out, err
		}
		out = out[:0]
		s.chunks.Add(1)
	}
	out = append(out, s.canned.streamEnd...)
	_, err := conn.Write(out)
	return out, err
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
