package yaegi

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
)

// root is the repository, seen from this folder.
const root = "../../.."

const modulePath = "github.com/soukproxy/souk"

// New makes an interpreter that finds folders of this repository under a GOPATH, as Traefik's finds a plugin's source, and nothing else
// but the standard library. What it writes to standard error goes to stderr. Each folder is copied without its tests.
func New(gopath string, stderr io.Writer, folders ...string) (*interp.Interpreter, error) {
	for _, folder := range folders {
		to := filepath.Join(gopath, "src", filepath.FromSlash(modulePath), folder)
		if err := os.MkdirAll(to, 0o700); err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), source, 0o600); err != nil {
				return nil, err
			}
		}
	}
	i := interp.New(interp.Options{GoPath: gopath, Env: os.Environ(), Stderr: stderr})
	return i, i.Use(stdlib.Symbols)
}
