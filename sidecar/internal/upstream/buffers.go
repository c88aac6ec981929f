package upstream

import "sync"

// bufferSize is how much one read of an answer brings at most; a buffer grows only for a longer header block.
const bufferSize = 6 << 10

// buffers are the read buffers of an origin's connections. A connection has one while it reads or has something unread: neither one that
// is kept nor a stream that waits for its provider needs memory of its own.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() []byte {
	if p, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return p[:]
	}
	return new([bufferSize]byte)[:]
}

func (b *buffers) put(p []byte) {
	if len(p) == bufferSize {
		b.pool.Put((*[bufferSize]byte)(p))
	}
}

// lend gives the connection a buffer.
func (c *Conn) lend() {
	if c.buf == nil {
		c.buf = c.origin.buffers.get()
	}
}

// giveBack takes the buffer of a connection that has nothing unread.
func (c *Conn) giveBack() {
	if c.r != c.w || c.buf == nil {
		return
	}
	c.origin.buffers.put(c.buf)
	c.buf, c.r, c.w = nil, 0, 0
}
