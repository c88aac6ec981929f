package main

import (
	"time"
	"unsafe"
)

// See https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md.
//
//go:wasmimport wasi_snapshot_preview1 clock_time_get
func clockTimeGet(id uint32, precision uint64, time unsafe.Pointer) uint32

const realtime = 0

// now is the time of the host's clock; time.Now asks it for a monotonic one too, which takes as long again.
func now() time.Time {
	var ns int64
	if clockTimeGet(realtime, uint64(time.Second), unsafe.Pointer(&ns)) != 0 {
		return time.Now()
	}
	return time.Unix(0, ns)
}
