package main

import (
	"context"
	"sync"

	"azure-service-connections/toolchain/enginewatch"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// pythonHost answers the engine's questions about Python programs and runs them.
type pythonHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executor string          // the script that runs a program under the Python SDK
	tracing  string          // endpoint that the program sends its traces to, or ""
	children *children       // what this host started
	end      func()          // ends this host
	process  context.Context // done when this host ends

	lock   sync.Mutex
	engine string // address of the engine
}

// followEngine remembers the engine's address, and ends this host when that engine is gone.
func (h *pythonHost) followEngine(address string) {
	h.lock.Lock()
	known := h.engine == address
	h.engine = address
	h.lock.Unlock()
	if known {
		return
	}
	go func() {
		// An address that cannot be dialled is not the end of the engine; the program will say what is wrong.
		if err := enginewatch.AwaitEnd(h.process, address); err == nil {
			h.end()
		}
	}()
}

func (h *pythonHost) engineAddress() string {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.engine
}

// Handshake is called first, and names the engine when it attaches to a running host.
func (h *pythonHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if address := request.GetEngineAddress(); address != "" {
		h.followEngine(address)
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *pythonHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// GetRequiredPackages names no package: each resource that the program registers carries its provider's version, and
// the engine gets a missing plugin when it first needs it. Naming every Pulumi package of the virtual environment, as
// the published host does, makes the engine download plugins that the program never uses, or fail to.
func (h *pythonHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// GetRequiredPlugins is what engines before GetRequiredPackages ask.
func (h *pythonHost) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

func (h *pythonHost) About(
	ctx context.Context, request *pulumirpc.AboutRequest,
) (*pulumirpc.AboutResponse, error) {
	python, err := interpreterOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	about, err := python.About(ctx)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: about.PythonExecutable,
		Version:    about.PythonVersion.String(),
	}, nil
}

func (h *pythonHost) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	python, err := interpreterOf(request.GetInfo())
	if err != nil {
		return nil, err
	}
	installed, err := python.ListPackages(ctx, request.GetTransitiveDependencies())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, one := range installed {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: one.Name, Version: one.Version})
	}
	return response, nil
}

// InstallDependencies installs what the program's requirements ask for, as `pulumi install` promises.
//
// The engine also calls it each time a command names a component package or a policy pack by its folder. Then a virtual
// environment that exists is left alone: the published host would upgrade its pip and install into it on every
// `pulumi package get-schema`.
func (h *pythonHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	if request.GetIsPlugin() {
		if _, err := interpreterOf(request.GetInfo()); err == nil {
			return nil
		}
	}
	python, err := interpreterToInstall(request.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, request.GetIsTerminal())
	if err != nil {
		return err
	}
	defer closer.Close()
	if err := python.InstallDependencies(server.Context(), request.GetInfo().GetProgramDirectory(),
		request.GetUseLanguageVersionTools(), true, stdout, stderr); err != nil {
		return err
	}
	return closer.Close()
}

// Cancel is the engine's word that nothing more is wanted.
func (h *pythonHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.end()
	return &emptypb.Empty{}, nil
}
