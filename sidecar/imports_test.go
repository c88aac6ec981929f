package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/soukproxy/souk"

// TestImportsPointDownTheLayers holds the rules of the layout: which package may know of which. It reads the import
// graph that go list gives, and needs nothing built.
func TestImportsPointDownTheLayers(t *testing.T) {
	packages := listPackages(t)
	layers := [][]string{
		{"sidecar/internal/fault", "sidecar/internal/money", "sidecar/internal/sockio", "redact", "policy"},
		{"sidecar/internal/config"},
		{"sidecar/internal/market"},
		{"sidecar/internal/route", "sidecar/internal/upstream", "sidecar/internal/dialect", "sidecar/internal/caller", "sidecar/internal/telemetry", "sidecar/internal/recogniser", "sidecar/internal/sim"},
		{"sidecar/internal/proxy", "sidecar/internal/admin"},
		{"sidecar/internal/app"},
	}
	rank := func(path string) int {
		for i, layer := range layers {
			for _, name := range layer {
				if path == module+"/"+name || strings.HasPrefix(path, module+"/"+name+"/") {
					return i
				}
			}
		}
		return -1
	}
	for _, p := range packages {
		from := rank(p.ImportPath)
		for _, to := range p.Imports {
			if strings.HasPrefix(to, module) && from >= 0 && rank(to) > from {
				t.Errorf("%s imports %s, which stands above it", p.ImportPath, to)
			}
			if to == module+"/sidecar/internal/app" && p.ImportPath != module+"/sidecar" && !strings.HasPrefix(p.ImportPath, module+"/sidecar/internal/proxytest") {
				t.Errorf("%s imports package app; only the command may", p.ImportPath)
			}
		}
	}
}

func TestLeavesImportTheStandardLibraryAlone(t *testing.T) {
	leaves := []string{"redact", "policy/handoff", "sidecar/internal/fault", "sidecar/internal/money", "sidecar/internal/sim", "sidecar/internal/sockio",
		"e2etest", "sidecar/internal/identitytest", "sidecar/internal/proxy/framing/framingtest"} // which modules of their own import
	for _, p := range listPackages(t) {
		for _, leaf := range leaves {
			if p.ImportPath != module+"/"+leaf {
				continue
			}
			for _, dep := range p.Deps {
				if strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") {
					t.Errorf("%s depends on %s", p.ImportPath, dep)
				}
			}
		}
		if strings.HasPrefix(p.ImportPath, module+"/plugins") || strings.HasPrefix(p.ImportPath, module+"/wasm") {
			for _, dep := range p.Deps {
				if strings.HasPrefix(dep, module+"/sidecar") {
					t.Errorf("%s depends on %s: adapters know nothing of the sidecar", p.ImportPath, dep)
				}
			}
		}
	}
}

type listed struct {
	ImportPath    string
	Imports, Deps []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
