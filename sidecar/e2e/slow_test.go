package e2e

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestSlowHeadersAreCutOff: callers that send their headers a byte at a time are cut off after 20 s, and meanwhile cost nobody anything.
func TestSlowHeadersAreCutOff(t *testing.T) {
	m := open(t, terms{})
	const callers = 200
	begin := time.Now()
	ended := make(chan error, callers)
	for range callers {
		c, err := net.Dial("tcp", m.address)
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- drip(c) }()
	}
	client := m.client(t, "/v1")
	for range 5 {
		one := time.Now()
		if _, err := client.Chat.Completions.New(t.Context(), chat(chatModel, "meanwhile")); err != nil {
			t.Error(err)
		}
		if took := time.Since(one); took > 2*time.Second {
			t.Errorf("a request among slow ones took %v", took)
		}
	}
	for range callers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(begin); took < 10*time.Second || took > 30*time.Second {
		t.Errorf("they were cut off after %v; expected 20 s", took)
	}
}

// drip sends a request's head a byte at a time until it is cut off, and returns what is wrong with that.
func drip(c net.Conn) error {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(40 * time.Second))
	stop := make(chan struct{})
	dripped := make(chan struct{})
	go func() {
		defer close(dripped)
		_, _ = io.WriteString(c, "POST /v1/chat/completions HTTP/1.1\r\nX-Slow: ")
		for {
			select {
			case <-stop:
				return
			case <-time.After(250 * time.Millisecond):
				if _, err := c.Write([]byte("a")); err != nil {
					return
				}
			}
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	close(stop)
	<-dripped
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout || !resp.Close {
		return errors.New("the answer is " + resp.Status)
	}
	return nil
}
