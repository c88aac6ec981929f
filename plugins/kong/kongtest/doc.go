// Package kongtest plays Kong Gateway to an external plugin: it starts the plugin's binary, reads its -dump, checks configurations
// against the schema in it, and speaks the protocol of Kong's plugin servers over the unix socket, with a request of its own
// or, as a Gateway, with those of real HTTP clients.
//
// It is as unforgiving as Kong is. A call that Kong cannot make sense of ends the request with a 500, and names what went wrong: text that
// go-pdk could not encode, so that the next call was taken for its arguments; a bridge that closed without an exit, which Kong answers
// by trying again for ever. SetUpstream with an unknown name is no error and leaves the request on its way to the origin. An exit gets no
// reply. A plugin with a response phase is refused, because it would buffer streams. What a plugin sets for the log in its log
// phase, other plugins do not see.
//
// The package was written from Kong's Lua sources (kong/runloop/plugin_servers, kong/pdk) and from what was measured on a real Kong. It is
// not Kong: routing, authentication and balancing are the least that a plugin's tests need.
package kongtest
