package telemetry

import (
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendLine encodes one record as log/slog's JSONHandler would encode it, byte for byte. It is written out because
// the handler costs 2 to 4 us a line (arrays, decimals and money go through encoding/json), which is a fifth of what
// a bare proxy spends on a whole request; a test holds the two together.
func appendLine(dst []byte, e *entry, rest *remains) []byte {
	dst = append(dst, `{"time":"`...)
	dst = e.Start.Round(0).AppendFormat(dst, time.RFC3339Nano)
	if e.Status >= 500 {
		dst = append(dst, `","level":"WARN","msg":"request"`...)
	} else {
		dst = append(dst, `","level":"INFO","msg":"request"`...)
	}
	next := func(i int) []byte { return rest.next(e.text[i]) }
	dst = appendField(dst, `,"request_id":`, next(0))
	if e.TraceID != [16]byte{} {
		dst = append(dst, `,"trace_id":"`...)
		dst = append(hex.AppendEncode(dst, e.TraceID[:]), '"')
	}
	dst = appendField(dst, `,"op":`, next(1))
	dst = appendField(dst, `,"caller":`, next(2))
	dst = appendField(dst, `,"via":`, next(3))
	dst = appendField(dst, `,"credential":`, next(4))
	dst = appendField(dst, `,"remote":`, next(5))
	dst = appendField(dst, `,"asked_model":`, next(6))
	dst = appendField(dst, `,"model":`, next(7))
	dst = appendField(dst, `,"provider":`, next(8))
	dst = appendField(dst, `,"offer":`, next(9))
	dst = strconv.AppendInt(append(dst, `,"status":`...), int64(e.Status), 10)
	dst = appendField(dst, `,"error_type":`, next(10))
	dst = appendField(dst, `,"error_code":`, next(11))
	dst = appendField(dst, `,"redacted":`, next(12))
	dst = appendFacts(dst, e)
	return append(appendAttempts(dst, e, rest), "}\n"...)
}

func appendFacts(dst []byte, e *entry) []byte {
	dst = strconv.AppendBool(append(dst, `,"stream":`...), e.Stream)
	if e.Simulated {
		dst = append(dst, `,"simulated":true`...)
	}
	if e.Unasked {
		dst = append(dst, `,"recogniser":"failed"`...)
	}
	dst = appendMillis(append(dst, `,"duration_ms":`...), e.Duration)
	if e.FirstToken > 0 {
		dst = appendMillis(append(dst, `,"first_token_ms":`...), e.FirstToken)
	}
	dst = appendMillis(append(dst, `,"overhead_ms":`...), e.Overhead)
	if e.InputTokens > 0 || e.OutputTokens > 0 {
		dst = strconv.AppendInt(append(dst, `,"input_tokens":`...), e.InputTokens, 10)
		dst = strconv.AppendInt(append(dst, `,"output_tokens":`...), e.OutputTokens, 10)
		if e.TokensEstimated {
			dst = append(dst, `,"tokens_estimated":true`...)
		}
	}
	if e.CostKnown {
		dst = e.Cost.Append(append(dst, `,"cost_usd":`...))
	}
	dst = strconv.AppendInt(append(dst, `,"bytes_in":`...), e.BytesIn, 10)
	return strconv.AppendInt(append(dst, `,"bytes_out":`...), e.BytesOut, 10)
}

// appendAttempts writes the attempts as the caller sees them in an error's metadata.
func appendAttempts(dst []byte, e *entry, rest *remains) []byte {
	dst = append(dst, `,"attempts":[`...)
	for i, a := range rest.attempts[:e.listed] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(dst, `{"offer":`...), rest.next(a.offer))
		dst = strconv.AppendInt(append(dst, `,"status":`...), int64(a.status), 10)
		dst = appendField(dst, `,"reason":`, rest.next(a.reason))
		dst = append(appendMillis(append(dst, `,"ms":`...), a.duration), '}')
	}
	rest.attempts = rest.attempts[e.listed:]
	dst = append(dst, ']')
	if e.tried > int(e.listed) {
		dst = strconv.AppendInt(append(dst, `,"attempts_omitted":`...), int64(e.tried-int(e.listed)), 10)
	}
	return dst
}

// appendField writes a key, which comes with its punctuation, and a string; nothing when the string is empty.
func appendField(dst []byte, key string, value []byte) []byte {
	if len(value) == 0 {
		return dst
	}
	return appendString(append(dst, key...), value)
}

// appendMillis writes d in milliseconds with up to three decimals, truncated to the microsecond.
func appendMillis(dst []byte, d time.Duration) []byte {
	us := max(d.Microseconds(), 0)
	dst = strconv.AppendInt(dst, us/1000, 10)
	frac := us % 1000
	if frac == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10))
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendString quotes s as JSON (RFC 8259, section 7) the way slog does: invalid UTF-8 becomes U+FFFD, HTML is
// left alone, and the line separators U+2028 and U+2029 are escaped for readers that evaluate JavaScript.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRune(s[i:])
			if r != utf8.RuneError && r != '\u2028' && r != '\u2029' || r == utf8.RuneError && size > 1 {
				i += size
				continue
			}
			dst = append(dst, s[start:i]...)
			if r == utf8.RuneError {
				dst = append(dst, `\ufffd`...)
			} else {
				dst = append(dst, `\u202`...)
				dst = append(dst, hexDigits[r&0xf])
			}
		} else {
			dst = appendEscaped(append(dst, s[start:i]...), c)
		}
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
