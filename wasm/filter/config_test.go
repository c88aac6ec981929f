package filter

import (
	"strings"
	"testing"
	"time"
)

const secret = "souk-test-secret-0123456789abcdef"

// configured makes a filter of a key, an identity and more.
func configured(more string) (*Filter, error) {
	return New(`{"key":{"id":"k","secret":"`+secret+`"},"identity":{"header":"x-user"}`+more+`}`, testOptions())
}

func testOptions() Options {
	return Options{Now: time.Now, Random: strings.NewReader(strings.Repeat("random", 100)), Getenv: func(name string) string {
		return map[string]string{"S": secret, "SHORT": "short-" + secret[:4]}[name]
	}}
}

func TestWhatIsWrongInAConfigurationIsNamed(t *testing.T) {
	identity := func(more string) string {
		return `{"key":{"id":"k","secret_env":"S"},"identity":{"header":"x-user"` + more + `}}`
	}
	beside := func(more string) string {
		return `{"key":{"id":"k","secret_env":"S"},"identity":{"header":"x-user"},` + more + `}`
	}
	for _, c := range []struct{ name, config, want string }{
		{"nothing", "", "line 1, column 1: a value is expected"},
		{"no object", "[]", "the configuration: an object is expected"},
		{"a comma too many", "{\n  \"host\": \"envoy\",\n}", "line 3, column 1: a key is expected"},
		{"a field twice", `{"host":"envoy","host":"envoy"}`, "a key comes twice"},
		{"an unknown field", beside(`"hosst":"envoy"`), "the configuration: it has an unknown field; known are host, key"},
		{"an unknown field further down", identity(`,"groups":"a"`), "identity: it has an unknown field; known are header, property"},
		{"no key", `{"identity":{"header":"x"}}`, "key: missing"},
		{"a key without a secret", `{"key":{"id":"k"},"identity":{"header":"x"}}`, "key: exactly one of secret and secret_env"},
		{"two secrets", `{"key":{"id":"k","secret":"` + secret + `","secret_env":"S"},"identity":{"header":"x"}}`, "key: exactly one of secret and secret_env"},
		{"a variable that is not there", `{"key":{"id":"k","secret_env":"NONE"},"identity":{"header":"x"}}`, "key.secret_env: the module's environment"},
		{"a short secret", `{"key":{"id":"k","secret_env":"SHORT"},"identity":{"header":"x"}}`, "key: hand-off invalid: the secret of key k is shorter than 16 bytes"},
		{"a key's id with spaces", `{"key":{"id":"a b","secret_env":"S"},"identity":{"header":"x"}}`, "key: hand-off invalid: the key's id"},
		{"no identity", `{"key":{"id":"k","secret_env":"S"}}`, "identity: exactly one of header and property"},
		{"two identities", identity(`,"property":["a"]`), "identity: exactly one of header and property"},
		{"two kinds of groups", identity(`,"groups_header":"x-g","scopes":["chat"]`), "identity: at most one of groups_header"},
		{"a header of the hand-off as identity", `{"key":{"id":"k","secret_env":"S"},"identity":{"header":"souk-caller"}}`, "identity.header: this is not a header"},
		{"a pseudo header as identity", `{"key":{"id":"k","secret_env":"S"},"identity":{"header":":authority"}}`, "identity.header: this is not a header"},
		{"an empty path", identity(`,"groups_property":[]`), "identity.groups_property: a list of strings is expected"},
		{"402", identity(`,"missing":402`), "identity.missing: it is 401 or 403"},
		{"half a proof", identity(`,"verified":{"property":["a"]}`), "identity.verified: both property and is"},
		{"scopes that are numbers", identity(`,"scopes":[1]`), "identity.scopes: a string is expected"},
		{"a credential that no header holds", identity(`,"credential":"é"`), "identity.credential: it holds characters"},
		{"a lifetime of a day", beside(`"lifetime":86400`), "lifetime: a whole number of 1 to 60"},
		{"half a second", beside(`"lifetime":0.5`), "lifetime: a whole number of 1 to 60"},
		{"an unknown host", beside(`"host":"haproxy"`), "host: it is none of envoy, nginx"},
		{"what was applied as a list", beside(`"applied":["credentials"]`), "applied: an object is expected"},
		{"an unknown type of provider", beside(`"constraints":{"type":["public"]}`), "constraints.type: company, community"},
		{"a price as text", beside(`"constraints":{"max_price":"2"}`), "constraints.max_price: a number is expected"},
		{"a price below zero", beside(`"constraints":{"max_price":-1}`), "constraints: hand-off invalid: the constraint max-price"},
		{"a star in the middle", beside(`"constraints":{"models":["a*b"]}`), "constraints: hand-off invalid: in the constraint models"},
		{"half a route", beside(`"route":{"header":"x"}`), "route: both header and value"},
		{"a prefix that is none", beside(`"strip_prefix":"v1"`), "strip_prefix: it does not begin with /"},
		{"headers that do not wait for a signed body", beside(`"body":"required","hold_headers":false`), "hold_headers: the signature covers the body"},
		{"headers that wait on NGINX", beside(`"host":"nginx","hold_headers":true`), "hold_headers: NGINX"},
		{"an authority on NGINX", beside(`"host":"nginx","authority":"souk"`), "authority: NGINX"},
		{"an unknown type to mask", beside(`"redact":{"mode":"mask","types":["NAME"]}`), "redact.types: a type is unknown"},
		{"a word of the dictionary that is too short", beside(`"redact":{"mode":"mask","dictionary":["a"]}`), "redact: a dictionary term is shorter"},
		{"redaction that is said twice", beside(`"applied":{"redaction":true},"redact":{"mode":"mask"}`), "applied.redaction: leave it out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(c.config, testOptions())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), secret[:10]) || strings.Contains(err.Error(), "short-") {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
}

func TestASourceWithoutRandomBytesIsFatal(t *testing.T) {
	o := testOptions()
	o.Random = strings.NewReader("too few")
	_, err := New(`{"key":{"id":"k","secret_env":"S"},"identity":{"header":"x"},"redact":{"mode":"mask"}}`, o)
	if err == nil || !strings.HasPrefix(err.Error(), "redact: ") {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsKnownOfCallersIsBounded(t *testing.T) {
	f, err := configured("")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 * maxKnown {
		if _, err := f.said(caller{id: strings.Repeat("a", i%1000) + string(rune('a'+i%26))}); err != nil {
			t.Fatal(err)
		}
		if len(f.known) > maxKnown {
			t.Fatalf("%d callers are known", len(f.known))
		}
	}
}
