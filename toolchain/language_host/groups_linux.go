package main

import "syscall"

// groupOfItsOwn makes a child the leader of a new process group. It ends even when this host is killed.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
