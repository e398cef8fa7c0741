"""Hosts the components as a package for programs in YAML, TypeScript, Go, C# and Java.

The engine runs this folder as a script. `PulumiPlugin.yaml` beside it says in which language.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The folder itself comes first on the path when it runs as a script; its modules belong to a package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from components.package import host

    host(sys.argv[1:])
