// Command pulumi-resource-azuredevops is the azuredevops plugin, for machines that cannot download the published one.
//
// It is the real provider, github.com/microsoft/terraform-provider-azuredevops, behind the real bridge. Only the table
// between the two is this project's, and its tokens are those of the published SDK.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func main() {
	if len(os.Args) > 1 && (os.Args[1] == "-version" || os.Args[1] == "--version") {
		fmt.Println(version)
		return
	}
	flag.CommandLine.SetOutput(os.Stderr)
	ctx := context.Background()
	info := bridge()
	info.P.InitLogging(ctx)
	err := provider.Main(name, func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newPlugin(tfbridge.NewProvider(ctx, host, name, version, info.P, info, nil)), nil
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-azuredevops: %v\n", err)
		os.Exit(1)
	}
}
