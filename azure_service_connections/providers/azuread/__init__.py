"""The stand-in for `pulumi-resource-azuread`: Microsoft Graph's applications and service principals."""
