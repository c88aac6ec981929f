package filter

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

func TestRandomBytesReadAheadAreGivenOnce(t *testing.T) {
	source := make([]byte, 3000)
	for i := range source {
		source[i] = byte(i) ^ byte(i>>8)*31
	}
	a := &ahead{from: iotest.OneByteReader(bytes.NewReader(source))}
	at := 0
	for i := range 100 {
		got := make([]byte, 16)
		if _, err := io.ReadFull(a, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, source[at:at+16]) {
			t.Fatalf("the nonce %d is %x, want %x", i, got, source[at:at+16])
		}
		at += 16
	}
	if got := make([]byte, 200); a.left >= len(got) {
		t.Fatalf("%d bytes are left; the next case needs fewer", a.left)
	} else if _, err := io.ReadFull(a, got); err != nil || bytes.Equal(got[:16], source[at-16:at]) {
		t.Errorf("bytes given before are given again, or %v", err)
	}
}

func TestASourceWithoutRandomBytesGivesNone(t *testing.T) {
	none := errors.New("none")
	a := &ahead{from: iotest.ErrReader(none)}
	for range 2 {
		if n, err := a.Read(make([]byte, 16)); n != 0 || !errors.Is(err, none) {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
}
