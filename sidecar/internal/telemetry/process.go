package telemetry

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// writeGo writes the Go runtime's figures under the names that Prometheus' own Go client made common. It reads
// runtime/metrics, which does not stop the world.
func writeGo(t *text) {
	figures := []struct{ source, name, typ, help string }{
		{"/sched/goroutines:goroutines", "go_goroutines", gauge, "Goroutines that exist."},
		{"/sched/gomaxprocs:threads", "go_sched_gomaxprocs_threads", gauge, "GOMAXPROCS."},
		{"/memory/classes/heap/objects:bytes", "go_memstats_heap_alloc_bytes", gauge, "Bytes of objects in the heap."},
		{"/memory/classes/heap/stacks:bytes", "go_memstats_stack_inuse_bytes", gauge, "Bytes of goroutines' stacks."},
		{"/memory/classes/heap/released:bytes", "go_memstats_heap_released_bytes", gauge, "Bytes returned to the system."},
		{"/memory/classes/total:bytes", "go_memstats_sys_bytes", gauge, "Bytes obtained from the system."},
		{"/gc/heap/objects:objects", "go_memstats_heap_objects", gauge, "Objects in the heap."},
		{"/gc/heap/goal:bytes", "go_memstats_next_gc_bytes", gauge, "Heap size at which the next collection starts."},
		{"/gc/heap/allocs:bytes", "go_memstats_alloc_bytes_total", counter, "Bytes allocated, freed ones included."},
		{"/gc/heap/allocs:objects", "go_memstats_mallocs_total", counter, "Objects allocated, freed ones included."},
		{"/gc/cycles/total:gc-cycles", "go_gc_cycles_total", counter, "Garbage collections."},
		{"/cpu/classes/gc/total:cpu-seconds", "go_gc_cpu_seconds_total", counter, "CPU time spent in garbage collection."},
		{"/sync/mutex/wait/total:seconds", "go_sync_mutex_wait_seconds_total", counter, "Time that goroutines waited for a mutex."},
	}
	samples := make([]metrics.Sample, len(figures))
	for i := range figures {
		samples[i].Name = figures[i].source
	}
	metrics.Read(samples)
	for i, f := range figures {
		switch v := samples[i].Value; v.Kind() {
		case metrics.KindUint64:
			t.family(f.name, f.typ, f.help)
			t.count("", v.Uint64())
		case metrics.KindFloat64:
			t.family(f.name, f.typ, f.help)
			t.number("", v.Float64())
		}
	}
	t.family("go_info", gauge, "The Go release that built souk.")
	t.integer(label("version", runtime.Version()), 1)
}

// usage is what the system knows of the process; a field below zero is unknown here.
type usage struct {
	cpu               time.Duration
	resident, virtual int64 // bytes
	fds, maxFDs       int64
}

func writeProcess(t *text, started time.Time) {
	if !started.IsZero() {
		t.family("process_start_time_seconds", gauge, "When the process started, in seconds since 1970.")
		t.number("", float64(started.UnixMilli())/1000)
	}
	u := readUsage()
	if u.cpu >= 0 {
		t.family("process_cpu_seconds_total", counter, "CPU time of the process, user and system.")
		t.number("", u.cpu.Seconds())
	}
	for _, f := range []struct {
		name, help string
		value      int64
	}{
		{"process_resident_memory_bytes", "Resident memory.", u.resident},
		{"process_virtual_memory_bytes", "Virtual memory.", u.virtual},
		{"process_open_fds", "Open file descriptors.", u.fds},
		{"process_max_fds", "How many file descriptors may be open.", u.maxFDs},
	} {
		if f.value >= 0 {
			t.family(f.name, gauge, f.help)
			t.integer("", f.value)
		}
	}
}
