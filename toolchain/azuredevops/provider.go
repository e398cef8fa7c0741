package main

import (
	"github.com/microsoft/terraform-provider-azuredevops/azuredevops"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

const (
	// name is the package's name in tokens and in the plugin's file name.
	name = "azuredevops"
	// version is the Python SDK's: the engine accepts only the plugin version that a resource asks for, or a newer one.
	version = "3.16.2"
	// longestName and nameSeparator are the published plugin's rules for a resource that its program gives no name.
	longestName   = 255
	nameSeparator = "-"
)

// bridge describes how Pulumi sees the Terraform provider: as the published plugin does.
func bridge() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:           shim.NewProvider(azuredevops.Provider()),
		Name:        name,
		Version:     version,
		Description: "Azure DevOps, as the published azuredevops package describes it.",
		Repository:  "https://github.com/pulumi/pulumi-azuredevops",
		GitHubOrg:   "microsoft",
		Config: map[string]*tfbridge.SchemaInfo{
			"org_service_url": {Default: &tfbridge.DefaultInfo{EnvVars: []string{"AZDO_ORG_SERVICE_URL"}}},
		},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for terraform, token := range resourceTokens {
		info.Resources[terraform] = &tfbridge.ResourceInfo{Tok: token}
	}
	for terraform, token := range dataSourceTokens {
		info.DataSources[terraform] = &tfbridge.DataSourceInfo{Tok: token}
	}
	info.SetAutonaming(longestName, nameSeparator)
	return info
}
