package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// RunPlugin runs a component package or a policy pack until the engine has done with it, and streams what it writes.
func (h *pythonHost) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if request.GetAttachDebugger() {
		return errors.New("this language host attaches no debugger; run without --attach-debugger")
	}
	python, err := interpreterOf(request.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer closer.Close()

	if isPolicyPack(request) {
		err = h.runPolicyPack(server.Context(), python, request, stdout, stderr)
	} else {
		err = h.runComponentPackage(server.Context(), python, request, stdout, stderr)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())},
		})
	}
	if err != nil {
		return err
	}
	return closer.Close()
}

// runComponentPackage runs `python DIR ARGS`, or, for a folder that has a pyproject.toml and no __main__.py, lets the
// SDK host the components that the package exports.
func (h *pythonHost) runComponentPackage(
	ctx context.Context, python interpreter, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer,
) error {
	folder := request.GetInfo().GetProgramDirectory()
	arguments := []string{folder}
	if _, err := os.Stat(filepath.Join(folder, "__main__.py")); errors.Is(err, os.ErrNotExist) {
		project, err := toolchain.LoadPyproject(folder)
		if err != nil || project.Project == nil || project.Project.Name == "" {
			return fmt.Errorf("%s is no component package; give it a __main__.py, or a pyproject.toml with a name", folder)
		}
		arguments = []string{"-m", "pulumi.run.plugin", project.Project.Name}
	}
	command, err := python.command(ctx, append(arguments, request.GetArgs()...)...)
	if err != nil {
		return err
	}
	command.Dir = request.GetPwd()
	command.Env = append(command.Env, request.GetEnv()...)
	command.Stdout, command.Stderr = stdout, stderr
	return h.children.run(ctx, command, command.Wait)
}

// runPolicyPack runs `python -u -m pulumi.policy ARGS DIR` in DIR.
//
// A pack reads the stack's configuration from its environment, but the engine tells it only after the pack has started.
// So a proxy takes the pack's place, is told, starts the pack with it and passes everything else through.
func (h *pythonHost) runPolicyPack(
	ctx context.Context, python interpreter, request *pulumirpc.RunPluginRequest, stdout, stderr io.Writer,
) error {
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return fmt.Errorf("cannot listen for the policy pack: %w", err)
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return fmt.Errorf("the engine did not configure the policy pack: %w", err)
	}
	folder := request.GetInfo().GetProgramDirectory()
	arguments := append([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs()...)
	command, err := python.command(ctx, append(arguments, folder)...)
	if err != nil {
		return err
	}
	settings, err := policyConfiguration(stack)
	if err != nil {
		return err
	}
	command.Dir = folder
	command.Env = append(append(command.Env, request.GetEnv()...), settings...)
	command.Stdout, command.Stderr = stdout, stderr
	return h.children.run(ctx, command, func() error { return proxy.Attach(ctx, command) })
}

// policyConfiguration is what `pulumi.policy` of the Python SDK reads. stack is nil for commands that have no stack,
// such as `pulumi policy publish`.
func policyConfiguration(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	settings := []string{
		"PULUMI_PROJECT=" + stack.GetProject(),
		"PULUMI_STACK=" + stack.GetStack(),
		"PULUMI_DRY_RUN=" + strconv.FormatBool(stack.GetDryRun()),
	}
	if organization := stack.GetOrganization(); organization != "" {
		settings = append(settings, "PULUMI_ORGANIZATION="+organization)
	}
	if stack.GetConfig() == nil {
		return settings, nil
	}
	values, err := json.Marshal(stack.GetConfig())
	if err != nil {
		return nil, err
	}
	return append(settings, "PULUMI_CONFIG="+string(values)), nil
}
