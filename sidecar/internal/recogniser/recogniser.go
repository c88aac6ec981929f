// Package recogniser asks an external recogniser for what no rule finds, such as names and places: Presidio analyzer's HTTP API.
package recogniser

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

const (
	// batchBytes is how much text goes into one call, unless one text alone is longer: enough to spare most bodies a second call, and
	// little enough for calls to be answered in parallel.
	batchBytes = 16 << 10
	// parallel is how many calls of one body run at the same time.
	parallel = 4
	// connections bounds the calls of all requests together; the rest wait, within their time.
	connections = 64
	// answerLimit is how much of an answer is read, in bytes.
	answerLimit = 8 << 20
)

// The ways in which a recogniser does not help. They hold no text.
var (
	// ErrResting is what callers get while the breaker is open.
	ErrResting = errors.New("rests after failures in a row")
	// ErrTooLong says that a request's texts are longer than redact.recogniser.max_bytes.
	ErrTooLong = errors.New("would get more text than redact.recogniser.max_bytes allows")
	// ErrTimeout says that no answer came within redact.recogniser.timeout.
	ErrTimeout = errors.New("did not answer in time")
	// ErrAnswer says that an answer cannot be relied on.
	ErrAnswer = errors.New("gave an answer that is none")
)

// Client asks one recogniser. It is safe for concurrent use.
type Client struct {
	url      string
	name     string // the recogniser's host, for messages
	options  config.Recogniser
	asked    map[string]bool // entities to take; empty: all
	http     *http.Client
	rest     breaker
	now      func() time.Time
	transfer *http.Transport
}

// New makes a client; it starts no goroutine and opens no connection before the first call.
func New(o config.Recogniser) *Client {
	c := &Client{url: analyzeURL(o.URL), name: o.URL.Host, options: o, now: time.Now}
	if len(o.Entities) > 0 {
		c.asked = make(map[string]bool, len(o.Entities))
		for _, name := range o.Entities {
			c.asked[name] = true
		}
	}
	c.transfer = &http.Transport{
		DialContext:         guarded(o.URL.Scheme == "http"),
		TLSHandshakeTimeout: o.Timeout,
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}
	c.http = &http.Client{
		Transport: c.transfer,
		// A redirect would carry the text to somebody whom the operator has not named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Name is the recogniser's host and port, for messages to callers.
func (c *Client) Name() string { return c.name }

// Close closes idle connections.
func (c *Client) Close() { c.transfer.CloseIdleConnections() }

// Find gives what the recogniser finds in each text, sorted by place and not overlapping; offsets are in bytes. All texts
// together have redact.recogniser.timeout. On an error nothing can be said of any of them.
func (c *Client) Find(ctx context.Context, texts []string) ([][]redact.Finding, error) {
	batches, total := pack(texts)
	if total > c.options.MaxBytes {
		return nil, ErrTooLong
	}
	found := make([][]redact.Finding, len(texts))
	if len(batches) == 0 {
		return found, nil
	}
	ok, probe := c.rest.allow(c.now())
	if !ok {
		return nil, ErrResting
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	err := c.each(ctx, cancel, batches, found)
	c.rest.note(err == nil, probe, c.now())
	if err != nil {
		return nil, err
	}
	return found, nil
}

// each runs the calls, a few at a time, and gives the first error.
func (c *Client) each(ctx context.Context, cancel context.CancelFunc, batches []batch, found [][]redact.Finding) error {
	var (
		all   sync.WaitGroup
		once  sync.Once
		first error
	)
	slots := make(chan struct{}, parallel)
	for _, b := range batches {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := c.call(ctx, b, found); err != nil {
				once.Do(func() {
					first = err
					cancel() // the others do not matter any more
				})
			}
		})
	}
	all.Wait()
	return first
}

// Reason is a word for metrics and logs.
func Reason(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrResting):
		return "resting"
	case errors.Is(err, ErrTooLong):
		return "too_long"
	case errors.Is(err, ErrTimeout):
		return "timeout"
	case errors.Is(err, ErrAnswer):
		return "answer"
	}
	return "unreachable"
}

// typeOf is the type that a recogniser's entity is masked as.
func typeOf(entity string) redact.Type {
	switch entity {
	case "PERSON", "PER":
		return redact.Person
	case "LOCATION", "LOC", "GPE", "ADDRESS", "STREET_ADDRESS", "FACILITY":
		return redact.Location
	case "ORGANIZATION", "ORG":
		return redact.Organization
	case "NRP":
		return redact.Group
	case "DATE_TIME", "DATE":
		return redact.DateTime
	case "EMAIL_ADDRESS":
		return redact.Email
	case "PHONE_NUMBER":
		return redact.Phone
	case "IBAN_CODE":
		return redact.IBAN
	case "CRYPTO":
		return redact.CryptoWallet
	case "DOMAIN_NAME":
		return redact.URL
	}
	if t, ok := redact.ParseType(strings.ToUpper(entity)); ok {
		return t
	}
	return redact.Entity
}
