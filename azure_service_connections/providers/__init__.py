"""Stand-in resource plugins for the local cloud: `azuread` and `azure_native`.

They answer the engine over gRPC as the published plugins do and send the services the same REST calls, in the
same order. What differs is how long they wait between two looks at the same object (see `pauses`).
"""
