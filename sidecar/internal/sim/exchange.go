package sim

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// exchange is one request and its answer.
type exchange struct {
	p    *Provider
	c    *conn
	http *http.Request
	settings
	hits []Fault // the faults that befall it
	req  request
	bad  *apiError // what is wrong with the body; nil: nothing
	at   time.Time // when the request had arrived
	id   string    // unlike any other request's
	cut  bool      // the connection cannot be used again
	sent int       // content events so far
}

// answer treats one request. The connection may be used again when it returns true.
func (p *Provider) answer(c *conn, req *http.Request, body []byte) bool {
	x := &exchange{p: p, c: c, http: req, at: time.Now(), cut: req.Close}
	if req.Method == http.MethodHead {
		x.cut = true // its answer would have no body
	}
	if strings.HasPrefix(req.URL.Path, "/sim/") {
		x.admin(body)
		return !x.cut
	}
	if req.Method == http.MethodPost {
		x.req, x.bad = parseRequest(body)
	}
	header := req.Header
	header.Set("Host", req.Host)
	p.counters.begun(Received{req.Method, req.URL.Path, header, body}, x.req.Stream)

	own, err := p.directives(header, &x.req)
	if err != nil {
		x.bad, own.faults = invalid("", "bad_simulation", "%v", err), nil
	}
	x.settings = own
	var seq uint64
	x.hits, seq = p.schedule.draw(own.faults, x.req.Stream)
	x.id = fmt.Sprintf("sim-%s-%d", p.opts.Name, seq)
	p.counters.struck(x.hits...)
	x.serve()
	p.log(x)
	return !x.cut
}

func (x *exchange) serve() {
	if f, ok := x.fault("trickle"); ok {
		x.c.trickle = f.duration
	}
	if f, ok := x.fault("slow-first"); ok {
		x.firstToken = f.duration
	}
	if !x.strike() {
		x.route()
	}
	x.c.flush()
	x.c.trickle = -1
}

func (p *Provider) log(x *exchange) {
	how := completed
	select {
	case <-x.c.run.stop:
		how = stopped
	default:
		if x.c.left || x.c.err != nil {
			how = aborted
		}
	}
	p.counters.ended(how)
	p.opts.Log.Debug("simulated answer", "provider", p.opts.Name, "path", x.http.URL.Path, "model", clip(x.req.Model),
		"stream", x.req.Stream, "faults", x.hits, "ending", how.String(), "duration", time.Since(x.at))
}

func (x *exchange) fault(kind string) (Fault, bool) {
	for _, f := range x.hits {
		if f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// route picks the operation by method and path.
func (x *exchange) route() {
	path := x.http.URL.Path
	operation, posted := map[string]func(){
		"/v1/chat/completions": x.chat,
		"/v1/completions":      x.completions,
		"/v1/embeddings":       x.embeddings,
	}[path]
	switch {
	case !x.authorized():
		x.fail(badKey())
	case x.bad != nil && (posted || x.http.Method != http.MethodPost):
		x.fail(x.bad)
	case posted && x.http.Method == http.MethodPost:
		operation()
	case path == "/v1/models" && x.http.Method == http.MethodGet:
		x.models()
	case strings.HasPrefix(path, "/v1/models/") && x.http.Method == http.MethodGet:
		x.oneModel(strings.TrimPrefix(path, "/v1/models/"))
	case posted || path == "/v1/models":
		x.fail(&apiError{status: http.StatusMethodNotAllowed, typ: "invalid_request_error", message: "Not allowed to " + clip(x.http.Method) + " on this path."})
	default:
		x.fail(&apiError{status: http.StatusNotFound, typ: "invalid_request_error", message: "Unknown request URL: " + clip(x.http.Method+" "+path)})
	}
}

func (x *exchange) authorized() bool {
	want := x.p.opts.APIKey
	if want == "" {
		return true
	}
	scheme, token, _ := strings.Cut(x.http.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "bearer") && subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
}

// served finds the model of a request, or answers that there is none.
func (x *exchange) served(fits func(*Model) bool) *Model {
	if x.req.Model == "" {
		x.fail(invalid("model", "", "you must provide a model parameter"))
		return nil
	}
	m := x.p.model(x.req.Model)
	if m == nil {
		x.fail(notFound(x.req.Model))
		return nil
	}
	if !fits(m) {
		x.fail(invalid("model", "", "the model %q does not serve this operation", clip(x.req.Model)))
		return nil
	}
	return m
}
