// Package sockio reads and writes sockets without telling Go's scheduler of the system call.
//
// The sockets of package net do not block, so that such a call returns at once and nobody else needs its processor meanwhile. Telling the
// scheduler costs little by itself, but it wakes the runtime's monitor (sysmon), which then looks after the call every 20 us: where many
// small events keep a core half busy, that is a tenth of the work. It does this on Linux; elsewhere connections stay as they are.
package sockio
