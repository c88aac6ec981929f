package framingtest

import (
	"strings"
	"testing"
)

func TestATextIsReadAsItSays(t *testing.T) {
	blocks, err := parse("# a comment\n\ncase: the one\nkey: some words\n| a {n}\\t{b*3}\n|\n> {body}\\x00\\\\\ncase: the other\n", "hi", "key:")
	if err != nil || len(blocks) != 2 {
		t.Fatalf("%d cases, %v", len(blocks), err)
	}
	if b := blocks[0]; b.name != "the one" || b.lines["key:"] != "some words" || b.raw != "a 2\tbbb\r\n\r\nhi\x00\\" {
		t.Errorf("%+v", b)
	}
	if b := blocks[1]; b.name != "the other" || b.raw != "" || len(b.lines) != 0 {
		t.Errorf("%+v", b)
	}
}

func TestATextThatIsWrongNamesItsLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a line before the first case": {"# none yet\nkey: x\n", "line 2 stands before"},
		"a key that is not known":      {"case: one\nkez: x\n", "line 2 begins with none"},
	} {
		if _, err := parse(c.text, "", "key:"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; expected %q", name, err, c.want)
		}
	}
}

func TestTheFilesHaveTheirCases(t *testing.T) {
	requests := Requests(t, "../../testdata/framing.txt", `{"model":"x"}`)
	answers := Answers(t, "../../testdata/answers.txt", `{}`)
	if len(requests) < 100 || len(answers) < 30 {
		t.Errorf("%d requests and %d answers", len(requests), len(answers))
	}
	for _, r := range requests {
		if r.Raw == "" {
			t.Errorf("the case %q sends nothing", r.Name)
		}
	}
}
