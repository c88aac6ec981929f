package config

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/soukproxy/souk/sidecar/internal/money"
)

// text reads a string that is neither empty nor holds control characters.
func (d *decoder) text(n node) string {
	s, ok := d.scalar(n)
	switch {
	case !ok:
	case s == "":
		d.errorf(n, "must not be empty; give it a value or remove the key")
	case strings.ContainsFunc(s, unicode.IsControl):
		d.errorf(n, "must not hold line breaks or other control characters")
		return ""
	}
	return s
}

// enum reads one of a few words.
func (d *decoder) enum(n node, allowed ...string) string {
	s := d.text(n)
	if s == "" || slices.Contains(allowed, s) {
		return s
	}
	d.errorf(n, "unknown value %s; use %s", quoted(n), alternatives(allowed))
	return ""
}

func alternatives(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// texts reads a list of distinct strings, each by read; the result is empty but not nil for an empty list.
func (d *decoder) texts(n node, example string, read func(node) string) []string {
	list := []string{}
	known := map[string]bool{}
	d.list(n, example, func(item node) {
		s := read(item)
		switch {
		case s == "":
		case known[s]:
			d.errorf(item, "is listed twice; remove one")
		default:
			known[s] = true
			list = append(list, s)
		}
	})
	return list
}

// pattern reads a string of the given characters.
func (d *decoder) pattern(n node, ok func(string) bool, rule string) string {
	s := d.text(n)
	if s != "" && !ok(s) {
		d.errorf(n, "%s", rule)
		return ""
	}
	return s
}

func (d *decoder) boolean(n node) bool {
	s, ok := d.scalar(n)
	if ok && s != "true" && s != "false" {
		d.errorf(n, "must be true or false")
	}
	return s == "true"
}

func (d *decoder) integer(n node, from, to int64) int {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < from || v > to {
		d.errorf(n, "must be a whole number from %d to %d", from, to)
		return 0
	}
	return int(v)
}

// duration reads a duration of at least from.
func (d *decoder) duration(n node, from time.Duration) time.Duration {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := time.ParseDuration(s)
	if _, number := strconv.ParseFloat(s, 64); err != nil && number == nil {
		d.errorf(n, "a duration needs a unit, such as 500ms, 10s or 2m")
		return 0
	}
	switch {
	case err != nil:
		d.errorf(n, "must be a duration such as 500ms, 10s or 2m")
	case v < from && from == 0:
		d.errorf(n, "must not be negative; write 0s or longer")
	case v <= 0 && from > 0:
		d.errorf(n, "must be longer than 0, such as 10s")
	case v < from:
		d.errorf(n, "must be at least %s", from)
	default:
		return v
	}
	return 0
}

// size reads a number of bytes within bounds.
func (d *decoder) size(n node, from, to int64) int64 {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := parseSize(s)
	switch {
	case err != nil:
		d.errorf(n, "%v", err)
	case v < from || v > to:
		d.errorf(n, "must be from %s to %s", formatSize(from), formatSize(to))
	default:
		return v
	}
	return 0
}

var errSize = errors.New("must be a size in whole bytes, KiB, MiB, GiB, KB, MB or GB, such as 32MiB")

// parseSize reads "32MiB", "1MB", "64 KiB" or plain bytes; the case of the unit is free.
func parseSize(s string) (int64, error) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	v, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return 0, errSize
	}
	var unit int64
	switch strings.ToLower(strings.TrimPrefix(s[i:], " ")) {
	case "", "b":
		unit = 1
	case "kib":
		unit = 1 << 10
	case "mib":
		unit = 1 << 20
	case "gib":
		unit = 1 << 30
	case "kb":
		unit = 1e3
	case "mb":
		unit = 1e6
	case "gb":
		unit = 1e9
	default:
		return 0, errSize
	}
	if v > math.MaxInt64/unit {
		return 0, errSize
	}
	return v * unit, nil
}

func formatSize(v int64) string {
	switch {
	case v >= 1<<30 && v%(1<<30) == 0:
		return strconv.FormatInt(v>>30, 10) + "GiB"
	case v >= 1<<20 && v%(1<<20) == 0:
		return strconv.FormatInt(v>>20, 10) + "MiB"
	case v >= 1<<10 && v%(1<<10) == 0:
		return strconv.FormatInt(v>>10, 10) + "KiB"
	default:
		return strconv.FormatInt(v, 10)
	}
}

// price reads USD per million tokens from the scalar's text, exactly.
func (d *decoder) price(n node) money.PerMillion {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := money.Parse(s)
	if err != nil {
		d.errorf(n, "%v, per million tokens", err)
	}
	return money.PerMillion(v)
}

// mode reads a socket's permission bits, in octal as chmod takes them.
func (d *decoder) mode(n node) uint32 {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "0o"), 8, 32)
	if err != nil || v == 0 || v > 0o777 {
		d.errorf(n, "must be permission bits in octal, such as \"0660\"")
		return 0
	}
	return uint32(v)
}

// percent checks "5%"; no setting that takes one has an effect in this version.
func (d *decoder) percent(n node) float64 {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	number, found := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || !(v >= 0 && v <= 100) {
		d.errorf(n, "must be a percentage from 0%% to 100%%, such as 5%%")
	}
	return v / 100
}

// rate reads a number of tokens per second.
func (d *decoder) rate(n node) float64 {
	const most = 100_000
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= most) {
		d.errorf(n, "must be a number from 0 to %d, such as 2", most)
		return 0
	}
	return v
}
