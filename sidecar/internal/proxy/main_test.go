package proxy

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets more tests than processors run at a time, since most of them wait for a timer.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
