"""What the checks of its connections mean for a run: it passes, it waits, or it fails.

Branches and templates are looked at when a run starts. Approvals, business hours and exclusive locks hold it:
whoever looks at the run learns where it stands at that moment.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import approvals, check_types, checks, time_zones
from azure_service_connections.sandbox.devops.pipeline_templates import Template, template_at
from azure_service_connections.sandbox.store import Document

_MINUTE: Final = 60
_GIT: Final = ("git", "azuregit")


def begin(
    cloud: Cloud, organization: Document, project: Document, run: Document, template: Template | None
) -> None:
    """Find the checks of a run that starts, refuse it by what cannot change, and ask its approvers."""
    held = [
        check
        for endpoint in run["endpoints"]
        for check in checks.on_connection(cloud, project["id"], endpoint)
    ]
    run |= {
        "checks": [check["id"] for check in held],
        "startedAt": cloud.clock.timestamp(),
        "passed": False,
        "waits": [],
    }
    for check in held:
        kind = check_types.kind_of(check)
        reason = None
        if kind == check_types.BRANCH_CONTROL:
            reason = _branch(project, run["branch"], check["settings"]["inputs"])
        elif kind == check_types.REQUIRED_TEMPLATE:
            reason = _template(project, template, check["settings"]["extendsChecks"])
        if reason is not None:
            end(cloud, run, "failed", f"{reason} (check of the service connection {_name(check)})")
            return
    for check in held:
        if check_types.kind_of(check) == check_types.APPROVAL:
            approvals.ask(cloud, run, check)
    settle(cloud, organization, run)


def settle(cloud: Cloud, organization: Document, run: Document) -> None:
    """Bring a run up to date: what it waits for now, or that it passed, failed or made room."""
    if run["state"] != "inProgress" or run.get("passed", True):
        return
    held = [check for number in run["checks"] if (check := checks.find(cloud, run["organization"], number))]
    waits: list[str] = []
    for check, reason in _unanswered(cloud, organization, run, held):
        if reason is None:
            end(cloud, run, "failed", f"The approval of the service connection {_name(check)} was rejected.")
            return
        if cloud.clock.timestamp() >= run["startedAt"] + check["timeout"] * _MINUTE:
            end(cloud, run, "failed", f"It waited {check['timeout']} minutes in vain: {reason}.")
            return
        waits.append(reason)
    locked = [
        check["resource"]["id"] for check in held if check_types.kind_of(check) == check_types.EXCLUSIVE_LOCK
    ]
    run["atLock"] = locked if not waits else []
    if not waits:
        for endpoint in locked:
            holder, older, newer = _contenders(cloud, run, endpoint)
            name = next(_name(check) for check in held if check["resource"]["id"] == endpoint)
            if newer and run["lockBehavior"] == "runLatest":
                end(cloud, run, "canceled", f"Run {newer} came for the exclusive lock of {name} after it.")
                return
            before = holder or (older if run["lockBehavior"] == "sequential" else None)
            if before:
                waits.append(f"run {before} has the exclusive lock of the service connection {name}")
    run["waits"] = waits
    run["passed"] = not waits
    _save(cloud, run)


def end(cloud: Cloud, run: Document, result: str, reason: str | None = None) -> None:
    """End a run; nobody is asked about it any more."""
    approvals.withdraw(cloud, run)
    run |= {
        "state": "completed",
        "result": result,
        "finishedDate": cloud.clock.text(),
        "waits": [],
        "reason": reason,
    }
    _save(cloud, run)


def _unanswered(
    cloud: Cloud, organization: Document, run: Document, held: list[Document]
) -> Iterator[tuple[Document, str | None]]:
    """The checks that do not let a run pass, each with what it waits for; None for a rejection."""
    asked = {approval["checkId"]: approval for approval in approvals.of_run(cloud, run)}
    for check in held:
        kind = check_types.kind_of(check)
        if kind == check_types.APPROVAL and (approval := asked.get(check["id"])) is not None:
            if approval["status"] == "rejected":
                yield check, None
            elif approval["status"] == approvals.PENDING:
                names = ", ".join(approvals.asked(cloud, organization, approval))
                yield check, f"{names} must approve its use of the service connection {_name(check)}"
        elif kind == check_types.BUSINESS_HOURS:
            reason = _outside_hours(cloud, check)
            if reason is not None:
                yield check, reason


def _branch(project: Document, branch: str, inputs: dict[str, Any]) -> str | None:
    allowed = [pattern.strip() for pattern in inputs["allowedBranches"].split(",") if pattern.strip()]
    if not any(fnmatchcase(branch, pattern) for pattern in allowed):
        return f"The branch {branch} is none of the allowed branches: {', '.join(allowed) or 'none'}"
    if inputs["ensureProtectionOfBranch"] == "true" and branch not in project.get("protectedBranches", []):
        return f"The branch {branch} is not protected by any branch policy"
    return None


def _template(project: Document, extended: Template | None, required: list[dict[str, str]]) -> str | None:
    wanted = [
        template_at(
            "git" if each["repositoryType"].lower() in _GIT else each["repositoryType"],
            project["name"],
            each["repositoryName"],
            each["repositoryRef"],
            each["templatePath"],
        )
        for each in required
    ]
    if extended is not None and extended.key() in [each.key() for each in wanted]:
        return None
    names = ", ".join(f"{each.path} of {each.repository}@{each.ref}" for each in wanted)
    return f"The pipeline does not extend the required template: {names}"


def _outside_hours(cloud: Cloud, check: Document) -> str | None:
    inputs = check["settings"]["inputs"]
    now = time_zones.local(cloud.clock.now(), inputs["timeZone"])
    today, time = check_types.DAYS[now.weekday()], now.strftime("%H:%M")
    days = check_types.days_of(inputs)
    if today in days and inputs["startTime"] <= time < inputs["endTime"]:
        return None
    return (
        f"the service connection {_name(check)} may be used on {', '.join(days)} from "
        f"{inputs['startTime']} to {inputs['endTime']} ({inputs['timeZone']}), and it is {today} {time}"
    )


def _contenders(cloud: Cloud, run: Document, endpoint: str) -> tuple[int | None, int | None, int | None]:
    """The run that has the lock, the oldest that came for it before this run, and one that came after."""
    others = [
        each
        for each in cloud.store.find("runs", organization=run["organization"], state="inProgress")
        if each["id"] != run["id"] and endpoint in each.get("atLock", [])
    ]
    holder = next((each["id"] for each in others if each["passed"]), None)
    waiting = sorted(each["id"] for each in others if not each["passed"])
    older = next((number for number in waiting if number < run["id"]), None)
    newer = next((number for number in reversed(waiting) if number > run["id"]), None)
    return holder, older, newer


def _name(check: Document) -> str:
    return str(check["resource"]["name"])


def _save(cloud: Cloud, run: Document) -> None:
    cloud.store.put("runs", f"{run['organization']}/{run['id']}", run)
