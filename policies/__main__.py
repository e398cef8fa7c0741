"""Starts the policy pack. The engine runs this folder, with the Python that `PulumiPolicy.yaml` names."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The modules belong to a package, and the facts of the services to the one beside it.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from policies.pack import start

    start()
