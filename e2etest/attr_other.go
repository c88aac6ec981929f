//go:build !linux

package e2etest

import "syscall"

func childAttr() *syscall.SysProcAttr { return nil }
