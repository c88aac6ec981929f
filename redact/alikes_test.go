package redact

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// alike makes lines of one kind that hold no value but look as if they did.
type alike struct {
	name string
	line func(r *dice) string
}

// dice makes parts of lines by chance, the same ones for the same seed.
type dice struct{ *rand.Rand }

func newDice(seed uint64) *dice { return &dice{rand.New(rand.NewPCG(seed, 77))} }

func (r *dice) of(words ...string) string { return words[r.IntN(len(words))] }

func (r *dice) in(low, high int) int { return low + r.IntN(high-low+1) }

func (r *dice) chars(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

const (
	figures0  = "0123456789"
	hexDigits = "0123456789abcdef"
	capitals  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smalls    = "abcdefghijklmnopqrstuvwxyz"
)

// digits are n digits of which the first is no zero.
func (r *dice) digits(n int) string { return r.chars("123456789", 1) + r.chars(figures0, n-1) }

func (r *dice) hex(n int) string { return r.chars(hexDigits, n) }

func (r *dice) bytes(n int) []byte {
	b := make([]byte, n)
	for k := range b {
		b[k] = byte(r.IntN(256))
	}
	return b
}

func (r *dice) base64(n int) string { return base64.StdEncoding.EncodeToString(r.bytes(n)) }

func (r *dice) uuid() string {
	h := r.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-" + r.of("8", "9", "a", "b") + h[17:20] + "-" + h[20:]
}

func (r *dice) time() time.Time {
	return time.Date(r.in(2015, 2027), time.Month(r.in(1, 12)), r.in(1, 28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e9), time.UTC)
}

func (r *dice) stamp() string {
	return r.time().Format(r.of(time.RFC3339, time.RFC3339Nano, "2006-01-02 15:04:05,000", "2006/01/02 15:04:05", "02/Jan/2006:15:04:05 +0000", "Jan _2 15:04:05", "20060102T150405Z"))
}

// ean is an article number with its check digit (GS1 General Specifications, section 7.9).
func (r *dice) ean(prefix string, n int) string {
	code := prefix + r.chars(figures0, n-1-len(prefix))
	sum := 0
	for k := range len(code) {
		weight := 3
		if (len(code)-k)%2 == 0 {
			weight = 1
		}
		sum += int(code[k]-'0') * weight
	}
	return code + fmt.Sprint((10-sum%10)%10)
}

// luhnOf appends the digit that makes the number hold by Luhn.
func luhnOf(code string) string {
	sum := 0
	for k := range len(code) {
		d := int(code[len(code)-1-k] - '0')
		if k%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return code + fmt.Sprint((10-sum%10)%10)
}

// isbn10 is a book's number of ten digits (ISO 2108:1992), grouped or not.
func (r *dice) isbn10() string {
	d := r.of("0", "1", "3", "2") + r.chars(figures0, 8)
	sum := 0
	for k := range 9 {
		sum += int(d[k]-'0') * (10 - k)
	}
	check := (11 - sum%11) % 11
	last := fmt.Sprint(check)
	if check == 10 {
		last = "X"
	}
	return r.of(d+last, d[:1]+"-"+d[1:4]+"-"+d[4:9]+"-"+last, d[:1]+"-"+d[1:6]+"-"+d[6:9]+"-"+last)
}

func (r *dice) isbn13() string {
	d := r.ean("978", 13)
	return r.of(d, d[:3]+"-"+d[3:], d[:3]+"-"+d[3:4]+"-"+d[4:6]+"-"+d[6:12]+"-"+d[12:], d[:3]+" "+d[3:4]+" "+d[4:8]+" "+d[8:12]+" "+d[12:])
}

// dots are n numbers up to most, joined.
func (r *dice) joined(n, most int, sep string) string {
	parts := make([]string, n)
	for k := range parts {
		parts[k] = fmt.Sprint(r.in(0, most))
	}
	return strings.Join(parts, sep)
}

func (r *dice) word() string {
	return r.of("alpha", "billing", "cache", "delta", "engine", "frame", "gateway", "handler", "index", "journal", "kernel", "ledger", "matrix", "node", "orbit", "parser", "queue", "router", "shard", "table", "update", "vector", "worker", "zone")
}

func (r *dice) name() string {
	return r.of(r.word()+"_"+r.word(), r.word()+strings.ToUpper(r.word()[:1])+r.word(), r.word()+"-"+r.word(), r.word())
}

func (r *dice) float() string {
	return fmt.Sprintf("%.*f", r.in(1, 14), (r.Float64()-0.3)*float64(r.in(1, 3000)))
}

// alikes are all kinds of lines without values.
func alikes() []alike {
	all := append(numbersOfThings(), numbersOfMachines()...)
	all = append(all, measures()...)
	all = append(all, linesOfCode()...)
	return append(all, linesOfText()...)
}
