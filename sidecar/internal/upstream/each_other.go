//go:build !linux

package upstream

// Each calls take with what every read brings, as Next returns it, until take is false (nil), or Next would fail (its error).
func (c *Conn) Each(take func([]byte) bool) error { return c.eachNext(take) }
