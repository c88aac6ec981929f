package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"google.golang.org/protobuf/proto"
)

// maxFrame is more than Kong has to say to a plugin that leaves bodies alone.
const maxFrame = 1 << 24

// turns is a connection on which two sides take turns to send frames: a length as a little-endian uint32, then that many bytes.
// What is written is gathered until something is to be read: go-pdk writes a call in four pieces, each of which would wake Kong up.
type turns struct {
	net.Conn
	in     *bufio.Reader
	out    *bufio.Writer
	left   int // of the frame that is being read, in bytes
	closed bool
}

func newTurns(conn net.Conn) *turns {
	return &turns{Conn: conn, in: bufio.NewReader(conn), out: bufio.NewWriter(conn)}
}

// Read sends what was written, then reads. It looks at the length of each frame, since go-pdk takes memory for whatever it is told.
func (t *turns) Read(p []byte) (int, error) {
	if t.out.Buffered() > 0 {
		if err := t.out.Flush(); err != nil {
			return 0, err
		}
	}
	if t.left == 0 {
		head, err := t.in.Peek(4)
		if err != nil {
			return 0, err
		}
		length := binary.LittleEndian.Uint32(head)
		if length > maxFrame {
			return 0, errors.New("a frame is longer than 16 MiB; is this Kong?")
		}
		t.left = 4 + int(length)
	}
	n, err := t.in.Read(p[:min(len(p), t.left)])
	t.left -= n
	return n, err
}

// Write keeps what is written until the next Read.
func (t *turns) Write(p []byte) (int, error) { return t.out.Write(p) }

// Close closes the connection, as go-pdk does behind an exit.
func (t *turns) Close() error {
	t.closed = true
	return t.Conn.Close()
}

// readFrame reads a frame.
func (t *turns) readFrame() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(t, head[:]); err != nil {
		return nil, err
	}
	data := make([]byte, binary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(t, data)
	return data, err
}

// writeFrame writes a message as a frame; nil is an empty frame.
func (t *turns) writeFrame(m proto.Message) error {
	var data []byte
	if m != nil {
		var err error
		if data, err = proto.Marshal(m); err != nil {
			return err
		}
	}
	if _, err := t.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))); err != nil {
		return err
	}
	_, err := t.Write(data)
	return err
}
