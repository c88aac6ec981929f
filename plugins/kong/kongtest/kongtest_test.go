package kongtest_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

var wrong string // the binary of package wrong

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kongtest")
	if err == nil {
		wrong, err = kongtest.Build(dir, "./wrong", "wrong")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func request() *kongtest.Exchange {
	return &kongtest.Exchange{
		Method: "POST", Path: "/v1/chat/completions", Scheme: "https", Host: "origin.example", Port: 443,
		Upstreams: []string{"known"}, Status: 200,
	}
}

func TestMistakesThatKongDoesNotForgive(t *testing.T) {
	plugin := kongtest.Start(t, wrong)
	for _, test := range []struct {
		name    string
		mistake string
		fault   kongtest.FaultKind
		host    string
		status  int
	}{
		{"a call whose arguments could not be encoded takes the next call for them", "sends text that is not UTF-8", kongtest.Desynchronised, "origin.example", 0},
		{"so does the end of the phase", "sends text that is not UTF-8 last", kongtest.Raised, "origin.example", 0},
		{"an unknown upstream is no error and the request goes to the origin", "names an upstream that is not there", "", "origin.example", 0},
		{"a known upstream is taken", "names an upstream that is there", "", "known", 0},
		{"a bridge closed without an exit is flagged", "closes the bridge", kongtest.Closed, "origin.example", 0},
		{"an exit gets no reply, and what follows it does not happen", "calls on after an exit", "", "origin.example", 418},
		{"more than 1000 headers are refused", "asks for too many headers", kongtest.Raised, "origin.example", 0},
		{"a plugin that does nothing leaves the request alone", "", "", "origin.example", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := request()
			access(t, plugin, test.mistake, x)
			if kind := kindOf(x.Fault); kind != test.fault {
				t.Errorf("fault %v, want %q", x.Fault, test.fault)
			}
			if x.Host != test.host {
				t.Errorf("the request goes to %s, want %s", x.Host, test.host)
			}
			if status := statusOf(x); status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
		})
	}
}

func TestMistakesInTheLogPhase(t *testing.T) {
	plugin := kongtest.Start(t, wrong)
	for _, test := range []struct {
		mistake string
		fault   kongtest.FaultKind
	}{
		{"sets a field of the log in the log phase", ""},
		{"exits in the log phase", kongtest.Raised},
		{"retargets in the log phase", kongtest.Raised},
	} {
		t.Run(test.mistake, func(t *testing.T) {
			instance := start(t, plugin, test.mistake)
			x := request()
			instance.Access(x)
			instance.Log(x)
			if kind := kindOf(x.Fault); kind != test.fault {
				t.Errorf("fault %v, want %q", x.Fault, test.fault)
			}
			if _, set := x.Logged()["late"]; set {
				t.Error("other plugins see what was set in the log phase; in Kong they do not")
			}
		})
	}
}

func TestAPanicEndsTheProcess(t *testing.T) {
	plugin := kongtest.Start(t, wrong)
	x := request()
	access(t, plugin, "ends the process", x)
	if kind := kindOf(x.Fault); kind != kongtest.Closed {
		t.Errorf("fault %v, want %q", x.Fault, kongtest.Closed)
	}
	x = request()
	access(t, plugin, "", x)
	if x.Fault == nil {
		t.Error("the process still answers")
	}
}

func TestAResponsePhaseIsRefused(t *testing.T) {
	t.Setenv("WRONG_PHASE", "1")
	if _, err := kongtest.Query(wrong, t.TempDir()); err == nil || !strings.Contains(err.Error(), "response phase") {
		t.Errorf("got %v", err)
	}
}

func access(t *testing.T, plugin *kongtest.Plugin, mistake string, x *kongtest.Exchange) {
	t.Helper()
	instance, err := plugin.Instance(map[string]any{"mistake": mistake})
	if err != nil {
		x.Fault = err
		return
	}
	instance.Access(x)
}

