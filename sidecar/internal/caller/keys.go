package caller

import (
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// MaxToken is the longest token that is looked at, in bytes; a longer one is nobody's.
const MaxToken = 512

const (
	knownSize   = 4096
	unknownSize = 1024

	// A key that a source revokes or creates takes effect within these.
	knownFor   = time.Minute
	unknownFor = 5 * time.Second
)

// Hash is the SHA-256 of a token, which is all that souk keeps of it.
type Hash = [sha256.Size]byte

// Source knows the virtual keys by their hash. It is asked by many goroutines at once.
type Source interface {
	Find(Hash) (*Caller, bool)
}

// Keys looks virtual keys up. Answers of the source are remembered for a short while, those about unknown tokens
// apart from the others, so that a flood of guesses cannot push the known ones out. A configuration that is loaded
// anew makes new Keys, and nothing is remembered over it.
type Keys struct {
	source    Source
	known     *lru.Cache[Hash, found]
	unknown   *lru.Cache[Hash, found]
	anonymous *Caller
}

type found struct {
	caller *Caller // nil: nobody
	until  time.Time
}

// NewKeys looks up in the keys that the configuration lists.
func NewKeys(keys []config.Key) *Keys {
	file := make(fileKeys, len(keys))
	for i := range keys {
		file[keys[i].SHA256] = fromKey(&keys[i])
	}
	return NewKeysFrom(file)
}

// NewKeysFrom looks up in any source.
func NewKeysFrom(source Source) *Keys {
	return &Keys{source: source, known: newCache(knownSize), unknown: newCache(unknownSize), anonymous: &Caller{}}
}

func newCache(size int) *lru.Cache[Hash, found] {
	cache, err := lru.New[Hash, found](size)
	if err != nil {
		panic(err) // only for a size below one
	}
	return cache
}

// Lookup finds the caller that a token belongs to.
//
// Tokens are compared by their SHA-256, so constant time is not needed: what a comparison's duration can tell is how
// much of a hash agrees, and who cannot choose a token by its hash learns nothing from that.
func (k *Keys) Lookup(token []byte) (*Caller, bool) {
	if len(token) == 0 || len(token) > MaxToken {
		return nil, false
	}
	hash := sha256.Sum256(token)
	now := time.Now()
	if f, ok := k.known.Get(hash); ok && now.Before(f.until) {
		return f.caller, true
	}
	if f, ok := k.unknown.Get(hash); ok && now.Before(f.until) {
		return nil, false
	}
	caller, ok := k.source.Find(hash)
	if !ok {
		k.known.Remove(hash)
		k.unknown.Add(hash, found{until: now.Add(unknownFor)})
		return nil, false
	}
	k.unknown.Remove(hash)
	k.known.Add(hash, found{caller: caller, until: now.Add(knownFor)})
	return caller, true
}

// fileKeys are the keys of a configuration.
type fileKeys map[Hash]*Caller

// Find implements Source.
func (f fileKeys) Find(h Hash) (*Caller, bool) {
	c, ok := f[h]
	return c, ok
}
