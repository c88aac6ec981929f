package main

import "unsafe"

// The functions of WASI that the binding calls itself: see
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md.

//go:wasmimport wasi_snapshot_preview1 random_get
func randomGet(to unsafe.Pointer, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 environ_sizes_get
func environSizesGet(count, size unsafe.Pointer) uint32

//go:wasmimport wasi_snapshot_preview1 environ_get
func environGet(places, text unsafe.Pointer) uint32
