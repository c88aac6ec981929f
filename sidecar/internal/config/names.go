package config

import "strings"

// What names may look like. A provider's name stands in offers, headers and metrics; a model's id in URLs, with
// one slash, and without the suffixes that a request may add to it.
const (
	nameRule    = "must begin with a lower-case letter or digit and go on with those, dots, hyphens and underscores, such as alpha"
	wordRule    = "must be letters, digits, dots, hyphens and underscores"
	modelRule   = "must be author/slug with one slash, such as meta-llama/llama-3.3-70b-instruct, and not end in :floor or :nitro"
	patternRule = "must be a model id, which may end in *, such as meta-llama/*; * stands only at the end"
	aliasRule   = "an alias is letters, digits, dots, hyphens and underscores, without a slash or a colon, such as fast"
)

const maxName = 200 // characters of any name

func isName(s string) bool {
	return isWord(s) && s == strings.ToLower(s) && alphanumeric(s[0])
}

func isWord(s string) bool {
	return onlyOf(s, "._-")
}

func isModelID(s string) bool {
	author, slug, ok := strings.Cut(s, "/")
	if strings.HasSuffix(s, ":floor") || strings.HasSuffix(s, ":nitro") {
		return false
	}
	return ok && len(s) <= maxName && onlyOf(author, "._-") && alphanumeric(author[0]) && onlyOf(slug, "._:+@-") && alphanumeric(slug[0])
}

func isPattern(s string) bool {
	prefix, _ := strings.CutSuffix(s, "*")
	return prefix == "" || onlyOf(prefix, "._:+@-/")
}

// onlyOf tells whether s has ASCII letters, digits and the given characters only, and at least one.
func onlyOf(s, others string) bool {
	for _, c := range []byte(s) {
		if !alphanumeric(c) && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
