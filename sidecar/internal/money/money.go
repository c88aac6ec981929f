// Package money counts in integer nano-USD, so that sums are exact and prices below a cent per million tokens
// survive. Floating point never touches an amount.
package money

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// Nano is an amount in billionths of a US dollar. The range is about 9.2 billion dollars either way.
type Nano int64

// USD is one dollar.
const USD Nano = 1_000_000_000

// PerMillion is a price: nano-USD for a million tokens.
type PerMillion int64

var errAmount = errors.New("an amount is a decimal number of US dollars from 0 to 1000000, such as 0.50, with at most 9 decimals")

// Parse reads a decimal number of dollars exactly: "0.5", "12", "1e-3". It refuses negative amounts, more than
// nine decimals and anything above a million dollars.
func Parse(s string) (Nano, error) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e < -18 || e > 18 {
			return 0, errAmount
		}
		mantissa, exponent = s[:i], e
	}
	whole, frac, _ := strings.Cut(strings.TrimPrefix(mantissa, "+"), ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, errAmount
	}
	// The value is digits x 10^(exponent-len(frac)) dollars; shift counts its nano-USD places.
	shift := exponent - len(frac) + 9
	digits = strings.TrimLeft(digits, "0")
	for ; shift < 0 && strings.HasSuffix(digits, "0"); shift++ {
		digits = digits[:len(digits)-1]
	}
	if digits == "" {
		return 0, nil
	}
	if shift < 0 || len(digits)+shift > 16 {
		return 0, errAmount
	}
	n, err := strconv.ParseInt(digits+strings.Repeat("0", shift), 10, 64)
	if err != nil || Nano(n) > 1_000_000*USD {
		return 0, errAmount
	}
	return Nano(n), nil
}

// Append writes the amount as a decimal number of dollars without an exponent or trailing zeros: 0.00042.
func (n Nano) Append(dst []byte) []byte {
	u := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = strconv.AppendUint(dst, u/uint64(USD), 10)
	frac := u % uint64(USD)
	if frac == 0 {
		return dst
	}
	var buf [10]byte
	buf[0] = '.'
	end := 1
	for i := 9; i >= 1; i-- {
		buf[i] = byte('0' + frac%10)
		frac /= 10
		if buf[i] != '0' && end == 1 {
			end = i + 1
		}
	}
	return append(dst, buf[:end]...)
}

// String is Append as a string.
func (n Nano) String() string { return string(n.Append(nil)) }

// MarshalJSON writes the amount as a JSON number of dollars.
func (n Nano) MarshalJSON() ([]byte, error) { return n.Append(nil), nil }

// UnmarshalJSON reads a JSON number, or a string, of dollars.
func (n *Nano) UnmarshalJSON(text []byte) error {
	v, err := Parse(strings.Trim(string(text), `"`))
	*n = v
	return err
}

// PerToken writes the price of one token in dollars, as OpenRouter's model list does: a million tokens at 0.15
// dollars are "0.00000015".
func (p PerMillion) PerToken() string {
	digits := strconv.FormatInt(int64(p), 10)
	if pad := 16 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	whole, frac := digits[:len(digits)-15], strings.TrimRight(digits[len(digits)-15:], "0")
	if frac == "" {
		return whole
	}
	return whole + "." + frac
}

// USD is the price of a million tokens in dollars, for tables and JSON.
func (p PerMillion) USD() string { return Nano(p).String() }

// Total is a sum of token counts times prices, kept exact until it is rounded once.
type Total struct{ hi, lo uint64 }

// Add counts tokens at a price; negative tokens or prices count as nothing.
func (t *Total) Add(tokens int64, price PerMillion) {
	if tokens <= 0 || price <= 0 {
		return
	}
	hi, lo := bits.Mul64(uint64(tokens), uint64(price))
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, lo, 0)
	t.hi, _ = bits.Add64(t.hi, hi, carry)
}

// Nano is the sum rounded half up to a nano-USD; a sum beyond the range is the largest amount.
func (t *Total) Nano() Nano {
	const million = 1_000_000
	lo, carry := bits.Add64(t.lo, million/2, 0)
	hi := t.hi + carry
	if hi >= million/2 {
		return Nano(1<<63 - 1)
	}
	q, _ := bits.Div64(hi, lo, million)
	return Nano(q)
}
