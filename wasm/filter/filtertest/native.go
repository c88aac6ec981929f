package filtertest

import (
	"time"

	"github.com/soukproxy/souk/wasm/filter"
)

// Native is the filter as the tests' own compiler makes it.
type Native struct{ filter *filter.Filter }

// Now is when all of this happens, in Unix seconds: when the vectors of the hand-off were signed.
const Now = 1763800000

// Nonce is what the hosts' source of random bytes gives, again and again: the nonce of the vectors.
const Nonce = "\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90"

// Random is a source that begins with the same bytes for each who asks.
type Random struct{ Bytes string }

// Read fills b.
func (r Random) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = r.Bytes[i%len(r.Bytes)]
	}
	return len(b), nil
}

// Environment is what the hosts give the module.
func Environment() map[string]string {
	return map[string]string{"HANDOFF_SECRET": Secret, "EMPTY": ""}
}

// NewNative configures one. at is in Unix seconds.
func NewNative(configuration string, at int64, random Random) (*Native, error) {
	f, err := filter.New(configuration, filter.Options{
		Now: func() time.Time { return time.Unix(at, 0) }, Random: random,
		Getenv: func(name string) string { return Environment()[name] },
	})
	return &Native{f}, err
}

// Begin is a request that p has in hand.
func (n *Native) Begin(p *Proxy) Callbacks {
	return native{n.filter.Stream(&filter.Host{
		RequestHeaders: p.RequestHeaders, SetRequestHeader: p.SetRequestHeader, RemoveRequestHeader: p.RemoveRequestHeader,
		RequestBody: p.ReadBody, SetRequestBody: p.SetBody,
		ResponseHeaders: p.ResponseHeaders, RemoveResponseHeader: p.RemoveResponseHeader,
		ResponseBody: p.ReadBody, SetResponseBody: p.SetBody,
		Property: p.Property, Respond: p.Respond, Warn: p.Warn,
	})}
}

type native struct{ stream *filter.Stream }

func (n native) RequestHeaders(count int, end bool) bool {
	return bool(n.stream.RequestHeaders(count, end))
}
func (n native) RequestBody(size int, end bool) bool  { return bool(n.stream.RequestBody(size, end)) }
func (n native) RequestTrailers(int) bool             { return bool(n.stream.RequestTrailers()) }
func (n native) ResponseHeaders(int, bool) bool       { return bool(n.stream.ResponseHeaders()) }
func (n native) ResponseBody(size int, end bool) bool { return bool(n.stream.ResponseBody(size, end)) }
func (n native) Done()                                { n.stream.Done() }
