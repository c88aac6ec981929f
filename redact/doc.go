// Package redact finds personal data and secrets in text, masks them, and restores what was masked.
//
// Finding is one pass over the bytes with a 256-entry class table: a byte that can begin or hold a value
// (a digit, '@', ':', '=', '-', '_' and a few letters) is a trigger, and only there do validators look.
// A validator knows its rule's source: a country's check digits, a key's prefix, length and alphabet, or a
// label word nearby. The work is linear in the input whatever the input is.
//
// The package is a leaf on the standard library, keeps no state of its own, and compiles to WebAssembly.
package redact
