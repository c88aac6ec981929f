// Package filter is the proxy-wasm filter without its host: it hands requests to the sidecar, signed, and if asked to masks
// personal data on the way out and restores it on the way back. A binding for each SDK calls it and lends it a Host.
//
// A gateway takes an answer from the sidecar only for requests that this package has let pass, so whatever goes wrong here ends
// in a refusal: no identity, a header that only the gateway may send, a body that cannot be read.
//
// The package compiles with standard Go and with TinyGo, and is bound by what hosts do (measured, or read in their source):
//
//   - Envoy holds headers back only from version 1.35 on, and only where the plugin's configuration says
//     allow_on_headers_stop_iteration. Otherwise they have left when the body comes.
//   - NGINX (ngx_wasm_module) says of every request's headers that they end it, and calls for the body only if there is one;
//     headers can be written until then. It shows at most some of the headers, so those that it shows are counted. It replaces
//     headers of a request, but does not remove them. :authority cannot be set. It cannot show a body that it has put into a file.
//   - A host may keep what it lends for one call only. Nothing of it is kept without a copy.
//
// There are no goroutines, timers or locks that wait: the hosts have none.
package filter
