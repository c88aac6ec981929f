package redact

import (
	"strconv"
	"sync"
	"time"
)

// entryOverhead is what an entry takes besides its value and token, in bytes: two map entries and their headers.
const entryOverhead = 160

// sessionSuffix is the length of a session's suffixes: 60 bits.
const sessionSuffix = 12

// hashSuffix is the length of the suffixes of the mode Hash: 80 bits.
const hashSuffix = 16

// tokenTries is how many tokens are drawn for a value until one is free; for hashes the second is never needed.
const tokenTries = 16

// Scope is where one value has one token: a request or a session. It is safe for concurrent use, so that the attempts of a request
// and the requests of a session can share one. It never prints what it holds.
type Scope struct {
	vault     *Vault
	session   string
	inSession bool

	// These are the vault's, under its lock.
	used    time.Time
	charged int
	dropped bool

	mu      sync.RWMutex
	byValue map[string]entry
	byToken map[string]string   // the tokens that can be restored, and their values
	taken   map[string]struct{} // what stands in a request unmasked and would be restored if it was a token
	count   map[Type]int
	bytes   int
	tokens  *wordSet
	values  *wordSet

	// What is to go into tokens and values when they are asked for.
	newTokens, newValues []string
}

type entry struct {
	token string
	typ   Type
}

// issue gives the token of a value, the one that it has or a new one.
func (s *Scope) issue(t Type, value []byte, mode Mode, f *Finder) (entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byValue[string(value)]; ok {
		return e, nil
	}
	token, restorable, err := s.make(t, value, mode, f)
	if err != nil {
		return entry{}, err
	}
	size := len(value) + len(token) + entryOverhead
	if len(s.byValue) >= s.vault.o.Entries || s.bytes+size > s.vault.o.Bytes {
		return entry{}, ErrVaultFull
	}
	if err := s.vault.charge(s, size); err != nil {
		return entry{}, err
	}
	if s.byValue == nil {
		s.byValue, s.byToken = map[string]entry{}, map[string]string{}
	}
	e := entry{token: token, typ: t}
	s.bytes += size
	kept := string(value)
	s.byValue[kept] = e
	if t != literal && len(kept) >= minKnown && len(kept) <= maxKnown {
		s.newValues = append(s.newValues, kept)
	}
	if restorable {
		s.byToken[token] = kept
		s.newTokens = append(s.newTokens, token)
	}
	return e, nil
}

// reserve keeps what looks like a placeholder from becoming one. A session's cannot be guessed, and need no care.
func (s *Scope) reserve(lookalike []byte) error {
	if s.inSession {
		return nil
	}
	name := make([]byte, 0, len(lookalike))
	for at := 0; at < len(lookalike); {
		c, n, _ := spelled(lookalike, at)
		name = append(name, c)
		at += max(n, 1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = map[string]struct{}{}
	}
	s.taken[string(name)] = struct{}{}
	if len(s.taken) > s.vault.o.Entries {
		return ErrVaultFull
	}
	return nil
}

// make writes a new token that no other value has; it is called with the lock held.
func (s *Scope) make(t Type, value []byte, mode Mode, f *Finder) (token string, restorable bool, err error) {
	if (mode == Hash || mode == Format) && len(s.vault.o.Key) == 0 {
		return "", false, ErrVaultKey
	}
	if mode == Partial && t != literal {
		return string(appendPartial(nil, t, value)), false, nil
	}
	for try := range tokenTries + len(s.taken) {
		var b []byte
		switch {
		case mode == Format && t != literal:
			b = s.vault.fake(t, value, try, f)
		case mode == Hash && t != literal:
			b = s.appendKeyed(nil, "hash", t, value, try, hashSuffix)
		}
		if b == nil {
			b = s.appendDefault(t, value, try)
		}
		_, issued := s.byToken[string(b)]
		if _, taken := s.taken[string(b)]; !issued && !taken {
			return string(b), true, nil
		}
	}
	return "", false, ErrVaultFull
}

// appendDefault writes a placeholder: numbered in a request, where all values are the same caller's; in a session with a suffix that
// another turn finds again and nobody can guess.
func (s *Scope) appendDefault(t Type, value []byte, try int) []byte {
	if s.inSession {
		return s.appendKeyed(nil, "session\x00"+s.session, t, value, try, sessionSuffix)
	}
	if s.count == nil {
		s.count = map[Type]int{}
	}
	s.count[t]++
	var digits [20]byte
	return appendPlaceholder(nil, t, strconv.AppendInt(digits[:0], int64(s.count[t]), 10))
}

func (s *Scope) appendKeyed(dst []byte, purpose string, t Type, value []byte, try, length int) []byte {
	h := s.vault.mac(purpose, t)
	h.Write([]byte{byte(try)})
	h.Write(value)
	var suffix [maxSuffix]byte
	return appendPlaceholder(dst, t, appendSuffix(suffix[:0], h.Sum(nil), length))
}

// value is what a token stands for.
func (s *Scope) value(token string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.byToken[token]
	return v, ok
}

// issued is the set of tokens that can be restored now; nil: none.
func (s *Scope) issued() *wordSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.newTokens) > 0 {
		s.tokens = s.tokens.with(s.newTokens)
		s.newTokens = nil
	}
	return s.tokens
}

// known is the set of values that have a token and are looked for wherever they stand; nil: none.
func (s *Scope) known() *wordSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.newValues) > 0 {
		s.values = s.values.with(s.newValues)
		s.newValues = nil
	}
	return s.values
}

// typeOf is the type of a known value.
func (s *Scope) typeOf(value []byte) Type {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byValue[string(value)].typ
}

// Len is how many values have a token.
func (s *Scope) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.byValue)
}
