package handoff

import "sync"

// DefaultMemory is how many spent nonces a Memory keeps at most, unless it is told otherwise: 60 s of 17,000 requests a second.
const DefaultMemory = 1 << 20

// Memory keeps the nonces that were spent until their signatures expire. It is carried over when a configuration is loaded anew. It
// need not survive the process, since a Verifier refuses signatures that were created before it began. Any number of
// goroutines may use one.
type Memory struct {
	mu        sync.Mutex
	max       int
	spent     map[string]bool    // keyid, a zero byte, nonce
	byExpires map[int64][]string // what of that to forget, by the second in which it expires
	forgotten int64              // everything that expired before this second is forgotten
}

// NewMemory keeps at most max nonces; 0: DefaultMemory.
func NewMemory(max int) *Memory {
	if max <= 0 {
		max = DefaultMemory
	}
	return &Memory{max: max, spent: map[string]bool{}, byExpires: map[int64][]string{}}
}

// Len is how many nonces are kept.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.spent)
}

// check tells whether a nonce could be spent now, the time in Unix seconds.
func (m *Memory) check(nonce string, expires, now int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refuses(nonce, expires, now)
}

// spend keeps a nonce, or tells why it cannot be spent.
func (m *Memory) spend(nonce string, expires, now int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.refuses(nonce, expires, now); err != nil {
		return err
	}
	if len(m.spent) >= m.max {
		return refuse(Full, "the replay memory is full; try again in some seconds")
	}
	m.spent[nonce] = true
	m.byExpires[expires] = append(m.byExpires[expires], nonce)
	return nil
}

func (m *Memory) refuses(nonce string, expires, now int64) error {
	m.forget(now)
	if expires < m.forgotten { // the clock went back: its nonce may have been spent and forgotten
		return refuse(Stale, "the signature is past its expires")
	}
	if m.spent[nonce] {
		return refuse(Replayed, "the nonce has been used; sign each try of a request anew")
	}
	return nil
}

// forget drops what has expired. There are few seconds to look at, because a signature expires soon after it is accepted.
func (m *Memory) forget(now int64) {
	if now <= m.forgotten {
		return
	}
	m.forgotten = now
	for expires, nonces := range m.byExpires {
		if expires >= now {
			continue
		}
		for _, nonce := range nonces {
			delete(m.spent, nonce)
		}
		delete(m.byExpires, expires)
	}
}
