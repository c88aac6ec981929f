package redact

import (
	"bytes"
	"strings"
)

// order sorts n things, which are nearly in order: by insertion, and when that moves too many of them as a heap. The order of things of
// which neither is less is kept only as long as few move. One function for all kinds keeps a wasm build small.
func order(n int, less func(i, j int) bool, swap func(i, j int)) {
	const few = 16 // moves for each
	moves := 0
	for i := 1; i < n; i++ {
		for k := i; k > 0 && less(k, k-1); k-- {
			swap(k, k-1)
			moves++
		}
		if moves > few*n {
			heapOrder(n, less, swap)
			return
		}
	}
}

func heapOrder(n int, less func(i, j int) bool, swap func(i, j int)) {
	for i, end := n/2, n; end > 1; {
		if i > 0 {
			i-- // the heap is being built
		} else {
			end--
			swap(0, end)
		}
		for at := i; ; {
			child := 2*at + 1
			if child >= end {
				break
			}
			if child+1 < end && less(child, child+1) {
				child++
			}
			if !less(at, child) {
				break
			}
			swap(at, child)
			at = child
		}
	}
}

// oneOf says whether w is one of the words of a list, which '|' parts. A switch of as many strings is many times as much code.
func oneOf(list string, w []byte) bool {
	const longest = 32 // bytes: no list has longer words, and so short a string needs no memory
	if len(w) == 0 || len(w) > longest || bytes.IndexByte(w, '|') >= 0 {
		return false
	}
	word := string(w)
	for from := 0; ; from++ {
		i := strings.Index(list[from:], word)
		if i < 0 {
			return false
		}
		from += i
		if end := from + len(w); (from == 0 || list[from-1] == '|') && (end == len(list) || list[end] == '|') {
			return true
		}
	}
}

// beginsOneOf says whether w begins with one of the words of a list likewise.
func beginsOneOf(list string, w []byte) bool {
	if list == "" {
		return false
	}
	for from, i := 0, 0; i <= len(list); i++ {
		if i == len(list) || list[i] == '|' {
			if i-from <= len(w) && list[from:i] == string(w[:i-from]) {
				return true
			}
			from = i + 1
		}
	}
	return false
}
