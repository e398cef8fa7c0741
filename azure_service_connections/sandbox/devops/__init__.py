"""Azure DevOps: projects, pipelines, service connections, runs and the tokens that runs are given."""
