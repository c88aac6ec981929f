package redact

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// triggers are the inputs on which a careless scanner is slow, each a pattern to repeat: marks, and beginnings of values.
func triggers() []string {
	return []string{
		// single marks
		"1", "@", "-", "{", `"`, "=", ":", "_", "A", "J", "S", ">", "%", "\\", "&", "+", ".", "(", "<", "/", "'", "`", " ", "\n",
		"\x00", "\xff", "\xf0", "\xe4",
		// escapes and other forms of characters
		"\\u0031", "\\u0061", "\\u00", "\\u", "\\n", "\\x41", "%40", "%4", "&#49;", "&#49", "&#x31;", "&commat;", "&amp;", "&amp;#", "&amp;#49;", "%25", "%2540", "\\u{", "\\u{31}", "\\\\u", "\\\\u0031", "\\U0000", "\\\n", "１", "١",
		"\u200b", "1\u200b", "\u00a0", "1\u00a0", "\u2011", "１２３４ ", "é", "ä1", "𝟏",
		// numbers
		"1 ", "12 ", "123 ", "1234 ", "12345 ", "123456 ", "1234567 ", "12345678 ", "123456789 ", "1234567890 ", "12345678901 ",
		"123456789012 ", "123456789012345 ", "1234567890123456 ", "1-", "12-", "123-", "1234-", "1.", "12.", "123.", "1/", "1,",
		"123,", "11.11.", "1:", "12:", "+1", "+1 ", "+49 30 ", "(030) ", "(1", "(1) ", "0 ", "00 ", "0-", "1985 ", "0123456789",
		"1 2 3 4 5 6 7 8 9 ", "1.2.3.4.", "3.14159 ", "0x1 ", "0xff ", "1e9 ", "1k ", "1,234,567 ", "1234,", "1234|", "1234*", "$1.00 ", "10% ", "#1234 ",
		// addresses
		"a@", "a@b", "a@b.", "a.", "a.b", "@a.", "a@b.c ", "@a.b", "john.@", "..@", "a @ b ", "@@a", "é@é", "电@电", "a-", "a'", "a+",
		"a%", "git@a:", "0:0:", "0:", "::", ":1", "a:", "a::", "AA:", "f:", "00-1B-", "std::vec::",
		// hidden addresses
		"(at)", "[at]", "{at}", "<at>", "(a)", "[@]", "[.]", "(.)", "{.}", "[dot]", "(dot)", " [dot] ", " dot ", " at ", " at", " do", "a at b dot ",
		" AT ", "a AT b DOT ", "a(at)b", "a[.]", "a@b[.]", "a[at]b[dot]", "a @ b . ", "a @ ", "@\n", "a@\n", "a\n@", "a@b\n.",
		"a@b.\n", "a@b.\r\n", "\r\n@", "}", "{}", "})", "。", "a。", "a@b。", "@。", "a @ b . ", " . ", "<dot>", "a<at>b<dot>",
		// keys and values
		"key=", "password=", "password=x ", "password: ", "password:", "token:", `"password":"`, `"token": "`, "password is ",
		"password ", "pwd ", `="`, `":"`, "='", `=" `, `="a`, `'='`, "=1", "=a", "a=", "a=b", "a=b&", "a=1;", "=>", ":=", "key:=", "a == \"", "key == \"a\" ", "key=[", "key=[", "password,\n,a,", "key: !a ", "key: **",
		"secret", "secret=", "token=", "token=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ", "Bearer ", "Authorization: Bearer ", "auth:",
		"api_key: ", "apiKey=", "x: y ", "<a>", "<a>b", "<password>", "<password>x</", "AccountKey=", "==", "====\n", "a==",
		"passwd1 ", "token1 ",
		// tokens
		"eyJ", "eyJ.", "eyJhbGciOiJIUzI1NiJ9.", "eyJhbGciOiJIUzI1NiJ9", "eyJ eyJ", "sk-", "sk-a", "sk-ant-", "sk_live_", "ghp_",
		"github_pat_", "AKIA", "AKIA ", "ASIA", "AIza", "AIza ", "SG.", "SG.a.", "xoxb-", "xoxb-1-", "glpat-", "npm_", "hf_",
		"pypi-AgE", "dapi", "dapi1", "SK1", "SKa1", "AC0 ", "shpat_", "dop_v1_", "whsec_", "-----BEGIN ", "-----BEGIN", "-----",
		"--", "- ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
		"-----END PRIVATE KEY-----\n", "://", "http://", "http://a:", "http://a:b", "http://a@", "http://a ", "a://",
		"https://hooks.slack.com/services/", "123456789:", "123456789:AA", "12345678:a ",
		// accounts, wallets, identifiers
		"DE89", "DE89 ", "DE8 ", "GB82 WEST ", "bc1", "bc1q ", "T1", "r1 ", "身份证1", "a1", "a1 ", "Z9", "z9 ", "1a", "1a ",
		"deadbeef1 ", "user_1234567 ", "user-1 ",
		// words that announce
		"phone ", "phone 1 ", "电话", "电话1", "date of birth ", "date of birth", "date of birt", "date ", "dob 1 ", "ssn ", "ssn 1 ",
		"id 1 ", "bsn 1 ssn 2 sin 3 ", "年", "电", "电1", "1电", "номер 1 ", "телефон 1 ", "รหัส1",
		// ordinary things that are dense
		"int x1 = 42; ", "a[1] = b[2]; ", `{"a":1},`, `{"a":`, `[[`, `[1,`, `\"`, `\\\"`, `"a":"b",`, `{"id":12345,"name":"x"},`,
		"0.123 0.456 0.789 ", "|1|2|3|4|\n", "1\t2\t3\t4\n", "1,2,3,4\n",
	}
}

