// Command pulumi-resource-azuredevops is the azuredevops plugin, for machines that cannot download the published one.
//
// It is the real provider, github.com/microsoft/terraform-provider-azuredevops, behind the real bridge. Only the table
// between the two is this project's, and its tokens are those of the published SDK.
package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"azure-service-connections/toolchain/enginewatch"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	if len(os.Args) > 1 && (os.Args[1] == "-version" || os.Args[1] == "--version") {
		fmt.Println(version)
		return
	}
	ctx := context.Background()
	info := bridge()
	info.P.InitLogging(ctx)
	err := provider.MainContext(untilEngineEnds(ctx), name,
		func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
			return newPlugin(tfbridge.NewProvider(ctx, host, name, version, info.P, info, nil)), nil
		})
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-azuredevops: %v\n", err)
		os.Exit(1)
	}
}

// untilEngineEnds answers a context that ends with the engine, whose address is the last argument. The plugin then ends
// as after an interrupt: calls in flight, whose caller is gone, come to their end first.
func untilEngineEnds(ctx context.Context) context.Context {
	address := os.Args[len(os.Args)-1]
	if _, _, err := net.SplitHostPort(address); err != nil {
		return ctx // nobody started this plugin: an engine attaches to it
	}
	ctx, end := context.WithCancel(ctx)
	go func() {
		if err := enginewatch.AwaitEnd(ctx, address); err == nil {
			end()
		}
	}()
	return ctx
}
