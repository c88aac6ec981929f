package redact

import "bytes"

// newStandIns compiles the words that values have which are not secrets: those that stand for a value in examples, and
// those of code that gets one from elsewhere.
func newStandIns() *lexicon {
	l := newLexiconBuilder(1)
	for _, w := range [...]string{
		"your", "example", "changeme", "change me", "placeholder", "redacted", "xxxx", "dummy", "replace", "insert", "todo", "secret here",
		" here", "sample", "masked", "hidden", "removed", "${", "{{", "***", "   ", "#{", "notreal", "fake",
		"process env", "os environ", "getenv", "environ[", "env[", "env(", "import meta", "secrets ", "vault:", "vault(", "config ", "settings ",
		"self ", "this ", "request ", "req ", "response ", "http:", "https:", "file:", "arn:", "ref+", "ssm:", "sm:", "$[", "op:  ", "env:", "env ", "enc[",
	} {
		l.insert(w, 1, true)
	}
	return l.compile()
}

// standIn says whether v is no secret but stands for one.
func (f *Finder) standIn(v []byte) bool {
	return standsForValue(v) || f.standIns.anywhere(v)
}

// anywhere says whether a phrase stands anywhere in v, whether as a word or in one.
func (l *lexicon) anywhere(v []byte) bool {
	for i := range v {
		if !l.heads.begins(v, i) {
			continue
		}
		cur := uint16(0)
		for k := i; k < len(v); {
			c, n := foldChar(v, k)
			if cur = l.child(cur, c); cur == 0 {
				break
			}
			if l.nodes[cur].end != 0 {
				return true
			}
			k += n
		}
	}
	return false
}

// standsForValue are the ways to write "a value goes here": ${X}, <x>, {{x}}, %X%, $X, ****, your-key, example.
func standsForValue(v []byte) bool {
	if c := v[0]; (c == '$' || c == '@' || c == '*' || c == '&') && digitRuns(v) > 1 && mixedCase(v) {
		return !varied(v, 4) // made by chance
	}
	switch c, last := v[0], v[len(v)-1]; {
	case c == '{' && last == '}' && len(v) > 2 && !identifier(v[1:len(v)-1]) && v[1] != '{' && v[1] != '%':
		return false // a password in an ODBC string
	case c == '$' && (len(v) > 1 && (v[1] == '{' || v[1] == '(') || identifier(v[1:])):
		return true
	case c == '<', c == '{', c == '[', c == '(', c == '*' && (len(v) > 1 && v[1] == '*' || identifier(v[1:])), c == '@' && identifier(v[1:]), c == '%' && last == '%':
		return true
	case c == '&' && identifier(v[1:]), c == '!' && len(v) > 4 && identifier(v[1:5]) && bytes.IndexByte(v, ' ') > 0:
		return true
	}
	return !varied(v, 4)
}

// codeValue are values of code that compute or name a secret: calls, environment, paths of members, types, files.
func codeValue(v []byte, quoted bool) bool {
	if v[0] == '/' && !(len(v) >= 16 && (v[len(v)-1] == '=' || bytes.IndexByte(v, '+') >= 0)) || v[0] == '.' || len(v) > 2 && v[1] == ':' && v[2] == '\\' || v[0] == '\\' || len(v) > 2 && v[0] == '~' && v[1] == '/' {
		return true
	}
	if !quoted {
		name := bytes.TrimLeft(v, "&*!")
		if k := bytes.IndexAny(name, "([{"); k > 0 && identifier(bytes.ReplaceAll(name[:k], []byte("::"), nil)) && (!alnum(v[len(v)-1]) || bytes.LastIndexAny(v, ")]}") < 0 || bytes.Contains(v, []byte(")."))) {
			return true
		}
	}
	// a.b.c and snake_case_2 are names; a value made up by chance is not of words.
	if bytes.IndexByte(v, '/') > 0 && bytes.IndexByte(v, '.') > 0 && tallyOf(v).of(nSmall)*5 >= 3*len(v) {
		return true // a path; what is made by chance has fewer small letters
	}
	if titled(v) {
		return false
	}
	if dots := bytes.IndexByte(v, '.'); dots > 0 && memberPath(v) {
		return true
	}
	return words(v)
}

// titled says whether v is words with capitals and a number of two digits or more at the end, as people make passwords: Copper_Orchid-79.
func titled(v []byte) bool {
	name := bytes.TrimRight(v, "0123456789")
	parts := 0
	for len(name) > 0 {
		k := bytes.IndexAny(name, "_-.")
		if k < 3 || props[name[0]]&pUpper == 0 {
			return false
		}
		for _, c := range name[1:k] {
			if props[c]&pLower == 0 {
				return false
			}
		}
		name = name[k+1:]
		parts++
	}
	return parts > 1 && len(v) > 1 && digit(v[len(v)-1]) && digit(v[len(v)-2])
}

// dateOf says whether v is a date or a point in time (ISO 8601).
func dateOf(v []byte) bool {
	return len(v) >= 10 && v[4] == '-' && v[7] == '-' && digitsOnly(v[:4]) && digitsOnly(v[5:7]) && digitsOnly(v[8:10])
}

// identifier says whether v is a name of code.
func identifier(v []byte) bool {
	if len(v) == 0 || digit(v[0]) {
		return false
	}
	for _, c := range v {
		if !alnum(c) && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// memberPath says whether v is names joined with dots, none of which looks made up by chance.
func memberPath(v []byte) bool {
	for part := range bytes.SplitSeq(v, []byte{'.'}) {
		if !identifier(part) || hasDigit(bytes.TrimRight(part, "0123456789")) && len(part) > 4 {
			return false
		}
	}
	return true
}

// words says whether v is words joined with '_', '-' or ':': at most one short number, at the end.
func words(v []byte) bool {
	parts, numbers, long := 0, 0, 0
	for len(v) > 0 {
		k := 0
		for k < len(v) && v[k] != '_' && v[k] != '-' && v[k] != ':' {
			k++
		}
		part := v[:k]
		v = v[min(k+1, len(v)):]
		parts++
		for _, c := range part {
			if !alnum(c) {
				return false
			}
		}
		if hasDigit(part) {
			if len(part) > 3 {
				return false
			}
			numbers++
		} else if len(part) > 5 && mixedCase(part) && (tallyOf(part).random(part) || !camelCase(part) && caseChanges(part) > 2) {
			return false
		} else if len(part) > 2 {
			long++
		}
	}
	return parts > 1 && long > 0 && numbers <= 1
}
