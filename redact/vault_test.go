package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSessionTokensAreStableAndUnguessable(t *testing.T) {
	m := newMasker(t, MaskOptions{})
	mask := func(v *Vault, id, text string) string {
		t.Helper()
		s, err := v.Session(id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Text(s, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return string(got.Text)
	}
	v := newVault(t, VaultOptions{})
	first := mask(v, "one", "a@b.com")
	if want := len("<EMAIL_>") + sessionSuffix; len(first) != want {
		t.Errorf("token %s has %d bytes, want %d", first, len(first), want)
	}
	for name, c := range map[string]struct {
		got  string
		same bool
	}{
		"the same value in the next turn":           {mask(v, "one", "a@b.com"), true},
		"after other values":                        {strings.Fields(mask(v, "one", "c@d.com a@b.com"))[1], true},
		"in another sidecar of the fleet":           {mask(newVault(t, VaultOptions{}), "one", "a@b.com"), true},
		"another value":                             {mask(v, "one", "e@f.com"), false},
		"the same value in another session":         {mask(v, "two", "a@b.com"), false},
		"the same value and session of another key": {mask(newVault(t, VaultOptions{Key: []byte("another key of 32 bytes or more.")}), "one", "a@b.com"), false},
	} {
		if (c.got == first) != c.same {
			t.Errorf("%s: %s, before %s", name, c.got, first)
		}
	}
}

func TestASessionRestoresWhatItsEarlierTurnsMasked(t *testing.T) {
	v, m := newVault(t, VaultOptions{}), newMasker(t, MaskOptions{})
	one, err := v.Session("one")
	if err != nil {
		t.Fatal(err)
	}
	masked, err := m.Text(one, []byte("a@b.com"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := v.Session("one")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(again.RestoreText(nil, masked.Text)); got != "a@b.com" {
		t.Errorf("restored %q", got)
	}
	two, err := v.Session("two")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(two.RestoreText(nil, masked.Text)); got != string(masked.Text) {
		t.Errorf("another session restored %q", got)
	}
}

func TestSessionsExpireAfterTheirLastUse(t *testing.T) {
	now := time.Unix(1_763_800_000, 0)
	v := newVault(t, VaultOptions{TTL: time.Minute, Now: func() time.Time { return now }})
	open := func(id string) *Scope {
		t.Helper()
		s, err := v.Session(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := open("one")
	if _, err := newMasker(t, MaskOptions{}).Text(one, []byte("a@b.com")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(40 * time.Second)
	open("two")
	if open("one") != one {
		t.Error("a session in use is another one")
	}
	now = now.Add(59 * time.Second)
	if n := v.Sessions(); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	now = now.Add(2 * time.Second)
	if n := v.Sessions(); n != 0 {
		t.Errorf("%d sessions, want none", n)
	}
	if v.bytes != 0 {
		t.Errorf("%d bytes are still charged", v.bytes)
	}
	if one.Len() != 1 {
		t.Error("a request that holds its scope lost it")
	}
	if open("one").Len() != 0 {
		t.Error("an expired session still knows its values")
	}
}

func TestForgetEndsASession(t *testing.T) {
	v := newVault(t, VaultOptions{})
	s, err := v.Session("one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.issue(Email, []byte("a@b.com"), Placeholder, nil); err != nil {
		t.Fatal(err)
	}
	v.Forget("one")
	v.Forget("two")
	if v.Sessions() != 0 || v.bytes != 0 {
		t.Errorf("%d sessions of %d bytes are left", v.Sessions(), v.bytes)
	}
}

func TestVaultRefusesWhatIsOverItsLimits(t *testing.T) {
	value := func(i int) []byte { return fmt.Appendf(nil, "%08d@b.com", i) }
	for name, c := range map[string]struct {
		o    VaultOptions
		fill func(*Vault) error
	}{
		"sessions": {VaultOptions{Sessions: 3}, func(v *Vault) (err error) {
			for i := 0; i < 4 && err == nil; i++ {
				_, err = v.Session(string(value(i)))
			}
			return err
		}},
		"bytes of all sessions": {VaultOptions{SessionBytes: 2000}, func(v *Vault) (err error) {
			for i := 0; i < 20 && err == nil; i++ {
				var s *Scope
				if s, err = v.Session(string(value(i % 2))); err == nil {
					_, err = s.issue(Email, value(i), Placeholder, nil)
				}
			}
			return err
		}},
		"values of a request": {VaultOptions{Entries: 3}, func(v *Vault) (err error) {
			s := v.Request()
			for i := 0; i < 4 && err == nil; i++ {
				_, err = s.issue(Email, value(i), Placeholder, nil)
			}
			return err
		}},
		"look-alikes of a request": {VaultOptions{Entries: 3}, func(v *Vault) error {
			body := `{"user":"<EMAIL_1><EMAIL_2><EMAIL_3><EMAIL_4>","input":"a@b.com"}`
			_, err := newMasker(t, MaskOptions{}).JSON(v.Request(), []byte(body))
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.fill(newVault(t, c.o)); !errors.Is(err, ErrVaultFull) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestVaultNeedsAKeyForSessions(t *testing.T) {
	v, err := NewVault(VaultOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Session("one"); !errors.Is(err, ErrVaultKey) {
		t.Errorf("error is %v", err)
	}
	if _, err := NewVault(VaultOptions{Key: []byte("short")}); !errors.Is(err, ErrVaultKey) {
		t.Errorf("error of a short key is %v", err)
	}
}

func TestNothingThatHoldsValuesPrintsThem(t *testing.T) {
	v := newVault(t, VaultOptions{Key: []byte("keykeykeykeykeykey")})
	s, err := v.Session("sesame")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.issue(Email, []byte("john@example.com"), Placeholder, nil); err != nil {
		t.Fatal(err)
	}
	r := s.Stream()
	r.Event(nil, []byte(chat(`"content":`, ``).piece(`"<EMAIL_"`)))
	for name, x := range map[string]any{"vault": v, "scope": s, "stream": r, "options": v.o} {
		var out strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+" ", x)
		}
		b, err := json.Marshal(map[string]any{"x": x})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		for _, secret := range []string{"john", "EMAIL", "sesame", "keykey", "6b65796b", "107 101 121"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("a printed %s has %q: %s", name, secret, out.String())
			}
		}
		if !strings.Contains(out.String(), hidden) {
			t.Errorf("a printed %s says nothing: %s", name, out.String())
		}
	}
}

func TestAScopeIsSharedSafely(t *testing.T) {
	v, m := newVault(t, VaultOptions{}), newMasker(t, MaskOptions{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				s, err := v.Session(string(rune('a' + i%3)))
				if err != nil {
					t.Error(err)
					return
				}
				text := fmt.Sprintf("same@b.com %d.%d@b.com", g, i)
				got, err := m.Text(s, []byte(text))
				if err != nil {
					t.Error(err)
					return
				}
				if back := string(s.RestoreText(nil, got.Text)); back != text {
					t.Errorf("restored %q, want %q", back, text)
				}
				v.Sessions()
				if i%10 == 0 {
					v.Forget("c")
				}
			}
		})
	}
	wg.Wait()
}
