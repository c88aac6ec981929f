package redact

import (
	"container/list"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"hash"
	"sync"
	"time"
)

// Errors of a Vault. A request that meets one must not leave: what it holds could not be restored, or not be masked at all.
var (
	// ErrVaultFull says that a scope or the vault has no room for another value.
	ErrVaultFull = errors.New("redaction vault is full: raise its limits or shorten how long sessions are kept")
	// ErrVaultKey says that what was asked for needs a secret key.
	ErrVaultKey = errors.New("redaction needs a key of at least 16 bytes: sessions, hashes and format-preserving values depend on it")
)

// minKey is the shortest secret key in bytes.
const minKey = 16

// VaultOptions bounds what a Vault keeps. A zero field takes the default.
type VaultOptions struct {
	// Key makes tokens unguessable in sessions. It is needed for sessions and for the modes Hash and Format; at least 16 bytes.
	Key []byte
	// Entries is how many values one request or session may have masked; 4,096 by default.
	Entries int
	// Bytes is how much the values and tokens of one request or session may take; 4 MiB by default.
	Bytes int
	// Sessions is how many sessions are kept; 16,384 by default.
	Sessions int
	// SessionBytes is how much all sessions together may take; 256 MiB by default.
	SessionBytes int
	// TTL is how long a session is kept after its last use; an hour by default.
	TTL time.Duration
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

// Vault keeps what was masked until it is restored: the values of a request as long as it runs, those of a session until it has not
// been used for a while. It is safe for concurrent use. It never prints what it holds.
type Vault struct {
	o VaultOptions

	mu       sync.Mutex
	sessions map[string]*list.Element // of *Scope
	byUse    list.List                // the last used first
	bytes    int                      // of all sessions
}

// NewVault makes an empty vault.
func NewVault(o VaultOptions) (*Vault, error) {
	if len(o.Key) > 0 && len(o.Key) < minKey {
		return nil, ErrVaultKey
	}
	o.Key = append([]byte(nil), o.Key...)
	o.Entries = orDefault(o.Entries, 4096)
	o.Bytes = orDefault(o.Bytes, 4<<20)
	o.Sessions = orDefault(o.Sessions, 16384)
	o.SessionBytes = orDefault(o.SessionBytes, 256<<20)
	if o.TTL <= 0 {
		o.TTL = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Vault{o: o, sessions: map[string]*list.Element{}}, nil
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Request opens a scope for one request. It is gone when nobody holds it any more.
func (v *Vault) Request() *Scope { return &Scope{vault: v} }

// Session opens the scope of a session: the same one until it expires, and the same tokens for the same values even after that. id
// must be the caller's own: who shares it shares what is restored.
func (v *Vault) Session(id string) (*Scope, error) {
	if len(v.o.Key) == 0 {
		return nil, ErrVaultKey
	}
	now := v.o.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.expire(now)
	if at, ok := v.sessions[id]; ok {
		s := at.Value.(*Scope)
		s.used = now
		v.byUse.MoveToFront(at)
		return s, nil
	}
	if len(v.sessions) >= v.o.Sessions || v.bytes+len(id)+entryOverhead > v.o.SessionBytes {
		return nil, ErrVaultFull
	}
	s := &Scope{vault: v, session: id, inSession: true, used: now}
	s.charged = len(id) + entryOverhead
	v.bytes += s.charged
	v.sessions[id] = v.byUse.PushFront(s)
	return s, nil
}

// Forget ends a session at once. A request that is under way keeps its scope.
func (v *Vault) Forget(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if at, ok := v.sessions[id]; ok {
		v.drop(at)
	}
}

// Sessions is how many sessions are kept.
func (v *Vault) Sessions() int {
	now := v.o.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.expire(now)
	return len(v.sessions)
}

// expire drops the sessions that nobody used for TTL; it is called with the lock held. Each use pays for the sessions that
// others opened, so that no goroutine is needed to sweep.
func (v *Vault) expire(now time.Time) {
	for at := v.byUse.Back(); at != nil && now.Sub(at.Value.(*Scope).used) >= v.o.TTL; at = v.byUse.Back() {
		v.drop(at)
	}
}

func (v *Vault) drop(at *list.Element) {
	s := v.byUse.Remove(at).(*Scope)
	delete(v.sessions, s.session)
	v.bytes -= s.charged
	s.dropped = true
}

// charge accounts for bytes that a session is about to keep.
func (v *Vault) charge(s *Scope, bytes int) error {
	if !s.inSession {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.dropped {
		// It lives on only for the request that holds it.
		return nil
	}
	if v.bytes+bytes > v.o.SessionBytes {
		return ErrVaultFull
	}
	v.bytes += bytes
	s.charged += bytes
	return nil
}

// mac starts a keyed hash for one purpose, so that no hash can be taken for another's.
func (v *Vault) mac(purpose string, t Type) hash.Hash {
	h := hmac.New(sha256.New, v.o.Key)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(tokenName(t)))
	h.Write([]byte{0})
	return h
}