// wholeValues are values, and what looks like them, to repeat without a pause.
func wholeValues() []string {
	return []string{
		"123 456 7890 ", "4111 1111 1111 1111 ", "4111111111111112 ", "4111111111111111 ", "4111111111111111\n", "276-66-7011 ",
		"276-66-7011\n", "+49 30 1234567 ", "+1 212-555-0123\n", "(212) 555-0123 ", "404-268-8350\n", "01 23 45 67 89 ",
		"1985-01-02 ", "2026-01-02T12:30:45.123Z ", "12:30:45 ", "12:30:45.123456 ", "1234 5678 ", "12 34 56 78 ", "123 45 6789 ",
		"1.2.3.4 ", "192.168.1.1 ", "8.8.8.8 ", "131.218.86.43 ", "a@b.co ", "john@example.com ", "john@example.com\n", "a@电.中国 ",
		"john(at)example.com ", "j.doe at example dot com ", "j[.]doe[at]example[.]com ", "j.doe@\nexample.com ", "131[.]218[.]86[.]43 ", "1[.]", "1{.}",
		"fe80::1 ", "2001:db8::1 ", "2a04:5a64:4d44:3341:bd86:a55c:bc2a:aab5 ", "00:1B:44:11:3A:B7 ", "00-1B-44-11-3A-B7 ",
		"001b.4411.3ab7 ", "password=aB3$xyz9 ", `"password":"aB3$xyz9",`, "Password=x;", "password x9y8z7w6 ", "-u a:b1c2d3e4 ", "key=[a1b2c3d4]", "password,\n,a1b2c3d4,",
		"password is x9y8z7w6 ", "the password is hunter2x9 and ", "AKIAIOSFODNN7EXAMPLF ",
		"-----BEGIN PRIVATE KEY-----\nabcd\n-----END PRIVATE KEY-----\n", "http://a:b@c ", "https://example.com/path?x=1&y=2 ",
		"DE89 3704 0044 0532 0130 00 ", "DE89370400440532013000 ", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 ",
		"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3 ", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "0x5E438206Ac2BbD582EC7AA6BA72De0b0aDcDBa3c ",
		"0x5e438206ac2bbd582ec7aa6ba72de0b0adcdba3c ", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq ",
		"44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SvSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A ", "X1234567L ",
		"12345678Z ", "12345678-Z ", "12.345.678-Z ", "AB123456C ", "AB 12 34 56 C ", "S1234567D ", "RSSMRA85T10A562S ",
		"131052-308T ", "ABCDE1234F ", "91350211M000100Y43 ", "310104195508073400 ", "身份证 310104195508073400 ", "1 63 06 2A ",
		"12.ABC.345/01DE-35 ", "968.894.566-88 ", "99.741.074/0001-46 ", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 ",
		"2fd4e1c67a2d28fced849ee1bb76e739", "6f1c2b9e-3d47-4a58-9c1e-0a7b5d2f8e61 ", "v1.2.3 ", "ISBN 978-3-16-148410-0 ",
		"1Z 999 AA1 01 2345 6784 ", "call 1234567 ", "phone: 1234567\n", "tel. 030 1234567, ", "电话 13800138000 ",
		"電話番号：03-1234-5678\n", "born 12.03.1985 ", "born 1985 ", "born 12 March 1985 ", "12 March 1985 ", "March 12, 1985 ",
		"1985年3月12日", "生年月日1985年", "ssn 276667011 ", "ssn: 276-66-7011\n", "npi 1234567893 ", "card 4111111111111111 ",
		"order 1234567890 ", "ip 8.8.8.8 ", "2026-01-02 12:30:45 INFO request from 131.218.86.43 by user@example.com took 12 ms\n",
	}
}

