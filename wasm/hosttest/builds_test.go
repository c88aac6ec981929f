package hosttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// builds are the bindings, as wasm/build.sh compiles them. most is how many bytes the module may have, 0: any number. What grows it
// at once is an array of a thousand elements that is copied: TinyGo does that element by element.
var builds = []struct {
	binding string
	most    int
}{
	{"standard", 0},
	{"tinygo", 400 << 10},
}

// eachBuild runs a test on every build. TinyGo's is left to make e2e, where a toolchain that is missing is a failure.
func eachBuild(t *testing.T, test func(t *testing.T, m *Module)) {
	for _, build := range builds {
		t.Run(build.binding, func(t *testing.T) {
			if build.binding == "tinygo" && os.Getenv("SOUK_TINYGO") == "" {
				t.Skip("TinyGo's build is tested in make e2e, which sets SOUK_TINYGO to what wasm/toolchain.sh prints")
			}
			m, err := Compile(t.Context(), compiled(t, build.binding, build.most))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = m.Close() })
			test(t, m)
		})
	}
}

// folder is where the modules are, which are built once.
var folder string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if folder, err = os.MkdirTemp("", "souk-wasm"); err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		return m.Run()
	}())
}

func compiled(t *testing.T, binding string, most int) []byte {
	t.Helper()
	file := filepath.Join(folder, binding+".wasm")
	code, err := os.ReadFile(file)
	if err == nil {
		return code
	}
	build := exec.Command("../build.sh", binding, file)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, out)
	}
	if code, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	t.Logf("the module has %d bytes", len(code))
	if most > 0 && len(code) > most {
		t.Errorf("the module has %d bytes, want at most %d", len(code), most)
	}
	return code
}

// spent is how long the processors have worked for this process: what others do on a busy machine does not count.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var spent unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &spent); err != nil {
		t.Fatal(err)
	}
	return time.Duration(spent.Utime.Nano() + spent.Stime.Nano())
}
