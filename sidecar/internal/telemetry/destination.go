package telemetry

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Destination is where the access log goes: a standard stream, a file that can be reopened after a rotation, or
// nowhere.
type Destination struct {
	path string // of a file; empty otherwise

	mu   sync.Mutex
	out  io.Writer // nil: off
	file *os.File  // out, when souk opened it and has to close it
}

// Open opens a destination by the name that log.access gives it: stdout, stderr, off, or a file's path. A file is
// appended to, and made with mode 0640 when it is missing.
func Open(name string) (*Destination, error) {
	switch name {
	case "stdout":
		return &Destination{out: os.Stdout}, nil
	case "stderr":
		return &Destination{out: os.Stderr}, nil
	case "off":
		return &Destination{}, nil
	case "":
		return nil, errors.New("access log: no destination; name stdout, stderr, off or a file")
	}
	file, err := openLog(name)
	if err != nil {
		return nil, err
	}
	return &Destination{path: name, out: file, file: file}, nil
}

func openLog(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, fmt.Errorf("access log: %w; name a file that souk may append to, or stdout, stderr, off", err)
	}
	return file, nil
}

// Write implements io.Writer. After Close it returns os.ErrClosed.
func (d *Destination) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil {
		if d.path == "" {
			return len(p), nil
		}
		return 0, os.ErrClosed
	}
	return d.out.Write(p)
}

// Reopen opens the file by its name again, for after a rotation has moved it; on an error the old file stays in
// use. It does nothing for streams and off.
func (d *Destination) Reopen() error {
	if d.path == "" {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return os.ErrClosed
	}
	file, err := openLog(d.path)
	if err != nil {
		return err
	}
	old := d.file
	d.out, d.file = file, file
	if err := old.Close(); err != nil {
		return fmt.Errorf("access log: closing the rotated file: %w", err)
	}
	return nil
}

// Close closes a file; standard streams stay open. Close the AccessLog first.
func (d *Destination) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return nil
	}
	file := d.file
	d.out, d.file = nil, nil
	return file.Close()
}

func (d *Destination) discards() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out == nil
}
