// Command pulumi-language-python is the engine's language host for Python programs, component packages and
// policy packs.
//
// The published host is not part of any Go module that a module proxy serves, so a machine that has only package
// registries cannot get it. This one answers the same protocol, pulumirpc.LanguageRuntime, and starts the same
// pulumi-language-python-exec, which is part of the served module github.com/pulumi/pulumi/sdk/v3.
//
// It is written in Go, not in Python, because its binary lies in a cache that all checkouts share: a Python host would
// need an interpreter with grpcio and the Pulumi protocol installed, and would break when the virtual environment that
// lent it to the cache is removed.
//
// What it leaves out: generating programs and SDKs in Python (GenerateProgram, GeneratePackage, Pack, Link) and
// attaching a debugger. Those answer Unimplemented, which the engine reports by name.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	tracing := flag.String("tracing", "", "endpoint that the program sends its traces to")
	flag.Parse()
	logging.InitLogging(false, 0, false)
	if err := serve(flag.Arg(0), *tracing); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-python: %v\n", err)
		os.Exit(1)
	}
}

// serve answers the engine until a signal, a Cancel or the engine's own end, and leaves no child behind.
//
// engineAddress may be empty when the engine attaches to a running host; it then arrives with the handshake.
func serve(engineAddress, tracing string) error {
	executor, err := executorBesideThisBinary()
	if err != nil {
		return err
	}
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer end()

	children := newChildren(ctx)
	host := &pythonHost{executor: executor, tracing: tracing, children: children, end: end, process: ctx}
	if engineAddress != "" {
		host.followEngine(engineAddress)
	}

	stop := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
		Options: rpcutil.OpenTracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return fmt.Errorf("cannot listen on 127.0.0.1: %w", err)
	}
	fmt.Printf("%d\n", handle.Port) // the engine reads the port from the first line

	<-ctx.Done()
	// A graceful stop waits for calls in flight, and Run lasts as long as the program does. So the children go first.
	children.endAll()
	close(stop)
	select {
	case err := <-handle.Done:
		return err
	case <-time.After(grace): // an answer that nobody reads
		return nil
	}
}

// executorBesideThisBinary finds the script that runs a program under the Python SDK.
func executorBesideThisBinary() (string, error) {
	binary, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot tell where this binary lies: %w", err)
	}
	executor := filepath.Join(filepath.Dir(binary), "pulumi-language-python-exec")
	if _, err := os.Stat(executor); err != nil {
		return "", fmt.Errorf("%s is missing; run 'python3 toolchain/engine.py' to install the engine again", executor)
	}
	return executor, nil
}
