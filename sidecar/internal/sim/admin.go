package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// faultsBody is what POST /sim/faults takes.
type faultsBody struct {
	Faults []string `json:"faults"`
	Count  int      `json:"count"` // for the next so many requests only; 0: for all from now on
}

// admin serves the calls under /sim/, which no fault befalls.
func (x *exchange) admin(body []byte) {
	method := x.http.Method
	switch path := x.http.URL.Path; {
	case path == "/sim/faults" && method == http.MethodPost:
		x.setFaults(body)
	case path == "/sim/faults" && method == http.MethodDelete:
		x.p.schedule.set(nil)
		x.listFaults()
	case path == "/sim/faults" && method == http.MethodGet:
		x.listFaults()
	case path == "/sim/stats" && method == http.MethodGet:
		x.whole(http.StatusOK, typeJSON, encode(x.p.Stats().report()))
	case path == "/sim/redirected":
		x.p.counters.update(func(s *Stats) { s.Redirects++ })
		x.whole(http.StatusOK, typeJSON, []byte(`{"redirected":true}`))
	default:
		x.fail(&apiError{status: http.StatusNotFound, typ: "invalid_request_error",
			message: "there are GET, POST and DELETE /sim/faults and GET /sim/stats"})
	}
}

func (x *exchange) setFaults(body []byte) {
	var want faultsBody
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&want); err != nil {
		x.fail(invalid("", "", `send {"faults": ["cut=5"]} or {"faults": ["cut=5"], "count": 1}: %v`, err))
		return
	}
	x.cut = true // a refusal ends this connection too
	var err error
	if want.Count != 0 {
		err = x.p.NextFaults(want.Count, want.Faults...)
	} else {
		err = x.p.SetFaults(want.Faults...)
	}
	if err != nil {
		x.fail(invalid("faults", "", "%v", err))
		return
	}
	x.listFaults()
}

func (x *exchange) listFaults() {
	base, next, left := x.p.schedule.specs()
	x.whole(http.StatusOK, typeJSON, encode(map[string]any{"faults": orEmpty(base), "next": orEmpty(next), "count": left}))
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// report is Stats for GET /sim/stats: without the prompt, and with secrets masked.
func (s Stats) report() any {
	header := s.Last.Header.Clone()
	for name := range header {
		lower := strings.ToLower(name)
		if strings.Contains(lower, "auth") || strings.Contains(lower, "key") || strings.Contains(lower, "cookie") || strings.Contains(lower, "token") || strings.Contains(lower, "signature") {
			header[name] = []string{"[secret]"}
		}
	}
	return map[string]any{
		"simulated": true, "requests": s.Requests, "streams": s.Streams, "completed": s.Completed, "aborted": s.Aborted,
		"active": s.Active, "accepted": s.Accepted, "open": s.Open, "redirects": s.Redirects, "faults": s.Faults,
		"last": map[string]any{"method": s.Last.Method, "path": s.Last.Path, "headers": header, "body_bytes": len(s.Last.Body)},
	}
}
