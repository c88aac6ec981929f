package main

import (
	"errors"
	"strings"
	"unsafe"
)

// random is the host's source of random bytes. TinyGo's crypto/rand asks the host only now and then, for a seed.
type random struct{}

// Read fills b.
func (random) Read(b []byte) (int, error) {
	if len(b) > 0 && randomGet(unsafe.Pointer(&b[0]), uint32(len(b))) != 0 {
		return 0, errors.New("the host has no random bytes")
	}
	return len(b), nil
}

// getenv is a variable of the environment that the host gives the module; empty: it has none of that name.
func getenv(name string) string {
	var count, size uint32
	if environSizesGet(unsafe.Pointer(&count), unsafe.Pointer(&size)) != 0 || count == 0 || size == 0 {
		return ""
	}
	places, text := make([]uint32, count), make([]byte, size)
	if environGet(unsafe.Pointer(&places[0]), unsafe.Pointer(&text[0])) != 0 {
		return ""
	}
	for _, entry := range strings.Split(string(text), "\x00") {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}
