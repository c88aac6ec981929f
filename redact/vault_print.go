package redact

import (
	"fmt"
	"io"
)

// hidden is all that printing a vault or what holds a part of one gives, whatever the verb or the encoding.
const hidden = "[redacted]"

// String keeps the key out of logs.
func (o VaultOptions) String() string { return hidden }

// GoString keeps the key out of logs.
func (o VaultOptions) GoString() string { return hidden }

// Format keeps the key out of logs.
func (o VaultOptions) Format(f fmt.State, _ rune) { hide(f) }

// MarshalJSON keeps the key out of dumps.
func (o VaultOptions) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText keeps the key out of dumps.
func (o VaultOptions) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// String keeps the vault's content out of logs.
func (v *Vault) String() string { return hidden }

// GoString keeps the vault's content out of logs.
func (v *Vault) GoString() string { return hidden }

// Format keeps the vault's content out of logs.
func (v *Vault) Format(f fmt.State, _ rune) { hide(f) }

// MarshalJSON keeps the vault's content out of dumps.
func (v *Vault) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText keeps the vault's content out of dumps.
func (v *Vault) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// String keeps the scope's content out of logs.
func (s *Scope) String() string { return hidden }

// GoString keeps the scope's content out of logs.
func (s *Scope) GoString() string { return hidden }

// Format keeps the scope's content out of logs.
func (s *Scope) Format(f fmt.State, _ rune) { hide(f) }

// MarshalJSON keeps the scope's content out of dumps.
func (s *Scope) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText keeps the scope's content out of dumps.
func (s *Scope) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// String keeps what the restorer holds out of logs.
func (r *StreamRestorer) String() string { return hidden }

// GoString keeps what the restorer holds out of logs.
func (r *StreamRestorer) GoString() string { return hidden }

// Format keeps what the restorer holds out of logs.
func (r *StreamRestorer) Format(f fmt.State, _ rune) { hide(f) }

// MarshalJSON keeps what the restorer holds out of dumps.
func (r *StreamRestorer) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText keeps what the restorer holds out of dumps.
func (r *StreamRestorer) MarshalText() ([]byte, error) { return []byte(hidden), nil }

func hide(w io.Writer) {
	_, _ = io.WriteString(w, hidden)
}
