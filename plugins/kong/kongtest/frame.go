package kongtest

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxFrame is more than any call of a test needs: a length beyond it is no length.
const maxFrame = 1 << 24

// readFrame reads a frame: its length as a little-endian uint32, then that many bytes.
func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes", length)
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	return data, nil
}

// writeFrame writes a frame with two writes, as Kong does.
func writeFrame(w io.Writer, data []byte) error {
	if _, err := w.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))); err != nil {
		return err
	}
	if len(data) == 0 {
		return nil // the reader may have hung up by now
	}
	_, err := w.Write(data)
	return err
}
