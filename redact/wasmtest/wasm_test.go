package wasmtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// inputs are the public sample's texts, and shapes of bodies, as Exercise reads them.
func inputs(t *testing.T) []byte {
	t.Helper()
	texts := []string{
		"", "a@b.com <EMAIL_1> \\u003cEMAIL_2>", "４１１１ １１１１ １１１１ １１１１", "j\u200bohn@example.com\xff\xfe",
		`{"messages":[{"role":"user","content":"mail \"john@example.com\"\n4111 1111 1111 1111 and 🙂"}]}`,
		`{"input":[{"type":"function_call","arguments":"{\"to\":\"john@example.com\",\"in\":\"{\\\"a\\\":\\\"DE89370400440532013000\\\"}\"}"}]}`,
		`{"contents":[{"parts":[{"functionCall":{"args":{"ssn":"276667011"}}}]}]}`, `{"broken`,
	}
	file, err := os.Open(filepath.Join("..", "testdata", "pii-sample.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var sample struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &sample); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, sample.Text)
	}
	var in bytes.Buffer
	for _, text := range texts {
		in.WriteString(strconv.Quote(text) + "\n")
	}
	return in.Bytes()
}

func TestNativeAndWasmAgree(t *testing.T) {
	code := build(t, "./guest")
	in := inputs(t)
	var native bytes.Buffer
	if err := Exercise(bytes.NewReader(in), &native); err != nil {
		t.Fatal(err)
	}
	wasm := run(t, code, in)
	want, got := strings.Split(native.String(), "\n"), strings.Split(wasm, "\n")
	for i := range min(len(want), len(got)) {
		if got[i] != want[i] {
			t.Fatalf("line %d: wasm says %s, native %s", i+1, got[i], want[i])
		}
	}
	if len(got) != len(want) || len(got) < 1000 {
		t.Errorf("wasm says %d lines, native %d", len(got), len(want))
	}
}

// build compiles a guest for wasip1.
func build(t *testing.T, path string) []byte {
	t.Helper()
	guest := filepath.Join(t.TempDir(), "guest.wasm")
	command := exec.Command("go", "build", "-o", guest, path)
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building for wasip1: %v\n%s", err, out)
	}
	code, err := os.ReadFile(guest)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func run(t *testing.T, code, in []byte) string {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer func() { _ = r.Close(ctx) }()
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out, errs bytes.Buffer
	config := wazero.NewModuleConfig().WithStdin(bytes.NewReader(in)).WithStdout(&out).WithStderr(&errs).WithSysWalltime()
	if _, err := r.InstantiateWithConfig(ctx, code, config); err != nil {
		t.Fatalf("running the guest: %v\n%s", err, errs.String())
	}
	return out.String()
}
