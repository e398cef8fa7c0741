"""Addresses of approvals: what people say to a run that a check of a connection holds."""

from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import identities
from azure_service_connections.sandbox.devops.access import Caller, caller_of, people_only
from azure_service_connections.sandbox.devops.body import json_of
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named, project_of
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

PENDING: Final = "pending"
_ANSWERS: Final = ("approved", "rejected")


def ask(cloud: Cloud, run: Document, check: Document) -> None:
    """Ask a check's approvers about a run."""
    settings = check["settings"]
    identifier = cloud.identifiers.derived("approval", run["organization"], str(run["id"]), str(check["id"]))
    now = cloud.clock.text()
    cloud.store.put(
        "approvals",
        identifier,
        {
            "id": identifier,
            "organization": run["organization"],
            "projectId": run["projectId"],
            "runId": run["id"],
            "runName": run["name"],
            "requestedBy": run["requestedBy"],
            "checkId": check["id"],
            "status": PENDING,
            "instructions": settings.get("instructions") or "",
            "required": settings.get("minRequiredApprovers") or len(settings["approvers"]),
            "requesterMayApprove": not settings.get("requesterCannotBeApprover", False),
            "createdOn": now,
            "lastModifiedOn": now,
            "steps": [
                {"approver": str(approver["id"]).lower(), "status": PENDING, "by": None, "comment": ""}
                for approver in settings["approvers"]
            ],
        },
    )


def of_run(cloud: Cloud, run: Document) -> list[Document]:
    """What was asked about a run."""
    return cloud.store.find("approvals", organization=run["organization"], runId=run["id"])


def withdraw(cloud: Cloud, run: Document) -> None:
    """Ask nobody about a run any more."""
    for approval in of_run(cloud, run):
        if approval["status"] == PENDING:
            cloud.store.put("approvals", approval["id"], {**approval, "status": "canceled"})


def asked(cloud: Cloud, organization: Document, approval: Document) -> list[str]:
    """The names of those who have not answered yet."""
    found = (
        identities.find(cloud, organization, step["approver"])
        for step in approval["steps"]
        if step["status"] == PENDING
    )
    return [identity.name for identity in found if identity is not None]


@ROUTES.get("/{organization}/{project}/_apis/pipelines/approvals")
def query(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Approvals by ids, by state, or all; their steps only where `$expand=steps` asks for them."""
    document = organization_named(cloud, organization)
    owner = project_of(cloud, document, project)
    ids, state = request.argument("approvalIds"), request.argument("state")
    found = [
        _document(cloud, document, each, request)
        for each in cloud.store.find("approvals", projectId=owner["id"])
        if (not ids or each["id"] in ids.lower().split(","))
        and (not state or each["status"] == state.lower())
    ]
    return Response(body={"count": len(found), "value": found})


@ROUTES.get("/{organization}/{project}/_apis/pipelines/approvals/{approval}")
def show(cloud: Cloud, request: Request, organization: str, project: str, approval: str) -> Response:
    """One approval."""
    document = organization_named(cloud, organization)
    held = _required(cloud, project_of(cloud, document, project), approval)
    return Response(body=_document(cloud, document, held, request))


@ROUTES.patch("/{organization}/{project}/_apis/pipelines/approvals")
def answer(cloud: Cloud, request: Request, organization: str, project: str) -> Response:
    """Approve or reject as one of those who are asked.

    Raises 403 for anybody else, 400 for an approval that is answered already.
    """
    document = organization_named(cloud, organization)
    caller = people_only(caller_of(cloud, request, document), "Approve")
    owner = project_of(cloud, document, project)
    body = json_of(request)
    if not isinstance(body, list) or not all(isinstance(each, dict) for each in body):
        raise invalid("Value cannot be null. (Parameter 'updateParameters')", "ArgumentNullException")
    changed = []
    for each in body:
        held = _required(cloud, owner, str(each.get("approvalId")))
        _answer(cloud, document, caller, held, str(each.get("status")), str(each.get("comment") or ""))
        changed.append(_document(cloud, document, held, request))
    return Response(body={"count": len(changed), "value": changed})


def _answer(
    cloud: Cloud, organization: Document, caller: Caller, approval: Document, status: str, comment: str
) -> None:
    if status.lower() not in _ANSWERS:
        raise invalid(f"The status '{status}' of an approval is not one of {', '.join(_ANSWERS)}.")
    if approval["status"] != PENDING:
        raise invalid(f"The approval {approval['id']} is {approval['status']} already.")
    if caller.id == approval["requestedBy"] and not approval["requesterMayApprove"]:
        raise _refused(f"{caller.name} requested the run and cannot approve it.")
    step = next((step for step in approval["steps"] if _may_answer(cloud, organization, caller, step)), None)
    if step is None:
        raise _refused(f"{caller.name} is not one of the approvers who are still asked.")
    step |= {"status": status.lower(), "by": caller.identity(cloud, organization), "comment": comment}
    given = sum(step["status"] == "approved" for step in approval["steps"])
    if status.lower() == "rejected":
        approval["status"] = "rejected"
    elif given >= approval["required"]:
        approval["status"] = "approved"
    approval["lastModifiedOn"] = cloud.clock.text()
    cloud.store.put("approvals", approval["id"], approval)


def _may_answer(cloud: Cloud, organization: Document, caller: Caller, step: Document) -> bool:
    identity = identities.find(cloud, organization, step["approver"])
    return (
        step["status"] == PENDING and identity is not None and identities.includes(cloud, identity, caller.id)
    )


def _required(cloud: Cloud, project: Document, approval: str) -> Document:
    held = cloud.store.get("approvals", approval.lower())
    if held is None or held["projectId"] != project["id"]:
        raise DevOpsError(404, "ApprovalNotFoundException", f"The approval {approval} does not exist.")
    return held


def _refused(message: str) -> DevOpsError:
    return DevOpsError(403, "ApprovalUnauthorizedException", message)


def _document(cloud: Cloud, organization: Document, approval: Document, request: Request) -> dict[str, Any]:
    base = f"{cloud.url}/{organization['name']}/{approval['projectId']}"
    body: dict[str, Any] = {
        "id": approval["id"],
        "status": approval["status"],
        "createdOn": approval["createdOn"],
        "lastModifiedOn": approval["lastModifiedOn"],
        "executionOrder": "anyOrder",
        "minRequiredApprovers": approval["required"],
        "instructions": approval["instructions"],
        "blockedApprovers": [],
        "pipeline": {"owner": {"id": approval["runId"], "name": approval["runName"]}},
        "_links": {"self": {"href": f"{base}/_apis/pipelines/approvals/{approval['id']}"}},
    }
    if "steps" in (request.argument("$expand") or "").lower():
        body["steps"] = [
            {
                "assignedApprover": identity.reference() if identity else {"id": step["approver"]},
                "actualApprover": step["by"],
                "status": step["status"],
                "comment": step["comment"],
                "order": 1,
                "initiatedOn": approval["createdOn"],
            }
            for step in approval["steps"]
            for identity in (identities.find(cloud, organization, step["approver"]),)
        ]
    return body
