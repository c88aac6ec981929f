package redact

// Escapes that stand for one character each, in text that a program wrote: see plainForm.

// backslash reads an escape of JSON, C or JavaScript. A line end keeps its meaning; \uXXXX goes through foldForm.
func backslash(text []byte, i int) (to, n int, ok bool) {
	if i+1 >= len(text) {
		return 0, 1, false
	}
	switch text[i+1] {
	case 'n', 'r', 't':
		return '\n', 2, true
	case '"', '\'', '/', '_', '-', '.', '@', '+': // the last five are Markdown's
		return int(text[i+1]), 2, true
	case 'u':
		if i+4 < len(text) && text[i+2] == '{' {
			return braced(text, i+3)
		}
		if i+5 >= len(text) || !hex(text[i+5]) {
			break // what comes so often is cut off
		}
		if v, ok := hexValue(text, i+2, 4); ok {
			if v >= ' ' && v < 0x7F {
				return v, 6, true
			}
			to, ok := foldForm(rune(v))
			return to, 6, ok
		}
	case 'U':
		if v, ok := hexValue(text, i+2, 8); ok && v >= ' ' && v < 0x7F {
			return v, 10, true
		}
	case 'x':
		if v, ok := hexValue(text, i+2, 2); ok && v >= ' ' && v < 0x7F {
			return v, 4, true
		}
	case '\n':
		return '\n', 2, true // a line of a program that goes on
	case '\\':
		return escapedAgain(text, i)
	}
	return 0, 1, false
}

// braced reads the digits and the '}' of \u{XX} at i.
func braced(text []byte, i int) (to, n int, ok bool) {
	const most = 6
	v, k := 0, i
	for ; k < min(len(text), i+most) && hex(text[k]); k++ {
		v = v<<4 | hexDigit(text[k])
	}
	if k == i || k == len(text) || text[k] != '}' {
		return 0, 1, false
	}
	if n = k - i + len(`\u{}`); v >= ' ' && v < 0x7F {
		return v, n, true
	}
	to, ok = foldForm(rune(v))
	return to, n, ok
}

// escapedAgain reads \uXXXX behind more than one backslash, as documents within documents have it. What comes of other runs is left to
// their last one.
func escapedAgain(text []byte, i int) (to, n int, ok bool) {
	n = 1
	for i+n < len(text) && text[i+n] == '\\' {
		n++
	}
	if i+n < len(text) && text[i+n] == 'u' {
		if v, ok := hexValue(text, i+n+1, 4); ok && v >= ' ' && v < 0x7F {
			return v, n + 5, true
		}
	}
	return 0, n - 1, false
}

// percent reads the percent-encoding (RFC 3986, section 2.1) of a character that values are made of.
func percent(text []byte, i int) (to, n int, ok bool) {
	if i+2 >= len(text) || !hex(text[i+2]) {
		return 0, 1, false // what comes so often is cut off
	}
	v, ok := hexValue(text, i+1, 2)
	if !ok {
		return 0, 1, false
	}
	if v == '%' { // encoded twice
		if v, ok := hexValue(text, i+3, 2); ok && v >= ' ' && v < 0x7F {
			return v, 5, true
		}
	}
	if v >= ' ' && v < 0x7F {
		return v, 3, true
	}
	return 0, 1, false
}

// entity reads an HTML character reference of a character that values are made of.
func entity(text []byte, i int) (to, n int, ok bool) {
	rest := text[i+1:]
	if len(rest) < 3 || rest[0] != '#' && !contains("cpnlqsghmaz", rest[0]) {
		return 0, 1, false
	}
	if rest[0] == '#' {
		return numericEntity(rest)
	}
	if rest[0] == 'a' { // written twice: &amp;#64;
		const twice = "amp;#"
		if len(rest) < len(twice)+3 || string(rest[:len(twice)]) != twice {
			return 0, 1, false
		}
		to, n, ok = numericEntity(rest[len(twice)-1:])
		return to, n + len(twice) - 1, ok
	}
	for _, e := range [...]struct {
		name string
		to   int
	}{{"commat;", '@'}, {"period;", '.'}, {"nbsp;", ' '}, {"colon;", ':'}, {"lowbar;", '_'}, {"plus;", '+'}, {"quot;", '"'}, {"shy;", -1}, {"zwnj;", -1}, {"zwj;", -1}, {"lt;", '<'}, {"gt;", '>'}, {"ndash;", '-'}, {"hyphen;", '-'}, {"minus;", '-'}} {
		if len(rest) >= len(e.name) && string(rest[:len(e.name)]) == e.name {
			return e.to, len(e.name) + 1, true
		}
	}
	return 0, 1, false
}

// numericEntity is entity for a number: what stands behind the '&'.
func numericEntity(rest []byte) (to, n int, ok bool) {
	v, k := 0, 1
	if rest[1] == 'x' || rest[1] == 'X' {
		for k = 2; k < len(rest) && k < 8 && hex(rest[k]); k++ {
			v = v<<4 | hexDigit(rest[k])
		}
	} else {
		for ; k < len(rest) && k < 8 && digit(rest[k]); k++ {
			v = v*10 + int(rest[k]-'0')
		}
	}
	if k < len(rest) && rest[k] == ';' {
		k++
	} else if k < len(rest) && alnum(rest[k]) {
		return 0, 1, false // browsers do without the ';'
	}
	if v >= ' ' && v < 0x7F {
		return v, k + 1, true
	}
	to, ok = foldForm(rune(v))
	return to, k + 1, ok
}

func hexValue(text []byte, i, n int) (int, bool) {
	if i+n > len(text) {
		return 0, false
	}
	v := 0
	for _, c := range text[i : i+n] {
		if !hex(c) {
			return 0, false
		}
		v = v<<4 | hexDigit(c)
	}
	return v, true
}

func hexDigit(c byte) int {
	if digit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}
