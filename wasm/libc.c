// What TinyGo's runtime asks of a C library and Debian's has only at a price: its arc4random brings printf along for an assertion,
// its getenv an allocator. Together they would be a tenth of the filter.

#define wasi(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

wasi("random_get") int random_get(void *to, unsigned size);

unsigned arc4random(void) {
	unsigned value;
	if (random_get(&value, sizeof value) != 0)
		__builtin_trap();
	return value;
}

// The filter reads the environment itself: see tinygo/wasi.go.
char *getenv(const char *name) { return 0; }
