//go:build !amd64

package jsonscan

// skipBlocks passes over nothing: the search that follows it does the work.
func skipBlocks([]byte) int { return 0 }
