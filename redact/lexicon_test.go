package redact

import "testing"

// TestLabelsAreFoundHoweverTheyAreWritten looks up every context word as it is, in capitals, and with other separators.
func TestLabelsAreFoundHoweverTheyAreWritten(t *testing.T) {
	l := newLabels()
	for _, c := range []struct {
		text string
		want int // length of the phrase
	}{
		{"date of birth", 13}, {"DATE OF BIRTH", 13}, {"date_of_birth", 13}, {"date-of--birth", 14}, {"date  of  birth", 15}, {"dateofbirth", 11},
		{"e-mail", 6}, {"e--mail", 7}, {"e mail:", 6}, {"id no", 5}, {"id  no", 6}, {"id", 2}, {"idol", 0}, {"t.c. ", 3}, {"S/N 1", 3}, {"téléphone", 11}, {"telefonnummer", 7},
		{"电话号码", 12}, {"電話番号", 12}, {"телефон", 14}, {"Телефоны", 14}, {"เลขบัตร", 21}, {"جوال", 8}, {"passwort", 8}, {"x", 0}, {"", 0}, {"ssn", 3}, {"ssn2", 3}, {"idx", 0},
	} {
		text := []byte(c.text)
		got := 0
		if len(text) > 0 && l.heads.begins(text, 0) {
			got, _ = l.at(text, 0)
		}
		if got != c.want {
			t.Errorf("%q: a phrase of %d bytes, want %d", c.text, got, c.want)
		}
	}
}