// What a text of one repeated pattern may take, in times of what clean prose may take, which is four bare table loops over as many bytes:
// clean prose itself gets faster for reasons that help no other text. That is the gate, and more in a test, as other work on
// the machine disturbs the measure. Whole values that stand side by side are found, one by one, and take longer.
const (
	triggerGate = 8
	valueGate   = 16
	worstSlack  = 1.25
)

// proseGate is how many table loops clean prose may take.
const proseGate = 4

// TestWorstCaseStaysNearCleanProse holds every trigger to its gate, against table loops of the same length in the same run.
func TestWorstCaseStaysNearCleanProse(t *testing.T) {
	measuresTime(t)
	f := finder(t, Options{})
	for _, c := range []struct {
		patterns []string
		gate     float64
	}{{triggers(), triggerGate}, {wholeValues(), valueGate}} {
		over := 0
		for _, pattern := range c.patterns {
			ratio := timesClean(f, pattern, c.gate)
			if ratio > c.gate {
				over++
				t.Logf("%q takes %.1f times clean prose", pattern, ratio)
			}
			if ratio > c.gate*worstSlack {
				t.Errorf("%q takes %.1f times clean prose, want at most %.0f", pattern, ratio, c.gate)
			}
		}
		t.Logf("%d of %d patterns above %.0f times clean prose", over, len(c.patterns), c.gate)
	}
}

// timesClean is how many times longer than clean prose a text of one repeated pattern takes; it measures again while the gate is missed.
func timesClean(f *Finder, pattern string, gate float64) float64 {
	const size = 1 << 16
	var found []Finding
	clean, text := prose(size), repeated(pattern, size)
	best, n := 1e9, 0
	for try := 0; try < 8 && best > gate; try++ {
		base := fastest(2, func() { n += tableLoop(clean) })
		took := fastest(3, func() { found = f.Find(found[:0], text) })
		base = min(base, fastest(2, func() { n += tableLoop(clean) }))
		best = min(best, float64(took)/float64(proseGate*base))
	}
	if n == 0 {
		panic("no trigger in prose")
	}
	return best
}

// The same read literally: 1 MiB of one trigger against 1 MiB of English prose, which takes little more than one table loop.
// Not all hold the gate so: literalMost is what the slowest takes, and literalOver how many are above the gate. In a test both may be half
// as much again: machines differ in how fast they read prose, and many triggers lie close to the gate.
const (
	literalMost  = 22
	literalOver  = 60
	literalSlack = 1.5
)

