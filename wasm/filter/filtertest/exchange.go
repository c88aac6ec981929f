package filtertest

import "strings"

// Callbacks are what a proxy calls of a filter for one request; true means that it goes on.
type Callbacks interface {
	RequestHeaders(count int, end bool) bool
	RequestBody(size int, end bool) bool
	RequestTrailers(count int) bool
	ResponseHeaders(count int, end bool) bool
	ResponseBody(size int, end bool) bool
	Done()
}

// Exchange is a request as a client sends it, and the answer that it would get from the sidecar.
type Exchange struct {
	Headers    [][2]string
	Body       []string // in the pieces in which it comes
	Trailers   [][2]string
	Properties map[string]string
	Spooled    bool
	NoHold     bool // an Envoy that does not hold headers back

	Answer     [][2]string
	AnswerBody []string
}

// Result is what became of it. Two filters that are the same say the same.
type Result struct {
	Local   *Local // the filter's own answer; nil: the request reached the sidecar
	Headers [][2]string
	Body    string

	Answer     [][2]string
	AnswerBody string
	Pieces     []string // of the answer's body, as they went on

	Log    []string
	Faults []string
}

// Run plays an exchange. The proxy is p's kind, and given to the filter by begin.
func (x *Exchange) Run(p *Proxy, begin func(*Proxy) Callbacks) Result {
	*p = Proxy{NGINX: p.NGINX, Properties: x.Properties, Spooled: x.Spooled}
	p.Request = append(p.Request, x.Headers...)
	f := begin(p)
	defer f.Done()
	var sent string
	var arrived bool
	if p.NGINX {
		sent, arrived = x.nginx(p, f)
	} else {
		sent, arrived = x.envoy(p, f)
	}
	r := Result{Local: p.Local, Log: p.Log}
	if arrived {
		r.Headers, r.Body = append(r.Headers, p.Request...), sent
		p.sized("request", p.Request, []byte(sent))
		x.answer(p, f, &r)
	} else if p.Local == nil {
		p.fault("the request is held back for ever")
	}
	r.Log, r.Faults = p.Log, p.Faults
	return r
}

// envoy sends headers, body and trailers one after another, each when the filter lets it go. It says what left of the body.
func (x *Exchange) envoy(p *Proxy, f Callbacks) (sent string, arrived bool) {
	held := false
	if !f.RequestHeaders(p.Count(p.Request), len(x.Body) == 0 && x.Trailers == nil) {
		if p.Local != nil || x.NoHold {
			return "", false
		}
		held = true
	}
	p.gone = !held
	p.Body = nil
	for i, piece := range x.Body {
		p.Body = append(p.Body, piece...)
		went := f.RequestBody(len(p.Body), i == len(x.Body)-1 && x.Trailers == nil)
		if p.Local != nil {
			return sent, false
		}
		if went {
			sent, p.Body, held = sent+string(p.Body), nil, false
			p.gone = true
		}
	}
	if x.Trailers != nil && !f.RequestTrailers(len(x.Trailers)) {
		return sent, false
	}
	return sent, len(p.Body) == 0 && !held
}

// nginx reads the whole body before anything leaves, and calls for it only if there is one.
func (x *Exchange) nginx(p *Proxy, f Callbacks) (sent string, arrived bool) {
	if !f.RequestHeaders(p.Count(p.Request), true) {
		return "", false
	}
	p.Body = []byte(strings.Join(x.Body, ""))
	if len(p.Body) > 0 && !f.RequestBody(len(p.Body), true) {
		return "", false
	}
	p.gone = true
	return string(p.Body), true
}

func (x *Exchange) answer(p *Proxy, f Callbacks, r *Result) {
	p.Response = append(p.Response, x.Answer...)
	p.Spooled = false
	if !f.ResponseHeaders(p.Count(p.Response), p.NGINX || len(x.AnswerBody) == 0) {
		p.fault("an answer is held back")
	}
	for i, piece := range x.AnswerBody {
		p.Body = []byte(piece)
		if !f.ResponseBody(len(p.Body), i == len(x.AnswerBody)-1) {
			p.fault("a piece of an answer is held back")
		}
		r.Pieces = append(r.Pieces, string(p.Body))
		r.AnswerBody += string(p.Body)
	}
	r.Answer = append(r.Answer, p.Response...)
	p.sized("answer", p.Response, []byte(r.AnswerBody))
}
