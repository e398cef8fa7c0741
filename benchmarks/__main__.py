"""`make bench`: prints one JSON object a row on stdout and what it is doing on stderr."""

import argparse
import json
import sys
from collections.abc import Mapping

from benchmarks.bulk_conversion import REQUESTS_PER_SECOND, measure_loop, measure_plan_and_apply
from benchmarks.measurement import Measurement, MeasurementError
from benchmarks.preview_review import measure_review
from benchmarks.pulumi_program import measure_up
from benchmarks.terraform_configuration import measure_apply, terraform_is_missing

TERRAFORM_PARALLELISM = 10
"""Terraform's own default."""


def main() -> None:
    """Measure the rows that are asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--connections", type=int, default=20, help="connections in each row (default: 20)")
    parser.add_argument(
        "--latency", type=float, default=0.02, help="seconds that each answer waits (default: 0.02)"
    )
    parser.add_argument("--rows", nargs="+", choices=sorted(_ROWS), default=sorted(_ROWS))
    arguments = parser.parse_args()
    for row in arguments.rows:
        try:
            _ROWS[row](arguments.connections, arguments.latency)
        except MeasurementError as error:
            sys.exit(f"error: the row {row} could not be measured: {error}")


def _components(connections: int, latency: float) -> None:
    say("components: the flat program")
    flat = measure_up("flat", connections, latency)
    say("components: the components")
    component = measure_up("component", connections, latency)
    show("components against a flat program", connections, latency, {"component": component, "flat": flat})


def _terraform(connections: int, latency: float) -> None:
    reason = terraform_is_missing()
    if reason:
        say(f"terraform: skipped, {reason}")
        return
    say("terraform: terraform apply")
    terraform = measure_apply(connections, latency, TERRAFORM_PARALLELISM)
    say("terraform: pulumi up")
    pulumi = measure_up("endpoints", connections, latency)
    show(
        "pulumi up against terraform apply, endpoints and permissions",
        connections,
        latency,
        {"pulumi": pulumi, "terraform": terraform},
    )


def show(
    name: str,
    connections: int,
    latency: float,
    pair: dict[str, Measurement],
    more: Mapping[str, object] | None = None,
) -> None:
    """Print one row: both sides, and the first side as a ratio of the second."""
    (first, one), (second, other) = pair.items()
    row = {
        "row": name,
        "connections": connections,
        "latencySeconds": latency,
        **(more or {}),
        first: one.row(),
        second: other.row(),
        "ratio": {
            "seconds": round(one.seconds / other.seconds, 2),
            "restCalls": round(one.requests / other.requests, 2),
            "peakMemory": round(one.peak_memory_mib / other.peak_memory_mib, 2),
        },
    }
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell on stderr what is being measured."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _review(connections: int, latency: float) -> None:
    say("review: a preview of 200 resources and one of 2000")
    for resources in (200, 2000):
        sys.stdout.write(json.dumps({"row": "review of a preview", **measure_review(resources)}) + "\n")
    sys.stdout.flush()


def _conversion(connections: int, latency: float) -> None:
    say("conversion: one after another")
    loop, by_loop = measure_loop(connections, latency)
    say("conversion: plan and apply")
    plan, apply, by_apply = measure_plan_and_apply(connections, latency)
    show(
        f"apply ({by_apply} converted and proven) against one after another ({by_loop} converted)",
        connections,
        latency,
        {"apply": apply, "loop": loop},
        {"plan": plan.row(), "devopsRequestsPerSecond": REQUESTS_PER_SECOND},
    )


_ROWS = {
    "components": _components,
    "conversion": _conversion,
    "review": _review,
    "terraform": _terraform,
}


if __name__ == "__main__":
    main()
