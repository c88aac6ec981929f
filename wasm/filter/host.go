package filter

// Host is what a filter asks of the proxy that it runs in, for the request at hand. The functions are the SDKs' own.
type Host struct {
	RequestHeaders      func() ([][2]string, error) // all of them, in their order, a header that was sent twice twice
	SetRequestHeader    func(name, value string) error
	RemoveRequestHeader func(name string) error
	RequestBody         func(start, size int) ([]byte, error)
	SetRequestBody      func(body []byte) error

	ResponseHeaders      func() ([][2]string, error)
	RemoveResponseHeader func(name string) error
	ResponseBody         func(start, size int) ([]byte, error)
	SetResponseBody      func(body []byte) error

	Property func(path []string) ([]byte, error)
	Respond  func(status uint32, headers [][2]string, body []byte, grpcStatus int32) error
	Warn     func(message string) // to the proxy's log; it never holds a secret or a value from a request
}

// Action is what the proxy does when a callback has returned.
type Action bool

// The actions.
const (
	Continue Action = true
	Pause    Action = false // keep what has come, and call again with more; after a refusal: the end
)
