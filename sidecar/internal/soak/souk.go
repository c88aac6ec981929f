package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// sidecar is the souk under test, in whichever process it runs.
type sidecar struct {
	data, admin string
	// stop ends it as SIGTERM does, and returns when its access log is complete; log is everything else that it logged.
	stop func() (log string, err error)
}

// starter starts souk on a configuration file. lines gets each line of its access log.
type starter func(ctx context.Context, file string, at place, lines func([]byte)) (*sidecar, error)

// freeAddress is a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// startBinary starts the built binary as a child process, whose access log comes through its standard output.
func startBinary(binary string) starter {
	return func(ctx context.Context, file string, at place, lines func([]byte)) (*sidecar, error) {
		logFile := filepath.Join(filepath.Dir(file), "souk.log")
		log, err := os.Create(logFile)
		if err != nil {
			return nil, err
		}
		defer log.Close() // the child has its own
		cmd := exec.Command(binary, "serve", "-c", file)
		cmd.Stderr = log
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, fmt.Errorf("start %s: %w", binary, err)
		}
		ended := make(chan error, 1)
		go func() { // ends with the child, which stop ends
			scan := bufio.NewScanner(stdout)
			scan.Buffer(nil, 1<<20)
			for scan.Scan() {
				lines(scan.Bytes())
			}
			ended <- errors.Join(scan.Err(), cmd.Wait())
		}()
		s := &sidecar{data: at.listen, admin: at.admin, stop: func() (string, error) {
			err := cmd.Process.Signal(syscall.SIGTERM)
			select {
			case ended := <-ended:
				err = errors.Join(err, ended)
			case <-time.After(40 * time.Second):
				_ = cmd.Process.Kill()
				err = errors.Join(errors.New("souk did not end within 40 s of SIGTERM"), <-ended)
			}
			text, readErr := os.ReadFile(logFile)
			return string(text), errors.Join(err, readErr)
		}}
		if err := awaitReady(ctx, at.admin); err != nil {
			text, stopErr := s.stop()
			return nil, fmt.Errorf("souk does not get ready: %w; it logged: %s (%v)", err, strings.TrimSpace(text), stopErr)
		}
		return s, nil
	}
}

// awaitReady waits for souk to answer.
func awaitReady(ctx context.Context, admin string) error {
	_, ok := newGauges(admin).await(ctx, 15*time.Second, func(sample) bool { return true })
	if !ok {
		return errors.New("/metrics does not answer")
	}
	return nil
}
