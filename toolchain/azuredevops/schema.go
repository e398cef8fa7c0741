package main

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// plugin is the bridged provider, with a schema that is worked out when somebody asks for it.
//
// Programs in Python never ask. YAML programs and `pulumi package get-schema` do, and wait a second for it; the
// alternative is a generated file of a megabyte in the repository.
type plugin struct {
	pulumirpc.ResourceProviderServer
	schema func() (string, error)
}

func newPlugin(bridged pulumirpc.ResourceProviderServer) *plugin {
	return &plugin{bridged, sync.OnceValues(schema)}
}

// GetSchema answers with the package's schema: types and names as published, without the documentation.
func (p *plugin) GetSchema(
	context.Context, *pulumirpc.GetSchemaRequest,
) (*pulumirpc.GetSchemaResponse, error) {
	text, err := p.schema()
	return &pulumirpc.GetSchemaResponse{Schema: text}, err
}

// schema generates the package's schema from the Terraform provider, with nothing but this binary.
func schema() (string, error) {
	silent := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	info := bridge()
	info.MetadataInfo = tfbridge.NewProviderMetadata([]byte("{}"))
	generated, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: info, DiagnosticsSink: silent, XInMemoryDocs: true,
	})
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(generated.PackageSpec)
	return string(text), err
}
