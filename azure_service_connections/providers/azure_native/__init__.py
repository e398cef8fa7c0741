"""The stand-in for `pulumi-resource-azure-native`: Azure Resource Manager, kind by kind described."""
