package money

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAmountsAreReadExactly(t *testing.T) {
	for text, want := range map[string]Nano{
		"0": 0, "0.0": 0, "1": USD, "0.5": USD / 2, ".5": USD / 2, "5.": 5 * USD, "+3": 3 * USD, "0.000000001": 1, "1e-9": 1, "1E-9": 1, "12.345678901": 12_345_678_901, "1e3": 1000 * USD, "0.10": USD / 10,
		"1000000": 1_000_000 * USD, "0e18": 0, "10e-10": 1, "0.000000010e-1": 1, "00012": 12 * USD, "1.500000000000": 1_500_000_000,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) is %d (%v); expected %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "1.0000000001", "1e-10", "1000000.000000001", "1000001", "abc", "1,5", "0x10", "1e", "1e99", "NaN", "Inf", "1 ", " 1", "1.2.3", ".", "+", "--1", "1e1000000000", "9999999999999999999", "１"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) is %d; expected an error", text, got)
		}
	}
}

func TestAmountsAreWrittenAsPlainDecimals(t *testing.T) {
	for n, want := range map[Nano]string{0: "0", 1: "0.000000001", 10: "0.00000001", USD: "1", USD + 1: "1.000000001", 420_000: "0.00042", -1: "-0.000000001", -5 * USD / 2: "-2.5", math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808"} {
		if got := n.String(); got != want {
			t.Errorf("%d is written %q; expected %q", int64(n), got, want)
		}
		text, err := json.Marshal(n)
		if err != nil || string(text) != want {
			t.Errorf("%d is %s in JSON (%v)", int64(n), text, err)
		}
	}
	for p, want := range map[PerMillion]string{0: "0", 150_000_000: "0.00000015", PerMillion(USD): "0.000001", 1: "0.000000000000001", PerMillion(USD) * 1_000_000: "1", 590_000_000: "0.00000059"} {
		if got := p.PerToken(); got != want {
			t.Errorf("%d a million is %q a token; expected %q", p, got, want)
		}
	}
}

func TestATotalIsRoundedOnceAndHalfUp(t *testing.T) {
	cases := []struct {
		tokens []int64
		price  PerMillion
		want   Nano
	}{
		{[]int64{1}, 499_999, 0}, {[]int64{1}, 500_000, 1}, {[]int64{1, 1}, 250_000, 1}, {[]int64{1, 1, 1}, 400_000, 1}, {[]int64{1_000_000}, PerMillion(USD), USD},
		{[]int64{-5}, PerMillion(USD), 0}, {[]int64{5}, -1, 0}, {nil, 0, 0}, {[]int64{math.MaxInt64}, math.MaxInt64, math.MaxInt64}, {[]int64{math.MaxInt64, math.MaxInt64, math.MaxInt64}, math.MaxInt64, math.MaxInt64},
	}
	for _, c := range cases {
		var total Total
		for _, n := range c.tokens {
			total.Add(n, c.price)
		}
		if got := total.Nano(); got != c.want {
			t.Errorf("%v tokens at %d are %d; expected %d", c.tokens, c.price, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"0.5", "1e-9", "1000000", ".", "1e18", "0.000000000e9", "+1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		if n < 0 || n > 1_000_000*USD {
			t.Fatalf("Parse(%q) is %d", text, n)
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || want.Cmp(big.NewRat(int64(n), int64(USD))) != 0 {
			t.Fatalf("Parse(%q) is %d nano-USD; exactly it is %v dollars", text, n, want)
		}
		if again, err := Parse(n.String()); err != nil || again != n {
			t.Fatalf("%d is written %q, which is read as %d (%v)", n, n, again, err)
		}
	})
}

func FuzzTotal(f *testing.F) {
	f.Add(int64(10), int64(1_000_000_000), int64(20), int64(2_000_000_000))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, tokens, price, tokens2, price2 int64) {
		var total Total
		total.Add(tokens, PerMillion(price))
		total.Add(tokens2, PerMillion(price2))
		product := func(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(max(a, 0)), big.NewInt(max(b, 0))) }
		sum := new(big.Int).Add(product(tokens, price), product(tokens2, price2))
		sum.Div(sum.Add(sum, big.NewInt(500_000)), big.NewInt(1_000_000))
		want := int64(math.MaxInt64)
		if sum.IsInt64() {
			want = sum.Int64()
		}
		if got := total.Nano(); int64(got) != want {
			t.Fatalf("%d at %d and %d at %d are %d; exactly %v", tokens, price, tokens2, price2, got, sum)
		}
	})
}
