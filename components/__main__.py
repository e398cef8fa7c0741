"""Hosts the components as a package for programs in YAML, TypeScript, Go, C# and Java.

The engine runs this folder as a script. `PulumiPlugin.yaml` beside it says in which language. What pip
installed runs as `python -m azure_service_connections.components`, too.
"""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    if not __package__:
        # The folder comes first on the path when it runs as a script; its modules belong to a package.
        sys.path[0] = str(Path(__file__).resolve().parent.parent)
    import_module(".package", __package__ or "components").host(sys.argv[1:])
