package main

import (
	"strings"
	"unicode/utf8"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"

	"github.com/soukproxy/souk/policy/handoff"
)

// access hands one request off. Reading downward: who asks, what goes on, the signature, the way to the sidecar. The body is left
// alone. An error is the answer to the client: Kong goes on with the request if, and only if, it is nil.
func (r *route) access(k bridge) error {
	n, err := k.know(r.config.GroupsFrom == groupsAuthenticated)
	if err != nil {
		return err
	}
	if n.full {
		return refusal{400, "invalid_request_error", "too_many_headers", "the request has too many header lines to check them"}
	}
	if n.headers.reserved() {
		return refusal{400, "invalid_request_error", "reserved_header",
			"souk-*, signature and signature-input are headers of the gateway; a client does not send them or name them in connection"}
	}
	who, err := r.identify(n)
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
	request := handoff.Request{Method: n.method, Path: n.path, Query: n.query}
	if c := r.config; c.StripPrefix != "" || c.AddPrefix != "" {
		if request.Path, err = rewrite(k, n.path, c.StripPrefix, c.AddPrefix); err != nil {
			return err
		}
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
	var made pb.ByteString
	err := k.together(setPath(path), variable("upstream_uri", &made))
	return string(made.V), err
}

// retarget sends the request to the sidecar: with SetTarget, since an upstream that Kong does not know would send it to the origin without
// an error.
func (r *route) retarget(k bridge, signed *handoff.Headers) error {
	out := make(map[string][]string, 5)
	for _, f := range signed.Fields() {
		out[f.Name] = []string{f.Value}
	}
	return k.together(
		call{"kong.service.request.set_scheme", &pb.String{V: r.config.SidecarScheme}, nil},
		setHeaders(out),
		call{"kong.service.set_target", &pb.Target{Host: r.config.SidecarHost, Port: int32(r.config.SidecarPort)}, nil},
	)
}
