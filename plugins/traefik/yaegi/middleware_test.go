package yaegi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	_ "github.com/soukproxy/souk/plugins/traefik" // its source is read as text: without this, go test would not see that it has changed
	"github.com/soukproxy/souk/plugins/traefik/traefiktest"
)

// plugin is the interpreted middleware, made as Traefik makes it.
type plugin struct{ create, build reflect.Value }

func load(t testing.TB, stderr *output) plugin {
	t.Helper()
	i, err := New(t.TempDir(), stderr, "policy/handoff", "plugins/traefik")
	if err != nil {
		t.Fatal(err)
	}
	eval(t, i, `import "`+modulePath+`/plugins/traefik"`)
	return plugin{create: eval(t, i, "traefik.CreateConfig"), build: eval(t, i, "traefik.New")}
}

func (p plugin) New(ctx context.Context, next http.Handler, config map[string]any, name string) (http.Handler, error) {
	c := p.create.Call(nil)[0]
	if err := traefiktest.Decode(config, c.Interface()); err != nil {
		return nil, err
	}
	out := p.build.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(next), c, reflect.ValueOf(name)})
	if err := out[1].Interface(); err != nil {
		return nil, err.(error)
	}
	h, ok := out[0].Interface().(http.Handler)
	if !ok {
		return nil, fmt.Errorf("New returns a %T", out[0].Interface())
	}
	return h, nil
}

// output is what the interpreter writes to standard error, which Traefik logs as errors.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func TestTheMiddlewareInterpreted(t *testing.T) {
	var stderr output
	p := load(t, &stderr)
	traefiktest.Run(t, p.New)
	t.Run("like other adapters", func(t *testing.T) { traefiktest.Conform(t, p.New) })
	for line := range strings.Lines(stderr.text.String()) {
		if !strings.Contains(line, " souk: souk@test: ") {
			t.Errorf("the log has a line that is not the middleware's own: %s", line)
		}
	}
	if strings.Contains(stderr.text.String(), traefiktest.Secret) {
		t.Error("the log has the secret")
	}
}
