package traefik

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
)

// refusal is an answer of the middleware's own, in the shape of the OpenAI API's errors.
type refusal struct {
	status  int
	kind    string
	code    string
	message string
	header  http.Header // beside those that every refusal has
}

func badRequest(code, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, kind: "invalid_request_error", code: code, message: message}
}

func reservedHeader() *refusal {
	return badRequest("reserved_header", "Headers whose names begin with Souk-, Signature and Signature-Input are the gateway's alone.")
}

func unsigned(p *httputil.ProxyRequest, err error) {
	refuse(p, badRequest("request_not_signable", "The request cannot be signed: "+err.Error()+"."))
}

func duplicate(header string) *refusal {
	return badRequest("duplicate_identity", "The header "+header+" came more than once.")
}

func unauthorized() *refusal {
	return &refusal{
		status: http.StatusUnauthorized, kind: "authentication_error", code: "no_identity",
		message: "The gateway does not know who sends this request.",
		header:  http.Header{"Www-Authenticate": []string{"Bearer"}},
	}
}

func notAccepted(err error) *refusal {
	return &refusal{
		status: http.StatusForbidden, kind: "permission_error", code: "caller_not_accepted",
		message: "The caller cannot be handed off: " + err.Error() + ".",
	}
}

func noGroups() *refusal {
	return &refusal{status: http.StatusForbidden, kind: "permission_error", code: "no_scope", message: "The caller is in no group."}
}

func tooLarge(max int64) *refusal {
	return &refusal{
		status: http.StatusRequestEntityTooLarge, kind: "invalid_request_error", code: "request_too_large",
		message: "The body has more than " + strconv.FormatInt(max, 10) + " bytes.",
	}
}

// unreachable is the answer where no connection to the sidecar could be made: nothing was sent.
func unreachable() *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, kind: "service_unavailable_error", code: "sidecar_down",
		message: "The gateway cannot reach souk. The request was not sent; try again.",
		header:  http.Header{"Retry-After": []string{"1"}},
	}
}

// broken is the answer where the connection broke before the sidecar had answered.
func broken() *refusal {
	return &refusal{
		status: http.StatusBadGateway, kind: "upstream_error", code: "sidecar_broken",
		message: "The connection from the gateway to souk broke. The request may have been sent.",
	}
}

func (f *refusal) body() string {
	text, err := json.Marshal(map[string]any{
		"error": map[string]any{"message": f.message, "type": f.kind, "code": f.code, "param": nil},
	})
	if err != nil {
		return `{"error":{"message":"","type":"internal_error","code":null,"param":null}}`
	}
	return string(text)
}

func (f *refusal) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	for name, values := range f.header {
		h[name] = values
	}
	w.WriteHeader(f.status)
	_, _ = io.WriteString(w, f.body()) // an error is the caller's hang-up
}
