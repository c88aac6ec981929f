package e2etest

import "syscall"

// childAttr makes children end with the test, also when that is killed or times out and no clean-up runs.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
