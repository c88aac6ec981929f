package wasmtest

import (
	"strings"
	"time"

	"github.com/soukproxy/souk/redact"
)

const (
	sentence = `He said: \"we meet at the old mill\", and so they went. It was late, about the time of year when mills stand still.\n`
	values   = `Write to john@example.com, card 4111 1111 1111 1111, phone +49 30 901820.\n`
)

// Body is a chat request of about 4 KiB of prose, with values to mask after every sentence if dense.
func Body(dense bool) []byte {
	line := sentence
	if dense {
		line += values
	}
	text := strings.Repeat(line, 4<<10/len(line))
	return []byte(`{"model":"author/slug","messages":[{"role":"user","content":"` + text + `"}],"temperature":0.7}`)
}

// Time is how long masking body as a request of its own takes by clock, which counts from any moment, in the fastest of some
// batches: other work on the machine disturbs that one the least.
func Time(body []byte, clock func() time.Duration) (time.Duration, error) {
	const batches, rounds = 20, 40
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		return 0, err
	}
	masker, err := redact.NewMasker(redact.MaskOptions{Finder: finder})
	if err != nil {
		return 0, err
	}
	vault, err := redact.NewVault(redact.VaultOptions{Key: []byte("a key of thirty-two bytes or more")})
	if err != nil {
		return 0, err
	}
	best := time.Duration(1 << 62)
	for range batches {
		from := clock()
		for range rounds {
			if _, err := masker.JSON(vault.Request(), body); err != nil {
				return 0, err
			}
		}
		best = min(best, (clock()-from)/rounds)
	}
	return best, nil
}