// TestWorstCaseAgainstProseAsItIs holds every trigger to what 1 MiB of clean prose takes in the same run, and prints the slowest first.
func TestWorstCaseAgainstProseAsItIs(t *testing.T) {
	measuresTime(t)
	const size = 1 << 20
	type measure struct {
		pattern string
		times   float64
	}
	f, clean := finder(t, Options{}), prose(size)
	var found []Finding
	find := func(text []byte) time.Duration { return fastest(2, func() { found = f.Find(found[:0], text) }) }
	measures := make([]measure, 0, len(triggers()))
	for _, pattern := range triggers() {
		text := repeated(pattern, size)
		base, took := find(clean), find(text)
		for try := 0; try < 4 && took > triggerGate*base; try++ {
			base, took = min(base, find(clean)), min(took, find(text))
		}
		measures = append(measures, measure{pattern, float64(took) / float64(base)})
	}
	slices.SortFunc(measures, func(a, b measure) int { return cmp.Compare(b.times, a.times) })
	over := 0
	for _, m := range measures {
		if m.times > triggerGate {
			over++
			t.Logf("%q takes %.1f times clean prose as it is", m.pattern, m.times)
		}
		if m.times > literalMost*literalSlack {
			t.Errorf("%q takes %.1f times clean prose as it is, want at most %d", m.pattern, m.times, literalMost)
		}
	}
	t.Logf("%d of %d patterns above %d times clean prose as it is", over, len(measures), triggerGate)
	if over > literalOver*literalSlack {
		t.Errorf("%d patterns are above %d times clean prose as it is, want at most %d", over, triggerGate, literalOver)
	}
}

// mixedMost is how many times as long as clean prose all triggers in random order may take, in which no branch can be predicted.
const mixedMost = 52

// TestAllTriggersInRandomOrderTakeLinearTime holds a text of all triggers to mixedMost, and one four times as long to four times that.
func TestAllTriggersInRandomOrderTakeLinearTime(t *testing.T) {
	measuresTime(t)
	const size = 1 << 20
	f, clean, r := finder(t, Options{}), prose(size), rand.New(rand.NewPCG(1, 2))
	var text []byte
	for all := triggers(); len(text) < size; {
		text = append(text, all[r.IntN(len(all))]...)
	}
	var found []Finding
	find := func(text []byte) time.Duration { return fastest(3, func() { found = f.Find(found[:0], text) }) }
	times, growth := 1e9, 1e9
	for try := 0; try < 4 && (times > mixedMost || growth > 4); try++ {
		all := find(text)
		times = min(times, float64(all)/float64(find(clean)))
		growth = min(growth, float64(all)/float64(find(text[:size/4])))
	}
	t.Logf("they take %.0f times clean prose as it is; four times as many take %.1f times as long", times, growth)
	if times > mixedMost*literalSlack || growth > 4*literalSlack {
		t.Errorf("they take %.0f times clean prose, want at most %d; four times as many take %.1f times as long", times, mixedMost, growth)
	}
}

// pairMost is how many times as long as clean prose may take, four table loops, any two triggers in turn may take. Most take a tenth of it; what
// is read again and again takes several times as much at this size already.
const pairMost = 64

// TestTwoTriggersInTurnAreNotReadAgainAndAgain holds every pair of triggers to pairMost: one may keep what the other begins from its end.
func TestTwoTriggersInTurnAreNotReadAgainAndAgain(t *testing.T) {
	measuresTime(t)
	const size = 8 << 10
	f, clean, n := finder(t, Options{}), prose(size), 0
	var found []Finding
	most := func() time.Duration { return pairMost * proseGate * fastest(3, func() { n += tableLoop(clean) }) }
	limit := most()
	worst, slowest := time.Duration(0), ""
	for _, a := range triggers() {
		for _, b := range triggers() {
			text := repeated(a+b, size)
			find := func() { found = f.Find(found[:0], text) }
			took := fastest(1, find)
			for try := 0; try < 4 && took > limit; try++ {
				took, limit = min(took, fastest(2, find)), max(limit, most())
			}
			if took > worst {
				worst, slowest = took, a+b
			}
			if took > limit {
				t.Errorf("%q takes %v, want at most %v", a+b, took, limit)
			}
		}
	}
	t.Logf("the slowest, %q, takes %v of %v; %d", slowest, worst, limit, n)
}
