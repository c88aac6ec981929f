package route

import (
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// Book is what requests are routed by at one moment: a market, the figures of its offers, and every order of
// every model's offers worked out beforehand. It is immutable.
type Book struct {
	market   *market.Market
	figures  []market.Figures // by Offer.Index
	listings []*listing       // by Listing.Index
}

// listing is one model's offers in every order, and what all of them have in common, so that a request that
// asks for no more than that needs no look at each.
type listing struct {
	model  string
	offers []*market.Offer
	orders [sortKinds]ordering

	common       market.Features // supported by every offer
	embeds       bool            // an offer makes embeddings, and nothing else
	known        market.Features // of which at least one offer says whether it supports them
	minContext   int             // smallest known context; 0: none known
	minMaxOutput int             // smallest known output limit; 0: none known
}

// NewBook works out a book. It takes over figures, which has one entry for each offer of the market, indexed
// by Offer.Index. Listings of prev whose figures are the same are taken from there; prev may be nil, and of
// another market.
func NewBook(m *market.Market, figures []market.Figures, prev *Book) *Book {
	listings := m.Listings()
	b := &Book{market: m, figures: figures, listings: make([]*listing, len(listings))}
	if prev != nil && prev.market != m {
		prev = nil
	}
	for _, l := range listings {
		if prev != nil && sameFigures(l.Offers, figures, prev.figures) {
			b.listings[l.Index] = prev.listings[l.Index]
			continue
		}
		b.listings[l.Index] = newListing(l, figures)
	}
	return b
}

// Market is the market that the book is about.
func (b *Book) Market() *market.Market { return b.market }

// Figures are an offer's figures in this book.
func (b *Book) Figures(o *market.Offer) *market.Figures { return &b.figures[o.Index] }

// AllFigures are the figures of every offer, by Offer.Index; they must not be changed.
func (b *Book) AllFigures() []market.Figures { return b.figures }

// BelowFloor tells whether an offer generates fewer tokens per second than its floor.
func (b *Book) BelowFloor(o *market.Offer) bool { return belowFloor(o, &b.figures[o.Index]) }

func newListing(l *market.Listing, figures []market.Figures) *listing {
	n := &listing{model: l.Model, offers: l.Offers, common: ^market.Features(0)}
	for _, o := range l.Offers {
		n.common &= o.Supports
		n.known |= o.Known
		n.embeds = n.embeds || o.Supports&market.Embeddings != 0
		n.minContext = smallest(n.minContext, o.Context)
		n.minMaxOutput = smallest(n.minMaxOutput, o.MaxOutput)
	}
	all := termsOf(l.Offers, figures)
	for by := range sortKinds {
		n.orders[by] = arrange(all, by)
	}
	return n
}

// sameFigures tells whether all that the orders depend on is the same. The number of requests in flight is not
// part of it: it is read when a plan is made. Nor is a rest that has become shorter, since time passes for all
// that rest alike.
func sameFigures(offers []*market.Offer, now, before []market.Figures) bool {
	for _, o := range offers {
		a, b := &now[o.Index], &before[o.Index]
		if a == b {
			continue
		}
		if a.State != b.State || a.RestsFor > b.RestsFor || (a.RestsFor == 0) != (b.RestsFor == 0) ||
			a.FirstToken.P50 != b.FirstToken.P50 || a.Latency.P50 != b.Latency.P50 || a.Throughput != b.Throughput || min(a.Rates, enoughForFloor) != min(b.Rates, enoughForFloor) ||
			a.Uptime5 != b.Uptime5 || a.Uptime30 != b.Uptime30 ||
			min(a.Attempts30, mostEvidence) != min(b.Attempts30, mostEvidence) {
			return false
		}
	}
	return true
}

// smallest is the smaller of two numbers that are known, which is to say positive.
func smallest(a, b int) int {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}
