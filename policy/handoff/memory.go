package handoff

import (
	"crypto/sha256"
	"sync"
	"time"
)

// DefaultMemory is how many spent nonces a Memory keeps at most, unless it is told otherwise. Each takes about 60 bytes while it is
// kept. With a hold of two and a half minutes, and signatures that live for 5 s, that is 27,000 requests a second.
const DefaultMemory = 1 << 22

// Memory keeps the nonces that were spent until nobody can spend them any more. It is carried over when a configuration is loaded anew. It
// need not survive the process, since a Verifier refuses signatures that were created before it began. Any number of
// goroutines may use one.
type Memory struct {
	mu        sync.Mutex
	max       int
	hold      int64             // seconds
	spent     map[spent]bool    // what was spent
	byEnd     map[int64][]spent // what of that to forget, by the second in which its hold ends
	forgotten int64             // everything whose hold ended before this second is forgotten
}

// spent stands for a key's id and a nonce: the beginning of their SHA-256, in which no two are the same.
type spent [16]byte

// NewMemory keeps at most max nonces; 0: DefaultMemory. hold is how long after its signature expired a request may be spent, in whole
// seconds, and its nonce is kept: a signature is judged by when its request began to arrive, so it may have expired when the
// rest is there. 0: it may not.
func NewMemory(max int, hold time.Duration) *Memory {
	if max <= 0 {
		max = DefaultMemory
	}
	return &Memory{max: max, hold: int64(hold / time.Second), spent: map[spent]bool{}, byEnd: map[int64][]spent{}}
}

// Len is how many nonces are kept.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.spent)
}

// check tells whether a nonce could be spent now, the time in Unix seconds.
func (m *Memory) check(x *Verified, now int64) error {
	nonce := x.spends()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refuses(nonce, x, now)
}

// spend keeps a nonce, or tells why it cannot be spent.
func (m *Memory) spend(x *Verified, now int64) error {
	nonce := x.spends()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.refuses(nonce, x, now); err != nil {
		return err
	}
	if len(m.spent) >= m.max {
		return refuse(Full, "the replay memory is full; try again in some seconds")
	}
	m.spent[nonce] = true
	end := x.Expires + m.hold
	m.byEnd[end] = append(m.byEnd[end], nonce)
	return nil
}

func (x *Verified) spends() spent {
	sum := sha256.Sum256([]byte(x.KeyID + "\x00" + x.Nonce))
	nonce := spent{}
	copy(nonce[:], sum[:])
	return nonce
}

// refuses holds the rule that makes forgetting safe: a nonce is kept for as long as any request with it can be spent.
func (m *Memory) refuses(nonce spent, x *Verified, now int64) error {
	m.forget(now)
	if x.Expires+m.hold < m.forgotten { // or the clock went back: the nonce may have been spent and forgotten
		return refuse(Stale, "the signature is past its expires, by more than a request may take to arrive")
	}
	if m.spent[nonce] {
		return refuse(Replayed, "the nonce has been used; sign each try of a request anew")
	}
	return nil
}

// forget drops what nobody can spend. There are few seconds to look at, because a signature expires soon after it is accepted.
func (m *Memory) forget(now int64) {
	if now <= m.forgotten {
		return
	}
	m.forgotten = now
	for end, nonces := range m.byEnd {
		if end >= now {
			continue
		}
		for _, nonce := range nonces {
			delete(m.spent, nonce)
		}
		delete(m.byEnd, end)
	}
}
