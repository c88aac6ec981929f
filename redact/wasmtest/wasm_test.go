package wasmtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
		string(Body(false)), string(Body(true)),
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

// builds are the compilers that the package is held to: each compiles a program into the file that it is given. gate is how many
// times as long as natively a body of prose may take. The aim is 6; Go's build has 5.3 and some room for a machine with other work,
// since where TinyGo's loops are loops, a jump in its code goes through a table of all places in the function.
var builds = []struct {
	name    string
	gate    float64
	compile func(t *testing.T, program, into string) *exec.Cmd
}{
	{"Go", 7, func(_ *testing.T, program, into string) *exec.Cmd {
		build := exec.Command("go", "build", "-o", into, program)
		build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		return build
	}},
	{"TinyGo", 6, func(t *testing.T, program, into string) *exec.Cmd {
		tinygo := os.Getenv("SOUK_TINYGO")
		if tinygo == "" {
			t.Skip("TinyGo's build is tested in make e2e, which sets SOUK_TINYGO to what wasm/toolchain.sh prints")
		}
		return exec.Command(tinygo, "build", "-target=souk", "-opt=2", "-no-debug", "-o", into, program)
	}},
}

func TestWasm(t *testing.T) {
	for _, build := range builds {
		t.Run("as compiled by "+build.name, func(t *testing.T) {
			g := compiled(t, build.compile, "./guest")
			t.Run("agrees with native", g.agrees)
			t.Run("is within its gate", func(t *testing.T) { g.isFast(t, build.gate) })
		})
	}
}

func (g *guest) agrees(t *testing.T) {
	in := inputs(t)
	var native bytes.Buffer
	if err := Exercise(bytes.NewReader(in), &native); err != nil {
		t.Fatal(err)
	}
	want, got := strings.Split(native.String(), "\n"), strings.Split(g.run(t, in), "\n")
	for i := range min(len(want), len(got)) {
		if got[i] != want[i] {
			t.Fatalf("line %d: wasm says %s, native %s", i+1, got[i], want[i])
		}
	}
	if len(got) != len(want) || len(got) < 1000 {
		t.Errorf("wasm says %d lines, native %d", len(got), len(want))
	}
}

// isFast measures native and wasm in turns, by the time that the processor worked for this process. A body with nothing to find is what the gate is for; one full of values is shown
// beside it.
func (g *guest) isFast(t *testing.T, gate float64) {
	if testing.Short() {
		t.Skip("measures time")
	}
	for _, dense := range []bool{false, true} {
		body, kind := Body(dense), map[bool]string{false: "of prose", true: "full of values"}[dense]
		native, wasm := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
		for range 3 {
			here, err := Time(body, clock)
			if err != nil {
				t.Fatal(err)
			}
			nanoseconds, err := strconv.ParseInt(g.run(t, body, "time"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			native, wasm = min(native, here), min(wasm, time.Duration(nanoseconds))
		}
		ratio := float64(wasm) / float64(native)
		t.Logf("a body of %d bytes %s: native %v, wasm %v, %.1f times", len(body), kind, native, wasm, ratio)
		if !dense && ratio > gate {
			t.Errorf("a body %s takes %.1f times as long as natively, want at most %.0f", kind, ratio, gate)
		}
	}
}

// guest is a program as some compiler made it.
type guest struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

func compiled(t *testing.T, compile func(t *testing.T, program, into string) *exec.Cmd, program string) *guest {
	t.Helper()
	file := filepath.Join(t.TempDir(), "guest.wasm")
	build := compile(t, program, file)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, out)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	g := &guest{runtime: wazero.NewRuntime(ctx)}
	t.Cleanup(func() { _ = g.runtime.Close(ctx) })
	wasi_snapshot_preview1.MustInstantiate(ctx, g.runtime)
	if g.module, err = g.runtime.CompileModule(ctx, code); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *guest) run(t *testing.T, in []byte, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	config := wazero.NewModuleConfig().WithName("").WithArgs(append([]string{"guest"}, args...)...).WithStdin(bytes.NewReader(in)).
		WithStdout(&out).WithStderr(&errs).WithSysWalltime().WithNanotime(func() int64 { return int64(clock()) }, 1)
	module, err := g.runtime.InstantiateModule(context.Background(), g.module, config)
	if err != nil {
		t.Fatalf("running the guest: %v\n%s", err, errs.String())
	}
	_ = module.Close(context.Background())
	return out.String()
}
