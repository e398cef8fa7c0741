"""A local cloud: Microsoft Entra, Azure Resource Manager and Azure DevOps over https on 127.0.0.1.

Real clients use it unmodified. One process holds the state of all services in a `Cloud`; each service is a
folder of routes (addresses and HTTP), models (state and rules) and errors (the real service's words).
"""
