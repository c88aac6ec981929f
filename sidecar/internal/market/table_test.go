package market

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/golden"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

func TestTablesReadWell(t *testing.T) {
	m, figures, now := stalls(t)
	for _, c := range []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{"market.txt", func(b *bytes.Buffer) error { return WriteMarket(b, m.AllEndpoints(figures, now)) }},
		{"market_at_rest.txt", func(b *bytes.Buffer) error { return WriteMarket(b, m.AllEndpoints(nil, now)) }},
		{"models.txt", func(b *bytes.Buffer) error { return WriteModels(b, m.Models().Data) }},
	} {
		var out bytes.Buffer
		if err := c.write(&out); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "testdata/"+c.file, out.Bytes())
	}
}

func TestATableCannotMoveTheCursor(t *testing.T) {
	var out bytes.Buffer
	if err := WriteMarket(&out, []EndpointView{{Name: "evil\x1b[2J\n\u009bx\tname"}}); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.ContainsAny(s, "\x1b\u009b\t") || strings.Count(s, "\n") != 2 {
		t.Errorf("the table is %q", s)
	}
}

func TestEmptyTablesSaySo(t *testing.T) {
	var out bytes.Buffer
	if err := errors.Join(WriteMarket(&out, nil), WriteModels(&out, nil)); err != nil || out.String() != "no offers\nno models\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFailedWriteIsReported(t *testing.T) {
	if WriteModels(fullDisk{}, []ModelView{{ID: "a/b"}}) == nil || WriteMarket(fullDisk{}, []EndpointView{{Name: "a"}}) == nil {
		t.Error("a table was written to a full disk")
	}
}

func TestDollarsPerMillion(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "0.00000015": "0.15", "0.000015": "15", "0.0000025": "2.50", "0.000000000000001": "0.000000001",
		"1": "1000000", "0.0000001234567": "0.1234567", "": "", ".": "", "x": "", "-1": "", "1e-6": "", "0.1.2": "",
	} {
		if got := dollarsPerMillion(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzDollarsPerMillion(f *testing.F) {
	f.Add(int64(150_000_000))
	f.Fuzz(func(t *testing.T, price int64) {
		if price < 0 {
			return
		}
		got, ok := new(big.Rat).SetString(dollarsPerMillion(money.PerMillion(price).PerToken()))
		if want := big.NewRat(price, int64(money.USD)); !ok || got.Cmp(want) != 0 {
			t.Errorf("%d nano-dollars per million tokens become %v dollars", price, got)
		}
	})
}
