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
	if f := flag.Lookup("test.fuzz"); f == nil || f.Value.String() == "" {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	// fasthttp looks every 10 s whether a server has been shut down, and keeps one goroutine for the date of all of them.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
