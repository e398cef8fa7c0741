package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// alreadyShown is the exit code by which the executor says that the user has seen the error (its own source,
// sdk/v3 python/cmd/pulumi-language-python-exec).
const alreadyShown = 32

// Run runs a program to its end. An error in the answer is the program's; a gRPC error is this host's.
func (h *pythonHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if request.GetAttachDebugger() {
		return &pulumirpc.RunResponse{Error: "this language host attaches no debugger; run without --attach-debugger"}, nil
	}
	python, err := interpreterOf(request.GetInfo())
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	command, err := python.command(ctx, append([]string{h.executor}, h.programArguments(request)...)...)
	if err != nil {
		return nil, err
	}
	settings, err := programConfiguration(request)
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Env, settings...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr

	err = h.children.run(ctx, command, command.Wait)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case h.process.Err() != nil:
		return &pulumirpc.RunResponse{Bail: true}, nil // interrupted, which the engine says itself
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("cannot run %s: %v", command.Path, err)}, nil
	case exit.ExitCode() == alreadyShown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case exit.ExitCode() < 0:
		return &pulumirpc.RunResponse{Error: "the program was ended by " + exit.String()}, nil
	default:
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode()),
		}, nil
	}
}

// programArguments is the command line that the executor reads.
func (h *pythonHost) programArguments(request *pulumirpc.RunRequest) []string {
	var arguments []string
	for _, option := range [][2]string{
		{"monitor", request.GetMonitorAddress()},
		{"engine", h.engineAddress()},
		{"project", request.GetProject()},
		{"root_directory", request.GetInfo().GetRootDirectory()},
		{"stack", request.GetStack()},
		{"pwd", request.GetPwd()},
		{"dry_run", strconv.FormatBool(request.GetDryRun())},
		{"parallel", strconv.Itoa(int(request.GetParallel()))},
		{"tracing", h.tracing},
		{"organization", request.GetOrganization()},
	} {
		if option[1] != "" {
			arguments = append(arguments, "--"+option[0], option[1])
		}
	}
	entry := request.GetInfo().GetEntryPoint()
	if entry == "" {
		entry = "."
	}
	return append(append(arguments, entry), request.GetArgs()...)
}

// programConfiguration is how the Python SDK is told the stack's configuration, and which of it is secret.
func programConfiguration(request *pulumirpc.RunRequest) ([]string, error) {
	secret := request.GetConfigSecretKeys()
	if secret == nil {
		secret = []string{}
	}
	keys, err := json.Marshal(secret)
	if err != nil {
		return nil, err
	}
	settings := []string{"PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}
	if request.GetConfig() == nil {
		return settings, nil
	}
	values, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, err
	}
	return append(settings, "PULUMI_CONFIG="+string(values)), nil
}

// isPolicyPack tells a policy pack from a component package.
func isPolicyPack(request *pulumirpc.RunPluginRequest) bool {
	return request.GetKind() == string(apitype.AnalyzerPlugin)
}
