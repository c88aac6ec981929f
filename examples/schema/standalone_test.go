package schema

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/soukproxy/souk/e2etest"
)

func TestStandaloneConfigurationsAreGood(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-example")
	t.Setenv("OPENROUTER_API_KEY", "sk-or-example")
	t.Setenv("SOUK_KEY_SHA256", strings.Repeat("9f", 32))
	check(t, "../standalone/souk.yaml")
	check(t, "../standalone/container.yaml")
}

// systemd's own verifier reads the unit, with the paths of this machine in the place of the installed ones.
func TestTheUnitIsOneThatSystemdTakes(t *testing.T) {
	verifier, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed here")
	}
	unit := read(t, "../standalone/souk.service")
	file := filepath.Join(t.TempDir(), "souk.service")
	write(t, file, []byte(strings.ReplaceAll(unit, "/usr/local/bin/souk", e2etest.Binary(t))))
	if out, err := exec.Command(verifier, "verify", "--man=no", file).CombinedOutput(); err != nil || strings.Contains(string(out), "souk.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// There is no container engine here: what the file copies must be there, and what it builds must build.
func TestTheDockerfileBuildsWhatThereIs(t *testing.T) {
	text := read(t, "../standalone/Dockerfile")
	for _, m := range regexp.MustCompile(`(?m)^COPY (?:--\S+ )?(.+) \S+$`).FindAllStringSubmatch(text, -1) {
		for _, source := range strings.Fields(m[1]) {
			if strings.HasPrefix(source, "/") {
				continue // of the first stage
			}
			if _, err := os.Stat(filepath.Join("../..", source)); err != nil {
				t.Errorf("COPY %s: %v", source, err)
			}
		}
	}
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .+)$`).FindStringSubmatch(text)
	if build == nil {
		t.Fatal("the file builds nothing")
	}
	out := filepath.Join(t.TempDir(), "souk")
	cmd := exec.Command("sh", "-c", strings.Replace(build[1], "/out/souk", out, 1))
	cmd.Dir = "../.."
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build[1], err, text)
	}
	if text, err := exec.Command(out, "--version").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
