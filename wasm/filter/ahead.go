package filter

import "io"

// ahead reads more random bytes than are asked for and keeps the rest, because to ask the host takes a module as long as to hash two
// blocks. Nonces are no secrets. It is for one caller at a time, as the filter is.
type ahead struct {
	from io.Reader
	kept [16 * 16]byte
	left int // how many of the last bytes kept have not been given
}

// Read fills b.
func (a *ahead) Read(b []byte) (int, error) {
	if len(b) > len(a.kept) {
		return a.from.Read(b)
	}
	if len(b) > a.left {
		a.left = 0
		if _, err := io.ReadFull(a.from, a.kept[:]); err != nil {
			return 0, err
		}
		a.left = len(a.kept)
	}
	n := copy(b, a.kept[len(a.kept)-a.left:])
	a.left -= n
	return n, nil
}
