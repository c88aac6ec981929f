package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Recogniser is an external service that finds what no rule does, such as names and places: Presidio analyzer's HTTP API.
type Recogniser struct {
	URL      *url.URL      // where it is; without a path, /analyze is meant
	Language string        // of the texts, as the recogniser names it; en
	Entities []string      // what to take, by the recogniser's names; empty: all that it finds
	MinScore float64       // entities below are left alone, 0 to 1; 0.5
	Timeout  time.Duration // for all texts of one request; 2s
	MaxBytes int64         // of text of one request; 256KiB
	Open     bool          // without its answer a request goes on with souk's own findings, instead of being refused
}

func (d *decoder) recogniser(n node) {
	r := &Recogniser{Language: "en", MinScore: 0.5, Timeout: 2 * time.Second, MaxBytes: 256 << 10}
	seen := d.mapping(n, fields{
		"url":       func(v node) { r.URL = d.recogniserURL(v) },
		"language":  func(v node) { r.Language = d.pattern(v, isWord, wordRule) },
		"entities":  func(v node) { r.Entities = d.entityNames(v) },
		"min_score": func(v node) { r.MinScore = d.score(v) },
		"timeout":   func(v node) { r.Timeout = d.duration(v, time.Millisecond) },
		"max_bytes": func(v node) { r.MaxBytes = d.size(v, 1<<10, 64<<20) },
		"on_error":  func(v node) { r.Open = d.enum(v, "closed", "open") == "open" },
	})
	if seen == nil {
		return
	}
	d.require(n, seen, "url", "a recogniser needs the URL that it answers under, such as http://127.0.0.1:5002")
	if r.Timeout > time.Minute {
		d.errorf(seen["timeout"], "must be at most 1m: every request waits for it")
	}
	d.cfg.Redact.Recogniser = r
}

// recogniserURL reads the URL. Texts before they are masked travel there, so plain HTTP is for the own network.
func (d *decoder) recogniserURL(n node) *url.URL {
	s := d.text(n)
	if s == "" {
		return nil
	}
	u, err := parseServiceURL(s, "http://127.0.0.1:5002", "souk sends a recogniser no credentials", "remove it")
	switch {
	case err != nil:
		d.errorf(n, "%v", err)
		return nil
	case u.Scheme == "http" && !privateHost(u.Hostname()):
		d.errorf(n, "http:// would send unmasked text in the clear; write https://, or use a private address")
		return nil
	}
	return u
}

func (d *decoder) entityNames(n node) []string {
	names := d.texts(n, "[PERSON, LOCATION]", func(item node) string {
		return d.pattern(item, func(s string) bool {
			return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
		}, "must be an entity as the recogniser names it, in capitals, such as PERSON")
	})
	d.notEmpty(n, len(names), "to take all that the recogniser finds")
	return slices.Clip(names)
}

// score reads a number from 0 to 1.
func (d *decoder) score(n node) float64 {
	s, ok := d.scalar(n)
	if !ok {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		d.errorf(n, "must be a number from 0 to 1, such as 0.5")
		return 0
	}
	return v
}
