package recogniser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

// ask is what Presidio analyzer's POST /analyze takes.
type ask struct {
	Text           string   `json:"text"`
	Language       string   `json:"language"`
	Entities       []string `json:"entities,omitempty"`
	ScoreThreshold float64  `json:"score_threshold,omitempty"`
}

// entity is one of what it answers; offsets count Unicode code points, as strings of Python do.
type entity struct {
	Type  string  `json:"entity_type"`
	Start *int    `json:"start"`
	End   *int    `json:"end"`
	Score float64 `json:"score"`
}

// analyzeURL is where the API is: the operator's URL, with the path that Presidio has when there is none.
func analyzeURL(u *url.URL) string {
	if strings.Trim(u.Path, "/") == "" {
		return u.JoinPath("analyze").String()
	}
	return u.String()
}

// guarded dials, but no metadata service, and over plain HTTP nobody outside of the own network: what goes there is personal data.
func guarded(private bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		switch {
		case err != nil:
			return fmt.Errorf("%s is no address", address)
		case config.ForbiddenAddr(ap.Addr()):
			return fmt.Errorf("%s is a metadata or link-local address", ap.Addr())
		case private && !config.PrivateAddr(ap.Addr()):
			return fmt.Errorf("%s is public, and texts would travel over plain http", ap.Addr())
		}
		return nil
	}}
	return dialer.DialContext
}

// call asks for one batch and hands on what was found.
func (c *Client) call(ctx context.Context, b batch, found [][]redact.Finding) error {
	body, err := json.Marshal(ask{Text: b.text, Language: c.options.Language, Entities: c.options.Entities, ScoreThreshold: c.options.MinScore})
	if err != nil {
		return ErrAnswer
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return ErrAnswer
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return reached(ctx, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		return reached(ctx, err)
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrAnswer, response.StatusCode)
	case len(answer) > answerLimit:
		return fmt.Errorf("%w: longer than %d MiB", ErrAnswer, answerLimit>>20)
	}
	var entities []entity
	if err := json.Unmarshal(answer, &entities); err != nil || entities == nil {
		return fmt.Errorf("%w: not a JSON list of entities", ErrAnswer) // an error of encoding/json quotes what it read
	}
	all, err := c.findings(b.text, entities)
	if err != nil {
		return err
	}
	b.share(all, found)
	return nil
}

// reached tells a call that ran out of time from one that found nobody. The error holds neither URL nor text.
func reached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrTimeout
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op
	}
	return errors.New("the connection broke")
}

// findings turns entities into findings with byte offsets. An offset outside of the text means that the two sides do not mean the same
// text, and nothing of the answer counts.
func (c *Client) findings(text string, entities []entity) ([]redact.Finding, error) {
	marks := make([]int, 0, 2*len(entities))
	for _, e := range entities {
		if e.Type == "" || e.Start == nil || e.End == nil || *e.Start < 0 || *e.End < *e.Start {
			return nil, fmt.Errorf("%w: an entity without a type or a place", ErrAnswer)
		}
		marks = append(marks, *e.Start, *e.End)
	}
	at, ok := byteOffsets(text, marks)
	if !ok {
		return nil, fmt.Errorf("%w: an entity outside of the text", ErrAnswer)
	}
	all := make([]redact.Finding, 0, len(entities))
	for i, e := range entities {
		if e.Score < c.options.MinScore || c.asked != nil && !c.asked[e.Type] || at[2*i] == at[2*i+1] {
			continue
		}
		all = append(all, redact.Finding{Start: at[2*i], End: at[2*i+1], Type: typeOf(e.Type)})
	}
	return all, nil
}

// byteOffsets turns offsets in code points into offsets in bytes, in one pass over the text. It is not ok when one is behind the end.
func byteOffsets(text string, points []int) (at []int, ok bool) {
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return points[a] - points[b] })
	at = make([]int, len(points))
	point, offset := 0, 0
	for _, i := range order {
		for point < points[i] {
			if offset >= len(text) {
				return nil, false
			}
			_, n := utf8.DecodeRuneInString(text[offset:])
			offset += n
			point++
		}
		at[i] = offset
	}
	return at, true
}
