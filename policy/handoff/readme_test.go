package handoff_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReadmeShowsTheProgramsThatAreTested(t *testing.T) {
	readme := read(t, "README.md")
	for language, path := range map[string]string{"python": "testdata/sign.py", "sh": "testdata/sign.sh"} {
		if !strings.Contains(readme, "```"+language+"\n"+read(t, path)+"```\n") {
			t.Errorf("README.md does not hold %s as it is", path)
		}
	}
	for _, h := range vectors(t).Verify[0].Headers {
		if !strings.Contains(readme, h[0]+": "+h[1]) {
			t.Errorf("README.md does not show the vector's %s", h[0])
		}
	}
}

func run(t *testing.T, command string, args ...string) []handoff.Field {
	t.Helper()
	if _, err := exec.LookPath(command); err != nil {
		t.Skipf("%s is not installed, so its example was not run", command)
	}
	out, err := exec.Command(command, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var fields []handoff.Field
	for line := range strings.Lines(string(out)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !ok {
			t.Fatalf("not a header: %q", line)
		}
		fields = append(fields, handoff.Field{Name: name, Value: value})
	}
	return fields
}

func TestTheExampleInPythonPrintsTheVector(t *testing.T) {
	got := run(t, "python3", "testdata/sign.py")
	want := vectors(t).Verify[0].Headers
	if len(got) != len(want) {
		t.Fatalf("%d headers, want %d", len(got), len(want))
	}
	for i, h := range want {
		if got[i].Name != h[0] || got[i].Value != h[1] {
			t.Errorf("got %s: %s, want %s: %s", got[i].Name, got[i].Value, h[0], h[1])
		}
	}
}

func TestTheExampleInAShellIsAccepted(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed, so the shell's example was not run")
	}
	v, err := handoff.NewVerifier(handoff.VerifierOptions{Keys: []handoff.Key{{ID: "kong-1", Secret: []byte(secret)}}, Now: time.Now, Window: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Verify(handoff.Received{Method: "POST", Path: "/v1/chat/completions", Fields: run(t, "sh", "testdata/sign.sh")})
	if err != nil {
		t.Fatal(err)
	}
	if got.Caller.ID != "acme/alice" || got.Caller.Via != "my-gateway" {
		t.Errorf("got %+v", got.Caller)
	}
}
