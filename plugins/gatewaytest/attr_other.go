//go:build !linux

package gatewaytest

import "syscall"

func childAttr() *syscall.SysProcAttr { return nil }
