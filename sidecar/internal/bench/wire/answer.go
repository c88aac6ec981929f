// Package wire is the benchmark's own HTTP/1.1 client: cheap enough never to be what is measured, and able to see what
// a client library hides, such as how many events of a stream arrived in one read.
package wire

// Answer is what one response showed. Times are Unix nanoseconds, the moment after the read that brought the bytes.
type Answer struct {
	Status int
	Close  bool  // the connection cannot be used again
	Bytes  int64 // of the body

	Events     int   // events of a stream, [DONE] left out
	Coalesced  int   // events that were not the first in their read
	FirstEvent int64 // 0: none came
	Done       bool  // the stream ended with [DONE]
	Usage      bool  // an event carried token usage
}

// Trace collects the timing of every event of many streams, in nanoseconds.
type Trace struct {
	Gaps    []int64 // between one event and the next of the same stream
	Transit []int64 // from the mock's write to the read, for events that carry the mock's time stamp
}