func start(t *testing.T, plugin *kongtest.Plugin, mistake string) *kongtest.Instance {
	t.Helper()
	instance, err := plugin.Instance(map[string]any{"mistake": mistake})
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

func kindOf(err error) kongtest.FaultKind {
	var fault *kongtest.Fault
	if errors.As(err, &fault) {
		return fault.Kind
	}
	return ""
}

func statusOf(x *kongtest.Exchange) int {
	if x.Exit == nil {
		return 0
	}
	return x.Exit.Status
}

func TestSchemasThatKongRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		attrs kongtest.Attrs
		want  string
	}{
		{"a field without a type", kongtest.Attrs{}, "no type"},
		{"a type that Kong does not have", kongtest.Attrs{"type": "float"}, "no type"},
		{"an array without elements", kongtest.Attrs{"type": "array"}, "must declare 'elements'"},
		{"between on a string", kongtest.Attrs{"type": "string", "between": []any{1.0, 2.0}}, "cannot have attribute 'between'"},
		{"between of fractions", kongtest.Attrs{"type": "number", "between": []any{0.5, 2.0}}, "two integers"},
		{"one_of on a boolean", kongtest.Attrs{"type": "boolean", "one_of": []any{true}}, "cannot have attribute 'one_of'"},
		{"an attribute that Kong does not have", kongtest.Attrs{"type": "string", "enum": []any{"a"}}, "unknown attribute enum"},
		{"a default that the field does not accept", kongtest.Attrs{"type": "string", "one_of": []any{"a"}, "default": "b"}, "default: expected one of"},
		{"a referenceable number", kongtest.Attrs{"type": "number", "referenceable": true}, "cannot have attribute 'referenceable'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			schema := kongtest.Schema{Name: "x", Fields: []map[string]kongtest.Attrs{{"field": test.attrs}}}
			if err := schema.Check(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestConfigurationsThatTheSchemaRefuses(t *testing.T) {
	schema := kongtest.Schema{Name: "x", Fields: []map[string]kongtest.Attrs{{"config": {"type": "record", "fields": []any{
		map[string]any{"name": map[string]any{"type": "string", "required": true, "len_min": 2.0}},
		map[string]any{"port": map[string]any{"type": "integer", "required": true, "default": 80.0, "between": []any{1.0, 100.0}}},
		map[string]any{"kinds": map[string]any{"type": "array", "elements": map[string]any{"type": "string", "one_of": []any{"a", "b"}}}},
	}}}}}
	for _, test := range []struct {
		name   string
		config map[string]any
		want   string // empty: accepted
	}{
		{"a required field is missing", map[string]any{}, "config.name: required field missing"},
		{"a string is too short", map[string]any{"name": "x"}, "config.name: length must be at least 2"},
		{"a number is out of bounds", map[string]any{"name": "xy", "port": 101}, "config.port: value should be between"},
		{"a fraction is no integer", map[string]any{"name": "xy", "port": 1.5}, "config.port: expected an integer"},
		{"an element is none of those listed", map[string]any{"name": "xy", "kinds": []any{"a", "c"}}, "config.kinds: [2]: expected one of"},
		{"a field is unknown", map[string]any{"name": "xy", "nmae": 1}, "config.nmae: unknown field"},
		{"everything is right", map[string]any{"name": "xy", "kinds": []any{"a"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			full, err := schema.Complete(test.config)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				return
			}
			if err != nil || full["port"] != 80.0 {
				t.Errorf("got %v, %v; the default of port is missing", full, err)
			}
		})
	}
}

func TestGatewayHeadersAreThoseOfNGINX(t *testing.T) {
	var h kongtest.Header
	h.Set("X-A", "1", "2")
	h.Set("x-a", "3")
	h = append(h, kongtest.Field{Name: "X-a", Value: "4"})
	if got := h.Values("X-A"); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("got %v", got)
	}
}
