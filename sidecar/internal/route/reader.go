package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// What preferences may hold.
const (
	maxPreferences = 64 << 10 // bytes
	maxEntries     = 100      // of a list
	maxEntry       = 256      // bytes

	tiny = 1e-9 // the smallest number that counts as above 0
	huge = 1e12
)

// reader reads a JSON object strictly and keeps the first error, so that its users need not look at each.
type reader struct {
	path string // of the value being read, such as provider.sort.by
	err  *fault.Error
}

// kind is the kind of a JSON value.
type kind string

const (
	kindNull    kind = "null"
	kindObject  kind = "an object"
	kindArray   kind = "a list"
	kindText    kind = "a string"
	kindNumber  kind = "a number"
	kindBoolean kind = "a boolean"
)

// kindOf tells the kind of a valid JSON value by its first byte.
func kindOf(v json.RawMessage) kind {
	v = bytes.TrimLeft(v, " \t\r\n")
	if len(v) == 0 {
		return kindNull
	}
	switch v[0] {
	case '{':
		return kindObject
	case '[':
		return kindArray
	case '"':
		return kindText
	case 't', 'f':
		return kindBoolean
	case 'n':
		return kindNull
	}
	return kindNumber
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fault.Invalid(r.path, r.path+" "+format, args...)
	}
}

func (r *reader) check(ok bool, format string, args ...any) {
	if !ok {
		r.fail(format, args...)
	}
}

// whole checks that raw is one JSON value of bounded size in valid UTF-8, and tells whether there is anything
// to read: encoding/json would replace what is not UTF-8, and names would then match or not by accident.
func (r *reader) whole(raw []byte) bool {
	switch {
	case len(raw) > maxPreferences:
		r.fail("is %d bytes long; it may have at most %d", len(raw), maxPreferences)
	case !utf8.Valid(raw):
		r.fail("is not valid UTF-8")
	case !json.Valid(raw):
		r.fail("is not valid JSON")
	}
	return r.err == nil
}

// object reads an object's fields. Nulls are skipped, unknown and duplicate keys refused. It goes down no
// further than its fields do, so the depth of what it reads is bounded by them.
func (r *reader) object(v json.RawMessage, fields map[string]func(json.RawMessage)) {
	switch kindOf(v) {
	case kindNull:
		return
	case kindObject:
	default:
		r.fail("is %s; it should be an object", kindOf(v))
		return
	}
	d := json.NewDecoder(bytes.NewReader(v))
	if _, err := d.Token(); err != nil {
		r.fail("is not valid JSON")
		return
	}
	path := r.path
	defer func() { r.path = path }()
	var seen []string
	for r.err == nil && d.More() {
		token, err := d.Token()
		key, isKey := token.(string)
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil || !isKey {
			r.fail("is not valid JSON")
			return
		}
		read := fields[key]
		if read == nil {
			r.unknown(key, fields)
			return
		}
		r.path = path + "." + key
		r.check(!slices.Contains(seen, key), "is there twice; give it once")
		seen = append(seen, key)
		if kindOf(value) != kindNull && r.err == nil {
			read(value)
		}
		r.path = path
	}
}

// unknown refuses a key and names the nearest one that exists.
func (r *reader) unknown(key string, fields map[string]func(json.RawMessage)) {
	shown := key
	if len(shown) > 64 {
		shown = strings.ToValidUTF8(shown[:64], "") + "..."
	}
	nearest, distance := "", len(shown)+64
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if d := levenshtein.ComputeDistance(shown, name); d < distance {
			nearest, distance = name, d
		}
	}
	r.fail("has the unknown key %q; the nearest known key is %q", shown, nearest)
	r.err.Param = r.path + "." + shown
}

func (r *reader) text(v json.RawMessage) string {
	var s string
	if kindOf(v) != kindText || json.Unmarshal(v, &s) != nil {
		r.fail("is %s; it should be a string", kindOf(v))
		return ""
	}
	r.check(len(s) <= maxEntry, "is %d bytes long; it may have at most %d", len(s), maxEntry)
	r.check(s != "", "is empty")
	return s
}

func (r *reader) oneOf(v json.RawMessage, names ...string) string {
	want := strings.Join(names, ", ")
	if kindOf(v) != kindText {
		r.fail("is %s; it should be one of %s", kindOf(v), want)
		return ""
	}
	s := r.text(v)
	r.check(slices.Contains(names, s), "is %q; it should be one of %s", s, want)
	return s
}

func (r *reader) boolean(v json.RawMessage) bool {
	if kindOf(v) != kindBoolean {
		r.fail("is %s; it should be true or false", kindOf(v))
	}
	return bytes.HasPrefix(v, []byte("true"))
}

// number reads a number from least to most; want says in words what it should be.
func (r *reader) number(v json.RawMessage, least, most float64, want string) float64 {
	if kindOf(v) != kindNumber {
		r.fail("is %s; it should be %s", kindOf(v), want)
		return 0
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if err != nil || n < least || n > most {
		r.fail("is %s; it should be %s", shorten(v), want)
		return 0
	}
	return n
}

func shorten(v json.RawMessage) string {
	if len(v) > 32 {
		return string(v[:32]) + "..."
	}
	return string(v)
}

func (r *reader) stringOrList(v json.RawMessage) []string {
	if kindOf(v) == kindText {
		return []string{r.text(v)}
	}
	if kindOf(v) != kindArray {
		r.fail("is %s; it should be a string or a list of strings", kindOf(v))
		return nil
	}
	return r.strings(v)
}

func (r *reader) strings(v json.RawMessage) []string {
	if kindOf(v) != kindArray {
		r.fail("is %s; it should be a list of strings", kindOf(v))
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(v))
	if _, err := d.Token(); err != nil {
		r.fail("is not valid JSON")
		return nil
	}
	path := r.path
	defer func() { r.path = path }()
	var all []string
	for r.err == nil && d.More() {
		var entry json.RawMessage
		if err := d.Decode(&entry); err != nil && !errors.Is(err, io.EOF) {
			r.fail("is not valid JSON")
			return nil
		}
		if len(all) == maxEntries {
			r.fail("has more than %d entries", maxEntries)
			return nil
		}
		r.path = fmt.Sprintf("%s[%d]", path, len(all))
		all = append(all, r.text(entry))
		r.path = path
	}
	return all
}
