"""Azure Resource Manager of the local cloud: scopes, roles and the resources that connections point at."""
