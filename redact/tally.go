package redact

// tally counts what a value of at most maxSecret bytes has, ten bits for each kind of byte.
type tally uint64

const (
	nDigit tally = 1 << (10 * iota)
	nSmall
	nCapital
	nVowel
	nSpecial // what identifiers do not have
	nWide    // not ASCII
)

// tallies are what each byte adds to a tally; it is never written to.
var tallies = buildTallies()

func buildTallies() (t [256]tally) {
	kinds := [...]struct {
		of   property
		unit tally
	}{{pDigit, nDigit}, {pLower, nSmall}, {pUpper, nCapital}, {pVowel, nVowel}}
	for c := range t {
		for _, kind := range kinds {
			if props[c]&kind.of != 0 {
				t[c] += kind.unit
			}
		}
		if special(byte(c)) {
			t[c] += nSpecial
		}
		if c >= 0x80 {
			t[c] += nWide
		}
	}
	return t
}

func tallyOf(v []byte) (t tally) {
	for _, c := range v {
		t += tallies[c]
	}
	return t
}

// of is how many there are of one kind.
func (t tally) of(unit tally) int { return int(t / unit & 0x3FF) }

// kinds is how many there are of digits, small letters and capitals.
func (t tally) kinds() (n int) {
	for _, unit := range [...]tally{nDigit, nSmall, nCapital} {
		if t.of(unit) > 0 {
			n++
		}
	}
	return n
}

// letters says whether there are any.
func (t tally) letters() bool { return t.of(nSmall)+t.of(nCapital) > 0 }

// mixed says whether there are capitals enough for caseChanges to be a third of all bytes: each changes case twice at most.
func (t tally) mixed(size int) bool { return 2*3*t.of(nCapital) >= size }

// special says whether c is punctuation that identifiers do not have.
func special(c byte) bool { return !alnum(c) && c != '_' && c != '.' && c != '-' && c != '/' }
