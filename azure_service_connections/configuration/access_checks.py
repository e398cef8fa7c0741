"""What the keys about who may use a connection mean together, read as they were written."""

from collections.abc import Iterator, Mapping
from typing import Any

from azure_service_connections.catalogue import access_rules, wording
from azure_service_connections.configuration.mistakes import Mistake, path_to


def within(key: str, connection: Mapping[str, Any]) -> Iterator[Mistake]:
    """The mistakes in the checks of one connection that no key shows by itself."""
    checks = connection.get("checks")
    if not isinstance(checks, Mapping):
        return
    place = (key, "checks")
    if checks.get("branches") == []:
        yield Mistake(path_to(*place, "branches"), access_rules.NO_BRANCH)
    if "allowUnprotectedBranches" in checks and "branches" not in checks:
        yield Mistake(path_to(*place, "allowUnprotectedBranches"), wording.only_beside("branches"))
    if isinstance(approvals := checks.get("approvals"), Mapping):
        for name, approval in approvals.items():
            if isinstance(approval, Mapping):
                yield from _approval(approval, *place, "approvals", str(name))
    if isinstance(hours := checks.get("businessHours"), Mapping):
        yield from _hours(hours, *place, "businessHours")


def _approval(approval: Mapping[str, Any], *place: str) -> Iterator[Mistake]:
    approvers, needed = approval.get("approvers"), approval.get("minimumApprovers")
    if not isinstance(approvers, list):
        return
    if not approvers:
        yield Mistake(path_to(*place, "approvers"), access_rules.NO_APPROVER)
    elif isinstance(needed, int) and (problem := access_rules.too_many_needed(needed, len(approvers))):
        yield Mistake(path_to(*place, "minimumApprovers"), problem)


def _hours(hours: Mapping[str, Any], *place: str) -> Iterator[Mistake]:
    if hours.get("days") == []:
        yield Mistake(path_to(*place, "days"), access_rules.NO_DAY)
    start, end = hours.get("start"), hours.get("end")
    times = [each for each in (start, end) if isinstance(each, str) and not access_rules.time_of_day(each)]
    if len(times) > 1 and (problem := access_rules.ends_before_it_starts(times[0], times[1])):
        yield Mistake(path_to(*place, "end"), problem)
