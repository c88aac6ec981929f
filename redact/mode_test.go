package redact

import (
	"errors"
	"regexp"
	"testing"
)

// valid has a published or constructed value of each type that Format has to break.
func valid() map[Type]string {
	return map[Type]string{
		CreditCard: "4111 1111 1111 1111", IBAN: "DE89 3704 0044 0532 0130 00", CryptoWallet: "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
		USABARouting: "021000021", CNResidentID: "11010519491231002X", CNUSCC: "91350100M000100Y43", ESNIF: "12345678Z", ESNIE: "X1234567L",
		ITFiscalCode: "RSSMRA85T10A562S", FRNIR: "255081416802538", BRCPF: "529.982.247-25", BRCNPJ: "11.222.333/0001-81", FIHETU: "131052-308T",
		SGNRIC: "S1234567D", SEPersonnummer: "811218-9876", BENRN: "85.07.30-033.28", THTNIN: "1-2345-67890-12-1",
		INAadhaar: "2341 2341 2346", DETaxID: "86095742719", UKNHS: "943 476 5919", PLPESEL: "44051401359", NLBSN: "111222333",
		JPMyNumber: "123456789018", AUTFN: "123456782", AUABN: "51824753556", AUMedicare: "2123456701", TRID: "10000000146",
		CASIN: "130 692 544", ZAID: "8001015009087", USNPI: "1234567893",
	}
}

func TestFakesHaveTheFormOfTheirValueAndPassNoCheck(t *testing.T) {
	all, err := NewFinder(Options{Types: Types(), PrivateIPs: true})
	if err != nil {
		t.Fatal(err)
	}
	v := newVault(t, VaultOptions{})
	digits, letters := regexp.MustCompile(`[0-9]`), regexp.MustCompile(`[A-Za-z]`)
	form := func(s string) string { return letters.ReplaceAllString(digits.ReplaceAllString(s, "0"), "a") }
	for typ, value := range valid() {
		t.Run(typ.String(), func(t *testing.T) {
			label := contextOf(typ)
			if !accepted(all, typ, label, []byte(value)) {
				t.Fatalf("the check refuses the valid %s, so it cannot tell of a fake", value)
			}
			for try := range 50 {
				fake := v.fake(typ, []byte(value), try, all)
				if fake == nil {
					t.Fatal("there is no fake")
				}
				if accepted(all, typ, label, fake) {
					t.Errorf("%s passes the check", fake)
				}
				if form(string(fake)) != form(value) {
					t.Errorf("%s is not like %s", fake, value)
				}
			}
		})
	}
}

func TestModes(t *testing.T) {
	for name, c := range map[string]struct {
		mode       Mode
		typ        Type
		value      string
		like       string
		restorable bool
	}{
		"placeholder":                     {Placeholder, Email, "john@example.com", `^<EMAIL_1>$`, true},
		"part of an address":              {Partial, Email, "john@example.com", `^j\*\*\*@e\*\*\*$`, false},
		"part of a card":                  {Partial, CreditCard, "4111 1111 1111 1234", `^\*\*\*1234$`, false},
		"part of a short number":          {Partial, Phone, "555-1234", `^\*\*\*4$`, false},
		"nothing of a secret":             {Partial, GenericSecret, "hunter2hunter2", `^\*\*\*$`, false},
		"nothing of a birthday":           {Partial, DateOfBirth, "1985-03-12", `^\*\*\*$`, false},
		"hash":                            {Hash, Email, "john@example.com", `^<EMAIL_[0-9a-z]{16}>$`, true},
		"a fake address":                  {Format, Email, "John.9@example.com", `^[A-Z][a-z]{3}\.[0-9]@[a-z]{7}\.invalid$`, true},
		"a fake address of the network":   {Format, IPAddress, "10.1.2.3", `^24[0-9]\.\d+\.\d+\.\d+$`, true},
		"a fake IPv6 address":             {Format, IPAddress, "fe80::1234:5678", `^2001:db8:[0-9a-f:]{29}$`, true},
		"a fake hardware address":         {Format, MACAddress, "00:1B:44:11:3A:B7", `^[0-9a-f][26ae](:[0-9a-f]{2}){5}$`, true},
		"a fake key with its prefix":      {Format, GitHubToken, "ghp_0123456789abcdefghijABCDEFGHIJ012345", `^ghp_[0-9]{10}[a-z]{10}[A-Z]{10}[0-9]{6}$`, true},
		"no fake of a short value":        {Format, Phone, "555-1", `^<PHONE_1>$`, true},
		"no fake of lines":                {Format, PrivateKey, "-----BEGIN\nx", `^<PRIVATE_KEY_1>$`, true},
		"no fake of other than ASCII":     {Format, Email, "jürgen@example.com", `^<EMAIL_1>$`, true},
		"a token without the value's é\"": {Partial, Phone, "é\"\\\n555123456789", `^\*\*\*6789$`, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMasker(t, MaskOptions{Mode: c.mode})
			s := newVault(t, VaultOptions{}).Request()
			e, err := s.issue(c.typ, []byte(c.value), c.mode, m.all)
			if err != nil || !regexp.MustCompile(c.like).MatchString(e.token) {
				t.Fatalf("token is %q (%v), want %s", e.token, err, c.like)
			}
			if back := string(s.RestoreText(nil, []byte(e.token))); (back == c.value) != c.restorable {
				t.Errorf("restored %q", back)
			}
			again, err := s.issue(c.typ, []byte(c.value), c.mode, m.all)
			if err != nil || again != e {
				t.Errorf("token is %q the second time (%v)", again.token, err)
			}
		})
	}
}

func TestHashesAreTheSameInEveryRequestOfOneKeyAlone(t *testing.T) {
	token := func(key string, mode Mode) string {
		m := newMasker(t, MaskOptions{Mode: mode})
		got, err := m.Text(newVault(t, VaultOptions{Key: []byte(key)}).Request(), []byte("john@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		return string(got.Text)
	}
	for _, mode := range []Mode{Hash, Format} {
		if a, b := token(testKey, mode), token(testKey, mode); a != b {
			t.Errorf("%s: %s and %s", mode, a, b)
		}
		if a, b := token(testKey, mode), token("another key of thirty-two bytes.", mode); a == b {
			t.Errorf("%s: %s with two keys", mode, a)
		}
	}
}

func TestBlockNamesTypesAlone(t *testing.T) {
	f := everything(t)
	m := newMasker(t, MaskOptions{Finder: f, Mode: Block})
	_, err := m.Text(newVault(t, VaultOptions{}).Request(), []byte("card 4111 1111 1111 1111, mail john@example.com, jane@example.com"))
	var blocked *BlockedError
	if !errors.As(err, &blocked) || err.Error() != "text holds what may not be sent: EMAIL, CREDIT_CARD; remove it and try again" {
		t.Errorf("error is %v", err)
	}
}

func TestModeNames(t *testing.T) {
	for m := range modeCount {
		if got, ok := ParseMode(m.String()); !ok || got != m {
			t.Errorf("%s is read as %s", m, got)
		}
	}
	if _, ok := ParseMode("Hash"); ok {
		t.Error("a name's case does not count")
	}
	if _, err := NewMasker(MaskOptions{Finder: mail(t), Mode: modeCount}); err == nil {
		t.Error("a mode that does not exist is taken")
	}
}
