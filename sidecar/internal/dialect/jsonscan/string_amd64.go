package jsonscan

// skipBlocks returns how many bytes at the front of text hold neither the end of the string nor two backslashes in a row. text
// begins in a string, and not behind a backslash.
//
//go:noescape
func skipBlocks(text []byte) int
