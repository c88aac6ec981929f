package upstream

import "io"

// eachNext is Each by way of Next.
func (c *Conn) eachNext(take func([]byte) bool) error {
	for {
		p, err := c.Next()
		if len(p) > 0 && !take(p) || err != nil {
			return err
		}
	}
}

// eachBuffered takes what is in the buffer already. It is done when take is, or the body.
func (c *Conn) eachBuffered(take func([]byte) bool) (done bool, err error) {
	if c.r < c.w {
		p, err := c.decode()
		if len(p) > 0 && !take(p) || err != nil {
			return true, err
		}
	}
	if c.body.done {
		return true, io.EOF
	}
	return false, nil
}
