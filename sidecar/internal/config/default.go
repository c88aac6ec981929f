package config

// The addresses that hold where nothing else is said.
const (
	DefaultListen = "127.0.0.1:8420"
	DefaultAdmin  = "127.0.0.1:8421"
)

// Default is a configuration without providers, for one that is put together in a program.
func Default() *Config { return defaults() }
