package main

import "syscall"

// groupOfItsOwn makes a child the leader of a new process group. There is no parent-death signal here: a program whose
// host was killed ends when its next call to the engine fails.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
