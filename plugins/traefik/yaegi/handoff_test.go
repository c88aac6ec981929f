package yaegi

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/soukproxy/souk/policy/handoff/handofftest"
)

func interpreter(t testing.TB, imports ...string) *interp.Interpreter {
	t.Helper()
	i, err := New(t.TempDir(), t.Output(), "policy/handoff", "policy/handoff/handofftest")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range imports {
		if _, err := i.Eval(`import "` + path + `"`); err != nil {
			t.Fatal(err)
		}
	}
	return i
}

func eval(t testing.TB, i *interp.Interpreter, source string) reflect.Value {
	t.Helper()
	v, err := i.Eval(source)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestInterpretedAndNativeAgreeOnTheVectors(t *testing.T) {
	v, err := handofftest.Load(root + "/policy/handoff/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	i := interpreter(t, modulePath+"/policy/handoff/handofftest")
	exercise, ok := eval(t, i, "handofftest.Exercise").Interface().(func(io.Reader, io.Writer) error)
	if !ok {
		t.Fatal("Exercise has another type when it is interpreted")
	}
	var out bytes.Buffer
	if err := exercise(strings.NewReader(v.Input()), &out); err != nil {
		t.Fatal(err)
	}
	got, want, names := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), v.Want(), v.Names()
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d cases", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s:\n got %s\nwant %s", names[i], got[i], want[i])
		}
	}
}

// signing is what a middleware does with each request.
const signing = `
package signing

import (
	"crypto/rand"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

type middleware struct {
	signer *handoff.Signer
	route  *handoff.Template
	known  *handoff.Prepared
}

func create() *middleware {
	signer, err := handoff.NewSigner(handoff.SignerOptions{
		Key:    handoff.Key{ID: "traefik-1", Secret: []byte("souk-test-secret-0123456789abcdef")},
		Now:    time.Now,
		Random: rand.Reader,
	})
	if err != nil {
		panic(err)
	}
	route, err := handoff.NewTemplate(
		handoff.Applied{Credentials: handoff.Done},
		handoff.Constraints{Regions: []string{"eu"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"},
	)
	if err != nil {
		panic(err)
	}
	m := &middleware{signer: signer, route: route}
	m.known = m.prepare()
	return m
}

func (m *middleware) prepare() *handoff.Prepared {
	caller := handoff.Caller{ID: handoff.Text("acme/alice"), Via: "traefik", Credential: "mtls"}
	prepared, err := m.route.Prepare(&caller)
	if err != nil {
		panic(err)
	}
	return prepared
}

func (m *middleware) sign(p *handoff.Prepared) int {
	headers, err := m.signer.Sign(handoff.Request{Method: "POST", Path: "/v1/chat/completions"}, p)
	if err != nil {
		panic(err)
	}
	return len(headers.Signature)
}

func Known() func() int {
	m := create()
	return func() int { return m.sign(m.known) }
}

func New() func() int {
	m := create()
	return func() int { return m.sign(m.prepare()) }
}
`

// A caller that the middleware has seen before, and one that it has not.
func BenchmarkSignInterpreted(b *testing.B) {
	i := interpreter(b)
	eval(b, i, signing)
	for _, name := range []string{"Known", "New"} {
		b.Run(name, func(b *testing.B) {
			middleware, ok := eval(b, i, "signing."+name).Interface().(func() func() int)
			if !ok {
				b.Fatal("no such function")
			}
			sign := middleware()
			if n := sign(); n != 59 {
				b.Fatalf("a signature of %d bytes, want 59", n)
			}
			b.ReportAllocs()
			for b.Loop() {
				sign()
			}
		})
	}
}
