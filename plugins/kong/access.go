package main

import (
	"strings"
	"unicode/utf8"

	"github.com/soukproxy/souk/policy/handoff"
)

// access hands one request off. Reading downward: who asks, what goes on, the signature, the way to the sidecar. The body is left
// alone. An error is the answer to the client: Kong goes on with the request if, and only if, it is nil.
func (r *route) access(k bridge) error {
	h, full, err := k.headers("kong.request.get_headers")
	if err != nil {
		return err
	}
	if full {
		return refusal{400, "invalid_request_error", "too_many_headers", "the request has too many header lines to check them"}
	}
	if h.reserved() {
		return refusal{400, "invalid_request_error", "reserved_header",
			"souk-*, signature and signature-input are headers of the gateway; a client does not send them or name them in connection"}
	}
	who, err := r.identify(k, h)
	if err != nil {
		return err
	}
	statement, err := r.template.Prepare(&who)
	if err != nil {
		return refusal{403, "permission_error", "caller_not_accepted", "the caller's identity or scopes cannot be handed off: " + err.Error()}
	}
	if r.probe != nil && r.probe.down() {
		return r.without(k)
	}
	request, err := r.onward(k)
	if err != nil {
		return err
	}
	signed, err := r.signer.Sign(request, statement)
	if err != nil {
		return refusal{400, "invalid_request_error", "request_not_signable", "the request cannot be handed off: " + err.Error()}
	}
	return r.retarget(k, signed)
}

// without is what becomes of a request while the sidecar is down. One that goes past it can be found in both of Kong's logs.
func (r *route) without(k bridge) error {
	if !r.config.FailOpen {
		k.log(levelWarn, "the sidecar is down: "+r.probe.url+" does not answer 200")
		return refusal{503, "api_error", "sidecar_down", "the gateway's sidecar is not ready"}
	}
	k.log(levelWarn, "fail_open: the sidecar is down; the request goes to Kong's own service, past the sidecar")
	return k.mark("souk.handoff", "fail_open")
}

// onward is the request as the sidecar will receive it. In the access phase $upstream_uri is the path as Kong sends it, stripped, joined
// with the service's and changed by plugins before this one; behind the phase Kong appends $args.
func (r *route) onward(k bridge) (handoff.Request, error) {
	method, err := k.text("kong.request.get_method", nil)
	if err != nil {
		return handoff.Request{}, err
	}
	path, err := k.variable("upstream_uri")
	if err != nil {
		return handoff.Request{}, err
	}
	query, err := k.variable("args")
	if err != nil {
		return handoff.Request{}, err
	}
	if c := r.config; c.StripPrefix != "" || c.AddPrefix != "" {
		if path, err = rewrite(k, path, c.StripPrefix, c.AddPrefix); err != nil {
			return handoff.Request{}, err
		}
	}
	return handoff.Request{Method: method, Path: path, Query: query}, nil
}

// rewrite changes the path and tells what Kong made of it, since Kong escapes what it is given.
func rewrite(k bridge, path, strip, add string) (string, error) {
	if rest, found := strings.CutPrefix(path, strip); found && (rest == "" || rest[0] == '/') {
		path = rest
	}
	path = add + path
	if path == "" {
		path = "/"
	}
	if !utf8.ValidString(path) {
		return "", refusal{400, "invalid_request_error", "path_not_utf8", "the path holds bytes that are not UTF-8; percent-encode them"}
	}
	if err := k.setPath(path); err != nil {
		return "", err
	}
	return k.variable("upstream_uri")
}

// retarget sends the request to the sidecar: with SetTarget, since an upstream that Kong does not know would send it to the origin without
// an error.
func (r *route) retarget(k bridge, signed *handoff.Headers) error {
	out := make(map[string][]string, 5)
	for _, f := range signed.Fields() {
		out[f.Name] = []string{f.Value}
	}
	if err := k.kong.ServiceRequest.SetScheme(r.config.SidecarScheme); err != nil {
		return err
	}
	if err := k.setHeaders(out); err != nil {
		return err
	}
	return k.kong.Service.SetTarget(r.config.SidecarHost, r.config.SidecarPort)
}
