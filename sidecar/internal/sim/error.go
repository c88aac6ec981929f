package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// apiError is an error as the OpenAI API answers it.
type apiError struct {
	status     int
	typ        string
	code       string // empty: null
	param      string // empty: null
	message    string
	retryAfter string
}

func invalid(param, code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, typ: "invalid_request_error", code: code, param: param, message: fmt.Sprintf(format, args...)}
}

// json is the error object, whose message says that it is simulated.
func (e *apiError) json(name string) []byte {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	type object struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Param   any    `json:"param"`
		Code    any    `json:"code"`
	}
	return encode(map[string]object{"error": {mark(name) + " " + e.message, e.typ, orNull(e.param), orNull(e.code)}})
}

// mark is what every simulated text begins with.
func mark(name string) string { return "[simulated by " + name + "]" }

// encode is for values that this package makes itself, which all have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func notFound(model string) *apiError {
	return &apiError{
		status: http.StatusNotFound, typ: "invalid_request_error", code: "model_not_found", param: "model",
		message: fmt.Sprintf("The model %q does not exist or you do not have access to it.", clip(model)),
	}
}

func contextExceeded(context, prompt int) *apiError {
	return invalid("messages", "context_length_exceeded",
		"This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. Please reduce the length of the messages.", context, prompt)
}

func badKey() *apiError {
	return &apiError{status: http.StatusUnauthorized, typ: "invalid_request_error", code: "invalid_api_key",
		message: "Incorrect API key provided."}
}

func statusError(status int) *apiError {
	e := &apiError{status: status, typ: "invalid_request_error", message: fmt.Sprintf("injected %d %s", status, http.StatusText(status))}
	switch {
	case status >= 500:
		e.typ = "server_error"
	case status == http.StatusTooManyRequests:
		e.typ, e.code = "rate_limit_error", "rate_limit_exceeded"
	}
	return e
}

func serverError() *apiError { return statusError(http.StatusInternalServerError) }
