"""Which runs used a service connection: those whose steps name it, and those whose job got a token for it.

What was used is noted when it is used, so that the history outlives pipelines, permissions and names.
"""

from datetime import timedelta
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

_COLLECTION: Final = "executions"
_PAST_SECONDS: Final = 240


def note(cloud: Cloud, run: Document, endpoint_id: str) -> None:
    """Note that a run uses a connection; once is enough."""
    held = cloud.store.get(_COLLECTION, endpoint_id) or {"runs": []}
    key = f"{run['organization']}/{run['id']}"
    if key not in held["runs"]:
        held["runs"].append(key)
        cloud.store.put(_COLLECTION, endpoint_id, held)


def records(cloud: Cloud, organization: Document, endpoint_id: str) -> list[dict[str, Any]]:
    """The runs that have ended and used a connection, the newest first, as the service shows them."""
    held = cloud.store.get(_COLLECTION, endpoint_id) or {"runs": []}
    runs = [run for key in held["runs"] if (run := cloud.store.get("runs", key)) is not None]
    ended = [run for run in runs if run["state"] == "completed"]
    ended.sort(key=lambda run: (run["createdDate"], run["id"]), reverse=True)
    return [_record(cloud, organization, run, endpoint_id) for run in ended]


def add_past_run(
    cloud: Cloud, organization: Document, pipeline: Document, endpoint_id: str, days_ago: float
) -> None:
    """Keep a run of some minutes that ended well so many days ago and used a connection."""
    finished = cloud.clock.now() - timedelta(days=days_ago)
    started = finished - timedelta(seconds=_PAST_SECONDS)
    name = organization["name"].lower()
    number = cloud.identifiers.number(f"run/{name}")
    day = finished.strftime("%Y%m%d")
    run: Document = {
        "id": number,
        "name": f"{day}.{cloud.identifiers.number(f'past-run/{name}/{day}')}",
        "organization": name,
        "projectId": pipeline["projectId"],
        "pipelineId": pipeline["id"],
        "pipelineName": pipeline["name"],
        "planId": cloud.identifiers.derived("plan", name, str(number)),
        "jobId": cloud.identifiers.derived("job", name, str(number)),
        "state": "completed",
        "result": "succeeded",
        "createdDate": _text(started),
        "finishedDate": _text(finished),
        "templateParameters": {},
        "endpoints": [endpoint_id],
        "branch": "refs/heads/main",
        "requestedBy": "",
        "lockBehavior": "runLatest",
        "pool": "Azure Pipelines",
        "checks": [],
        "startedAt": int(started.timestamp()),
        "passed": True,
        "waits": [],
        "reason": None,
    }
    cloud.store.put("runs", f"{name}/{number}", run)
    note(cloud, run, endpoint_id)


def _text(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.%f")) + "0Z"


def _record(cloud: Cloud, organization: Document, run: Document, endpoint_id: str) -> dict[str, Any]:
    base = f"{cloud.url}/{organization['name']}/{run['projectId']}"
    return {
        "endpointId": endpoint_id,
        "data": {
            "id": run["id"],
            "planType": "Build",
            "definition": {
                "id": run["pipelineId"],
                "name": run.get("pipelineName", str(run["pipelineId"])),
                "_links": {"web": {"href": f"{base}/_build/definition?definitionId={run['pipelineId']}"}},
            },
            "owner": {
                "id": run["id"],
                "name": run["name"],
                "_links": {"web": {"href": f"{base}/_build/results?buildId={run['id']}"}},
            },
            "startTime": run["createdDate"],
            "finishTime": run["finishedDate"],
            "result": run["result"],
            "ownerDetails": None,
        },
    }
