package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// interpreter is the Python that a program, a component package or a policy pack runs with.
type interpreter struct {
	toolchain.Toolchain
}

// interpreterOf chooses the Python by the runtime options of the program's Pulumi.yaml (PulumiPlugin.yaml,
// PulumiPolicy.yaml):
//
//  1. `virtualenv`, a folder that is relative to that file;
//  2. `toolchain: uv` or `toolchain: poetry`, or their lock file beside the program;
//  3. the virtual environment that is active (VIRTUAL_ENV);
//  4. PULUMI_PYTHON_CMD, or python3 on PATH.
//
// info may be nil: `pulumi about` asks without a program.
func interpreterOf(info *pulumirpc.ProgramInfo) (interpreter, error) {
	options, err := optionsOf(info)
	if err != nil {
		return interpreter{}, err
	}
	if err := checkVirtualenv(options); err != nil {
		return interpreter{}, err
	}
	chosen, err := toolchain.ResolveToolchain(options)
	return interpreter{chosen}, err
}

// interpreterToInstall chooses alike, but takes a virtual environment that does not exist: installing makes it.
func interpreterToInstall(info *pulumirpc.ProgramInfo) (interpreter, error) {
	options, err := optionsOf(info)
	if err != nil {
		return interpreter{}, err
	}
	chosen, err := toolchain.ResolveToolchain(options)
	return interpreter{chosen}, err
}

// optionsOf reads the runtime options.
func optionsOf(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	settings := info.GetOptions().AsMap()
	virtualenv, err := text(settings, "virtualenv")
	if err != nil {
		return options, err
	}
	name, err := text(settings, "toolchain")
	if err != nil {
		return options, err
	}
	switch name {
	case "":
		options.Toolchain = toolchain.Auto
	case "pip":
		options.Toolchain = toolchain.Pip
	case "poetry":
		options.Toolchain = toolchain.Poetry
	case "uv":
		options.Toolchain = toolchain.Uv
	default:
		return options, fmt.Errorf("runtime option toolchain is %q; write pip, poetry or uv", name)
	}
	if virtualenv == "" && (options.Toolchain == toolchain.Pip || !locked(options.ProgramDir)) {
		virtualenv = os.Getenv("VIRTUAL_ENV")
	}
	options.Virtualenv = virtualenv
	return options, nil
}

// command is `python arguments…`, with the environment of the chosen Python in its Env.
func (i interpreter) command(ctx context.Context, arguments ...string) (*exec.Cmd, error) {
	command, err := i.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	// This host ends its children itself, with their groups and after a grace; exec would kill only the leader.
	command.Cancel = func() error { return nil }
	return command, nil
}

// text reads a runtime option that must be a string. Default: "".
func text(settings map[string]any, key string) (string, error) {
	value, given := settings[key]
	if !given {
		return "", nil
	}
	if value, ok := value.(string); ok {
		return value, nil
	}
	return "", fmt.Errorf("runtime option %s is not a string", key)
}

// locked tells whether uv or poetry manages the program's dependencies.
func locked(program string) bool {
	for folder := program; ; folder = filepath.Dir(folder) {
		for _, name := range []string{"uv.lock", "poetry.lock"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				return true
			}
		}
		if folder == filepath.Dir(folder) {
			return false
		}
	}
}

// checkVirtualenv refuses a virtual environment that is not there, with the way to make it.
func checkVirtualenv(options toolchain.PythonOptions) error {
	managed := options.Toolchain == toolchain.Uv || options.Toolchain == toolchain.Auto && locked(options.ProgramDir)
	if options.Virtualenv == "" || managed {
		return nil // uv and poetry make their own
	}
	folder := options.Virtualenv
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(options.Root, folder)
	}
	if toolchain.IsVirtualEnv(folder) {
		return nil
	}
	return fmt.Errorf("the virtual environment %s does not exist; make it with 'python3 -m venv %s' and "+
		"'%s -m pip install -r requirements.txt', or correct the runtime option virtualenv (or VIRTUAL_ENV)",
		folder, folder, filepath.Join(folder, "bin", "python"))
}
