package route

import (
	"fmt"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// layouts are markets of n offers: spread over models with ten offers each, or all of one model.
func layouts(tb testing.TB, sizes ...int) map[string]*Book {
	books := make(map[string]*Book)
	for _, n := range sizes {
		books[fmt.Sprintf("spread/%d", n)] = crowd(tb, n, 10)
		books[fmt.Sprintf("one_model/%d", n)] = crowd(tb, n, n)
	}
	return books
}

// requests are the kinds of ask whose cost is measured.
func requests(tb testing.TB) map[string]Ask {
	return map[string]Ask{
		"plain":       {Model: "author/model-0", Bytes: 4000},
		"tools":       {Model: "author/model-0", Bytes: 4000, Needs: market.Tools},
		"price":       {Model: "author/model-0", Bytes: 4000, Prefer: prefer(tb, `{"sort":"price"}`)},
		"region":      {Model: "author/model-0", Bytes: 4000, Prefer: prefer(tb, `{"region":"eu"}`)},
		"max_price":   {Model: "author/model-0", Bytes: 4000, Prefer: prefer(tb, `{"max_price":{"completion":0.41},"sort":"price"}`)},
		"ignore_most": {Model: "author/model-0", Bytes: 4000, Prefer: prefer(tb, `{"only":["p1","p2","p3"]}`)},
	}
}

func BenchmarkRank(b *testing.B) {
	sizes := []int{10, 100, 1000, 10000}
	books := layouts(b, sizes...)
	asks := requests(b)
	for _, request := range []string{"plain", "tools", "price", "region", "max_price", "ignore_most"} {
		for _, layout := range []string{"spread", "one_model"} {
			for _, n := range sizes {
				book := books[fmt.Sprintf("%s/%d", layout, n)]
				ask := asks[request]
				b.Run(fmt.Sprintf("%s/%s/%d", request, layout, n), func(b *testing.B) {
					var plan Plan
					b.ReportAllocs()
					listings := book.market.Listings()
					seed := uint64(0)
					for b.Loop() {
						seed++
						// Every model has its turn, or only one listing would be measured, and that in cache.
						ask.Model = listings[seed%uint64(len(listings))].Model
						if err := book.Rank(&ask, Policy{}, seed, &plan); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// BenchmarkNewBook is what a refresh costs when all figures have changed, and when none has.
func BenchmarkNewBook(b *testing.B) {
	for layout, book := range layouts(b, 10000) {
		b.Run(layout+"/all_changed", func(b *testing.B) {
			for b.Loop() {
				NewBook(book.market, book.figures, nil)
			}
		})
		b.Run(layout+"/none_changed", func(b *testing.B) {
			figures := append([]market.Figures(nil), book.figures...)
			for b.Loop() {
				NewBook(book.market, figures, book)
			}
		})
	}
}
