package caller

import (
	"bytes"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// Identify finds the caller of a request that is no hand-off, under an auth mode of the configuration. authorization is the value of the
// Authorization header; apiKey is that of x-api-key, or api-key when that is missing; nil means not sent. A Bearer
// token is the identity when there is one, right or wrong; only without it does apiKey count. The error is a 401
// that says what to send, and never holds what was sent.
func (k *Keys) Identify(auth string, authorization, apiKey []byte) (*Caller, *fault.Error) {
	switch auth {
	case config.AuthNone:
		return k.anonymous, nil
	case config.AuthKeys, config.AuthAny:
	default:
		return nil, fault.New(500, fault.TypeInternal, "auth_mode", "auth mode %q takes no key; this is an error of souk's own", auth)
	}
	token, bearer := bearerToken(authorization)
	if !bearer {
		token = trim(apiKey)
	}
	if len(token) == 0 {
		return nil, missing(authorization)
	}
	if len(token) > MaxToken {
		return nil, fault.New(401, fault.TypeAuth, "invalid_api_key",
			"the API key is longer than %d bytes, which no key of this sidecar is", MaxToken)
	}
	caller, ok := k.Lookup(token)
	if !ok {
		return nil, fault.New(401, fault.TypeAuth, "invalid_api_key",
			"the API key is not known here; send one that is listed under keys in the sidecar's configuration")
	}
	return caller, nil
}

func missing(authorization []byte) *fault.Error {
	if value := trim(authorization); len(value) > 0 && !bytes.EqualFold(value, []byte("bearer")) {
		return fault.New(401, fault.TypeAuth, "missing_api_key",
			`the Authorization header does not hold a Bearer token; send "Authorization: Bearer <key>" or "x-api-key: <key>"`)
	}
	return fault.New(401, fault.TypeAuth, "missing_api_key",
		`no API key was sent; send "Authorization: Bearer <key>" or "x-api-key: <key>"`)
}

// bearerToken takes the token out of credentials of the Bearer scheme, whose name is case-insensitive (RFC 9110,
// section 11.1; RFC 6750, section 2.1).
func bearerToken(authorization []byte) (token []byte, ok bool) {
	const scheme = "bearer "
	value := trim(authorization)
	if len(value) < len(scheme) || !bytes.EqualFold(value[:len(scheme)], []byte(scheme)) {
		return nil, false
	}
	return trim(value[len(scheme):]), true
}

// trim cuts optional whitespace (RFC 9110, section 5.6.3).
func trim(value []byte) []byte { return bytes.Trim(value, " \t") }
