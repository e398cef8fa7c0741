"""Azure DevOps service connections to Azure as one declarative unit."""
