package redact

import (
	"strings"
	"testing"
)

// surroundings are those of a value $V that nothing announces, and announced those with a label $L.
var (
	surroundings = []string{
		"$V", "($V)", `"$V"`, "$V, please", "x;$V;y", "It was $V.", "'$V'", "[$V]", "$V\nnext", "请查收$V谢谢", "联系人：张三，$V。", "**$V**", "`$V`", "a|$V|b", "val=$V", "name,$V,2024",
		`{"value":"$V"}`, `{"note": "it is $V, ok?"}`, "2024-05-17 12:30:45 INFO got $V in 12 ms", "https://example.com/?q=$V&x=1", "<td>$V</td>", "- $V", "1. $V", "| a | $V | b |", "\t$V\t",
		"Bitte prüfen Sie $V heute.", "mon identifiant $V svp", "こちらは$Vです", "это $V вот", "הנה $V כאן", "x := \"$V\"", "foo($V)", "first $V, then nothing",
		`"{\"a\": \"$V\"}"`, "“$V”", "«$V»", "「$V」", "（$V）", "at home — $V — or not", "👉 $V 👈", "INSERT INTO t VALUES (7, '$V', NULL);", "x='$V';", "--value=$V --dry-run", "- item: $V\n- item: none", "/* $V */", "# $V", "// was $V", "$V: active",
		"<p>$V</p>", "one two $V three four", "Q: which one?\nA: $V", "> $V", "$V\r\n", "…$V…", "[link]($V)", "set x $V", "val:$V", "$V!", "$V?", "no, $V;", "“It’s $V”, she said.", "export X=$V", "<a b=\"$V\"/>", "{$V}", "~ $V ~", "$V = old", "new=$V, old=none",
	}
	announced = []string{
		"$L: $V", "$L $V", "$L is $V", "$L=$V", `"$L": "$V"`, `{"$L":"$V","n":1}`, "$L:$V", "$L\t$V", "| $L | $V |", "<$L>$V</$L>", "my $L: $V, thanks", "$L - $V", "* **$L**: $V", "$L $V.", "Please note my $L $V for the file.", "$L：$V", "的$L是$V。", "$L = '$V'", "($L $V)", "$L: $V\nnext line", "2024-05-17 12:30:45 INFO $L=$V ok", "$L -> $V", "name: Jane, $L: $V, city: Rome", "Hello, $L: $V; order 4711.",
		"`$L`: `$V`", "$L:\n$V", "$L.: $V", "$L=\"$V\"", `\"$L\": \"$V\"`, "'$L': '$V',", "$L => '$V'", `{"$L": ["$V"]}`, "$L := \"$V\"", "export $L=$V", "- $L: $V", "  $L : $V", "$L; $V", "$L, $V", "The $L you asked for is $V, as agreed.", "$L of the customer: $V", "$L (new): $V", "($L) $V", "[$L] $V", "<b>$L</b> $V", "<td>$L</td><td>$V</td>", "$L = $V", "$L – $V", "Her $L was recorded as $V yesterday.", "$L? $V!", "$L「$V」", "--$L $V", "--$L=$V", "**$L:** $V", "$L\t: $V", "GET /x?$L=$V&n=1",
	}
)

// perMade is how many texts there are for each kind of value.
const perMade = 150

// TestValuesMadeByChanceAreFound holds values in all their forms and in many surroundings to the gates for recall.
func TestValuesMadeByChanceAreFound(t *testing.T) {
	f := finder(t, Options{})
	all := append(madeContacts(), madeMoney()...)
	all = append(append(all, madeIDs()...), madeSecrets()...)
	type tally struct{ all, hit, exact int }
	var sure, told tally
	for n, m := range all {
		r, missed := newDice(uint64(n)+900), 0
		for k := range perMade {
			value := m.value(r)
			text := announced[r.IntN(len(announced))]
			if m.bare && k%2 == 0 {
				text = surroundings[r.IntN(len(surroundings))]
			}
			before, after, _ := strings.Cut(strings.ReplaceAll(text, "$L", m.labels[r.IntN(len(m.labels))]), "$V")
			start, text := len(before), before+value+after
			hit, exact := false, false
			for _, v := range f.Find(nil, []byte(text)) {
				if v.Start < start+len(value) && v.End > start && coarse(v.Type.String()) == coarse(m.typ.String()) {
					hit, exact = true, exact || v.Start == start && v.End == start+len(value)
				}
			}
			count := &told
			if m.bare {
				count = &sure
			}
			count.all++
			if exact || m.typ == ConnectionString && hit {
				count.exact++
			}
			if hit {
				count.hit++
				if !exact && m.typ != ConnectionString {
					t.Logf("%s: not exact: %q in %q", m.typ, value, text)
				}
				continue
			}
			missed++
			t.Logf("%s: missed %q in %q", m.typ, value, text)
		}
		if missed > 0 {
			t.Logf("%s: %d of %d missed", m.typ, missed, perMade)
		}
	}
	for _, c := range []struct {
		name  string
		count tally
		least float64
	}{{"known by shape or check digits", sure, 0.995}, {"with a label", told, 0.95}} {
		recall, exact := float64(c.count.hit)/float64(c.count.all), float64(c.count.exact)/float64(c.count.all)
		t.Logf("%s: recall %.4f, exact %.4f of %d", c.name, recall, exact, c.count.all)
		if recall < c.least || exact < 0.95 {
			t.Errorf("%s: recall %.4f (gate %.3f), exact %.4f (gate 0.95)", c.name, recall, c.least, exact)
		}
	}
}
