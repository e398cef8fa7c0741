"""Writes an estate file with hundreds of service connections of every kind, for a run at size.

`python -m benchmarks.mixed_estate --connections 300 --organizations 3 > estate.yaml`; the same numbers and
the same seed give the same file. What it says in days is counted from the planting, so it does not grow old.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mixed_content import MixedEstate
from benchmarks.mixed_kinds import counts
from benchmarks.mixed_names import MOST_CONNECTIONS, ORGANIZATIONS

SEED = 11


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def mixed_estate(connections: int = 300, organizations: int = 3, seed: int = SEED) -> dict[str, Any]:
    """The content of an estate file with so many connections in so many organizations."""
    return MixedEstate(connections, organizations, seed).content()


def estate_file(connections: int = 300, organizations: int = 3, seed: int = SEED) -> str:
    """The text of the estate file; at its head the count of each kind."""
    content = mixed_estate(connections, organizations, seed)
    head = [f"# {connections} service connections in {organizations} organizations, seed {seed}:"]
    head += [f"#   {count:4} {name}" for name, count in counts(connections).items() if count]
    body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return "\n".join(head) + "\n" + body


def main() -> None:
    """Write the estate that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.mixed_estate", description=__doc__)
    parser.add_argument("--connections", type=int, default=300, help="service connections (default: 300)")
    parser.add_argument("--organizations", type=int, default=3, help="organizations (default: 3)")
    parser.add_argument(
        "--seed", type=int, default=SEED, help=f"another seed, another estate (default: {SEED})"
    )
    parser.add_argument("--output", type=Path, help="where to write it (default: standard output)")
    arguments = parser.parse_args()
    if not 1 <= arguments.organizations <= len(ORGANIZATIONS):
        sys.exit(f"error: --organizations is {arguments.organizations}; write 1 to {len(ORGANIZATIONS)}")
    if not 2 * arguments.organizations <= arguments.connections <= MOST_CONNECTIONS:
        least = 2 * arguments.organizations
        sys.exit(f"error: --connections is {arguments.connections}; write {least} to {MOST_CONNECTIONS}")
    text = estate_file(arguments.connections, arguments.organizations, arguments.seed)
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        arguments.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
