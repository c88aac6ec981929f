// Package e2e holds souk to what real clients see: the official OpenAI SDKs for Go and for Node, and the Vercel AI SDK, against
// the built binary on simulated providers, all of them processes of their own on loopback.
//
// It is a module of its own, so that the root's go.mod does not require the SDK and what hangs on it. It knows souk from
// outside only: commands, configuration, HTTP. make e2e runs it; see run.sh for what it needs.
package e2e

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
