package main

import (
	"context"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// grace is how long a child may take to end by itself after SIGTERM, before SIGKILL.
const grace = time.Second

// children are the Python processes that this host started: programs, component packages, policy packs.
//
// Each is the leader of a process group of its own. The engine interrupts this host's whole group to end it, and an
// interrupted Python program spills a KeyboardInterrupt traceback over the user's terminal; in a group of its own it is
// ended by SIGTERM instead, together with everything that it started.
type children struct {
	ended context.Context // done when no further child may start
	lock  sync.Mutex
	alive map[int]chan struct{} // process id, which is the group's id too, to a channel that closes at its end
}

func newChildren(ended context.Context) *children {
	return &children{ended: ended, alive: map[int]chan struct{}{}}
}

// run starts the command and returns what wait, which must call the command's Wait, returns. When ctx ends first, the
// command's group is ended.
func (c *children) run(ctx context.Context, command *exec.Cmd, wait func() error) error {
	result := make(chan error, 1)
	go func() {
		// Linux delivers the parent-death signal when the *thread* that started the child ends, so this thread
		// must outlive the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		over, err := c.start(command)
		if err != nil {
			result <- err
			return
		}
		go func() {
			select {
			case <-ctx.Done():
				endGroup(command.Process.Pid, over)
			case <-over:
			}
		}()
		err = wait()
		c.forget(command.Process.Pid, over)
		result <- err
	}()
	return <-result
}

// start starts the command, unless the host is ending.
func (c *children) start(command *exec.Cmd) (chan struct{}, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if err := c.ended.Err(); err != nil {
		return nil, err
	}
	command.SysProcAttr = groupOfItsOwn()
	if err := command.Start(); err != nil {
		return nil, err
	}
	over := make(chan struct{})
	c.alive[command.Process.Pid] = over
	return over, nil
}

// forget takes a child that has ended off the list, and ends what it started and left behind.
func (c *children) forget(identity int, over chan struct{}) {
	_ = syscall.Kill(-identity, syscall.SIGKILL)
	c.lock.Lock()
	defer c.lock.Unlock()
	delete(c.alive, identity)
	close(over)
}

// endAll ends every child, and returns when all are gone.
func (c *children) endAll() {
	c.lock.Lock()
	var all sync.WaitGroup
	for identity, over := range c.alive {
		all.Go(func() { endGroup(identity, over) })
	}
	c.lock.Unlock()
	all.Wait()
}

// endGroup asks a process group to end, and after the grace makes it.
func endGroup(group int, over <-chan struct{}) {
	_ = syscall.Kill(-group, syscall.SIGTERM)
	select {
	case <-over:
	case <-time.After(grace):
		_ = syscall.Kill(-group, syscall.SIGKILL)
		<-over
	}
}
