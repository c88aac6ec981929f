package proxytest

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests and fails when a goroutine is left. It lets more tests than processors run at a time, since
// most of them wait for a timer.
func Main(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	// fasthttp's workers look every 10 s whether their server has been shut down.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}
