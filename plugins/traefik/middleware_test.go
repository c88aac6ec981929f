package traefik_test

import (
	"context"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/plugins/traefik"
	"github.com/soukproxy/souk/plugins/traefik/traefiktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func build(ctx context.Context, next http.Handler, config map[string]any, name string) (http.Handler, error) {
	c := traefik.CreateConfig()
	if err := traefiktest.Decode(config, c); err != nil {
		return nil, err
	}
	return traefik.New(ctx, next, c, name)
}

func TestTheMiddlewareNatively(t *testing.T) { traefiktest.Run(t, build) }

func TestTheMiddlewareIsLikeOtherAdapters(t *testing.T) { traefiktest.Conform(t, build) }
