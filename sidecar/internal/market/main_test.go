package market

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dawn is when the tests' markets open.
var dawn = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func atDawn() time.Time { return dawn }

// provider is a configured provider with models of the given ids and no more terms.
func provider(name string, ids ...string) config.Provider {
	p := config.Provider{Name: name, Type: config.TypeCompany, API: "openai"}
	for _, id := range ids {
		p.Models = append(p.Models, config.Model{ID: id})
	}
	return p
}

func mustBuild(t testing.TB, cfg *config.Config, prev *Market) *Market {
	t.Helper()
	m, err := Build(cfg, prev, atDawn)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
