package telemetry

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAFileIsAppendedToAndReopenedAfterARotation(t *testing.T) {
	dir := t.TempDir()
	path, rotated := filepath.Join(dir, "access.log"), filepath.Join(dir, "access.log.1")
	if err := os.WriteFile(path, []byte("old\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(s string) {
		t.Helper()
		if _, err := d.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	write("one\n")
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be renamed on Windows")
	}
	if err := os.Rename(path, rotated); err != nil {
		t.Fatal(err)
	}
	write("two\n")
	if err := d.Reopen(); err != nil {
		t.Fatal(err)
	}
	write("three\n")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{rotated: "old\none\ntwo\n", path: "three\n"} {
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", filepath.Base(file), got, err, want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&^0o640 != 0 {
		t.Errorf("mode %v (%v), want at most 0640", info.Mode(), err)
	}
	if _, err := d.Write([]byte("late")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after close: %v, want os.ErrClosed", err)
	}
	if err := d.Reopen(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reopen after close: %v, want os.ErrClosed", err)
	}
}

func TestAReopenThatFailsKeepsTheOldFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	d, err := Open(filepath.Join(dir, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.RemoveAll(dir); err != nil {
		t.Skip("an open file cannot be removed here: ", err)
	}
	if err := d.Reopen(); err == nil || !strings.HasPrefix(err.Error(), "access log: ") {
		t.Errorf("reopen: %v, want an error that names the access log", err)
	}
	if _, err := d.Write([]byte("still\n")); err != nil {
		t.Errorf("write after a failed reopen: %v", err)
	}
}

func TestOpenByName(t *testing.T) {
	for name, want := range map[string]*os.File{"stdout": os.Stdout, "stderr": os.Stderr, "off": nil} {
		d, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if want != nil && d.out != want || want == nil && d.out != nil {
			t.Errorf("%s goes to %v", name, d.out)
		}
		if d.Reopen() != nil || d.Close() != nil || d.discards() != (want == nil) {
			t.Errorf("%s: reopening and closing a stream must do nothing", name)
		}
	}
	for _, name := range []string{"", filepath.Join(t.TempDir(), "missing", "access.log")} {
		if _, err := Open(name); err == nil {
			t.Errorf("Open(%q) succeeded, want an error", name)
		}
	}
}
