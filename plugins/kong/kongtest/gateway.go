package kongtest

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// Gateway is Kong in front of HTTP clients, with one route and one service. It is an http.Handler; a test serves it on a socket
// of its own.
type Gateway struct {
	Plugin    *Instance
	Paths     []string // of the route; none: every path
	StripPath bool
	Service   *url.URL            // the origin
	Consumers map[string]Consumer // by the key that a client sends in the header apikey
	Anonymous *Consumer           // config.anonymous of key-auth; nil: requests without a key get 401 from Kong
	// Authenticate stands for another authentication plugin than key-auth: it sets Consumer and CredentialID. False: 401 by Kong.
	Authenticate func(*Exchange) bool
	Transport    http.RoundTripper
	Done         func(*Exchange) // called behind the log phase
}

// NewGateway is a gateway whose connections end with the test.
func NewGateway(tb testing.TB, plugin *Instance, origin string) *Gateway {
	tb.Helper()
	service, err := url.Parse(origin)
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return &Gateway{Plugin: plugin, Service: service, Transport: transport}
}

// ServeHTTP routes, authenticates, runs the access phase, proxies and runs the log phase.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := g.exchange(r)
	path, found := g.upstreamPath(r.URL.EscapedPath())
	if !found {
		http.Error(w, `{"message":"no Route matched with those values"}`, http.StatusNotFound)
		return
	}
	x.Path = escape(path)
	if !g.authenticate(x) {
		http.Error(w, `{"message":"No API key found in request"}`, http.StatusUnauthorized)
		return
	}
	g.Plugin.Access(x)
	switch {
	case x.Fault != nil:
		x.Status = http.StatusInternalServerError
		http.Error(w, `{"message":"An unexpected error occurred"}`, x.Status)
	case x.Exit != nil:
		x.Status = x.Exit.Status
		for name, values := range x.Exit.Header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		w.WriteHeader(x.Status)
		_, _ = w.Write(x.Exit.Body)
	default:
		g.proxy(w, r, x)
	}
	access := x.Calls
	fault, took := x.Fault, x.Took
	x.Fault = nil
	g.Plugin.Log(x)
	if fault != nil {
		x.Fault = fault
	}
	x.Calls, x.Took = access, took
	if g.Done != nil {
		g.Done(x)
	}
}

func (g *Gateway) exchange(r *http.Request) *Exchange {
	x := &Exchange{Method: r.Method, Query: r.URL.RawQuery, Scheme: g.Service.Scheme, Host: g.Service.Hostname()}
	x.Port, _ = strconv.Atoi(g.Service.Port())
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, v := range r.Header[name] {
			x.Header = append(x.Header, Field{name, v})
		}
	}
	return x
}

// upstreamPath is what the router makes of a path: without what matched if the route strips it, behind the service's own.
func (g *Gateway) upstreamPath(path string) (string, bool) {
	matched := ""
	if len(g.Paths) > 0 {
		i := slices.IndexFunc(g.Paths, func(p string) bool { return strings.HasPrefix(path, p) })
		if i < 0 {
			return "", false
		}
		matched = g.Paths[i]
	}
	if g.StripPath {
		path = strings.TrimPrefix(path, matched)
	}
	path = strings.TrimSuffix(g.Service.EscapedPath(), "/") + "/" + strings.TrimPrefix(path, "/")
	return path, true
}

// authenticate is key-auth.
func (g *Gateway) authenticate(x *Exchange) bool {
	if g.Authenticate != nil {
		return g.Authenticate(x)
	}
	if consumer, ok := g.Consumers[x.Header.Get("apikey")]; ok {
		x.Consumer, x.CredentialID = &consumer, "credential-of-"+consumer.Username
		x.Header.Set("X-Consumer-Username", consumer.Username)
		x.Header.Del("X-Anonymous-Consumer")
		return true
	}
	if g.Anonymous == nil || x.Header.Get("apikey") != "" {
		return false
	}
	x.Consumer = g.Anonymous // and no credential
	x.Header.Set("X-Anonymous-Consumer", "true")
	return true
}

// proxy sends the exchange where it goes, and the answer back as it comes.
func (g *Gateway) proxy(w http.ResponseWriter, r *http.Request, x *Exchange) {
	for _, nominated := range x.Header.Values("Connection") {
		for name := range strings.SplitSeq(nominated, ",") {
			x.Header.Del(strings.TrimSpace(name))
		}
	}
	out, err := http.NewRequestWithContext(r.Context(), x.Method, x.Scheme+"://"+net.JoinHostPort(x.Host, strconv.Itoa(x.Port)), r.Body)
	if err != nil {
		x.Status = http.StatusInternalServerError
		http.Error(w, err.Error(), x.Status)
		return
	}
	out.URL.Opaque, out.URL.RawQuery, out.URL.ForceQuery = x.Path, x.Query, false
	out.ContentLength = r.ContentLength
	for _, f := range x.Header {
		out.Header[f.Name] = append(out.Header[f.Name], f.Value)
	}
	out.Header.Del("Connection")
	answer, err := g.Transport.RoundTrip(out)
	if err != nil {
		x.Status = http.StatusBadGateway
		var dns *net.DNSError
		if errors.As(err, &dns) {
			x.Status = http.StatusServiceUnavailable
		}
		http.Error(w, `{"message":"An invalid response was received from the upstream server"}`, x.Status)
		return
	}
	defer answer.Body.Close()
	x.Status = answer.StatusCode
	for name, values := range answer.Header {
		w.Header()[name] = values
		for _, v := range values {
			x.ResponseHeader = append(x.ResponseHeader, Field{name, v})
		}
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(flusher{w}, answer.Body) // the client's hang-up ends the request's context
}

// flusher sends each piece of an answer at once: response_buffering: false.
type flusher struct{ http.ResponseWriter }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	if err == nil {
		err = http.NewResponseController(f.ResponseWriter).Flush()
	}
	return n, err
}
