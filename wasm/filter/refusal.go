package filter

import "strconv"

// refusal is the filter's own answer to a request, in the shape of the OpenAI API's errors.
type refusal struct {
	status  int
	kind    string
	code    string
	message string
}

func badRequest(code, message string) *refusal {
	return &refusal{400, "invalid_request_error", code, message}
}

func tooLarge(max int) *refusal {
	return &refusal{413, "invalid_request_error", "request_too_large", "the body has more than " + strconv.Itoa(max) + " bytes"}
}

// unreadable is the end of a request whose body has to be read and cannot be: NGINX may have put it into a file.
func unreadable() *refusal {
	return &refusal{500, "internal_error", "body_unreadable", "the gateway could not read the request's body, so the request was not sent"}
}

// broken is the end of a request that the host did not let the filter change.
func broken() *refusal {
	return &refusal{500, "internal_error", "gateway_error", "the gateway could not hand the request off, so it was not sent"}
}

func (f *refusal) body() []byte {
	return []byte(`{"error":{"message":` + quoteJSON(f.message) + `,"type":` + quoteJSON(f.kind) +
		`,"code":` + quoteJSON(f.code) + `,"param":null}}`)
}

func (f *refusal) headers() [][2]string {
	headers := [][2]string{{"content-type", "application/json"}}
	if f.status == 401 {
		headers = append(headers, [2]string{"www-authenticate", "Bearer"})
	}
	return headers
}
