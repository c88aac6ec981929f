// Package proc reads what processes use from Linux's /proc, and binds processes to cores.
package proc
