"""Runs of pipelines: what they may use, what their agent is given, how they end."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import (
    agent_pools,
    execution_history,
    pipeline_permissions,
    pipeline_templates,
    run_checks,
    service_connections,
    task_variables,
)
from azure_service_connections.sandbox.devops.access import issue_system_token
from azure_service_connections.sandbox.devops.errors import DevOpsError, invalid
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.devops.pipeline_yaml import (
    Pipeline,
    PipelineError,
    in_stages,
    read_pipeline,
)
from azure_service_connections.sandbox.store import Document

RESULTS: Final = ("succeeded", "failed", "canceled")


def start(
    cloud: Cloud,
    organization: Document,
    project: Document,
    pipeline: Document,
    parameters: dict[str, Any],
    branch: str = pipeline_templates.MAIN,
    requested_by: str = "",
) -> Document:
    """Start a run of a branch, which may then wait for the checks of its connections, or fail them.

    Raises 400 PipelineValidationException where the pipeline or a connection is not in order.
    """
    read = _read(cloud, project, pipeline, parameters, branch)
    endpoints = _endpoints(cloud, project, pipeline, read)
    if not agent_pools.exists(cloud, organization, read.pool):
        raise DevOpsError(
            400,
            "PipelineValidationException",
            f"Could not find a pool with name {read.pool}. The pool does not exist or has not been "
            "authorized for use. For authorization details, refer to https://aka.ms/yamlauthz.",
        )
    name = organization["name"].lower()
    number = cloud.identifiers.number(f"run/{name}")
    day = cloud.clock.now().strftime("%Y%m%d")
    of_the_day = cloud.identifiers.number(f"run-name/{project['id']}/{pipeline['id']}/{day}")
    run: Document = {
        "id": number,
        "name": f"{day}.{of_the_day}",
        "organization": name,
        "projectId": project["id"],
        "pipelineId": pipeline["id"],
        "pipelineName": pipeline["name"],
        "planId": cloud.identifiers.derived("plan", name, str(number)),
        "jobId": cloud.identifiers.derived("job", name, str(number)),
        "state": "inProgress",
        "result": None,
        "createdDate": cloud.clock.text(),
        "finishedDate": None,
        "templateParameters": parameters,
        "endpoints": endpoints,
        "branch": branch,
        "requestedBy": requested_by,
        "lockBehavior": read.lock_behavior,
        "pool": read.pool,
    }
    for endpoint in endpoints:
        execution_history.note(cloud, run, endpoint)
    run_checks.begin(cloud, organization, project, run, read.template)
    return run


def find(cloud: Cloud, organization: Document, run_id: str) -> Document | None:
    """The run with this number in the organization, or None."""
    run = cloud.store.get("runs", f"{organization['name'].lower()}/{run_id}")
    if run is not None:
        run_checks.settle(cloud, organization, run)
    return run


def agent_variables(cloud: Cloud, organization: str, run_id: int | str) -> dict[str, str]:
    """The variables that the agent which takes the run's job is given.

    Raises 404 for a run that does not exist, 400 for one that is over and 409 for one that a check holds.
    """
    document = organization_named(cloud, organization)
    run = _open(cloud, document, run_id)
    if run.get("waits"):
        raise DevOpsError(409, "RunWaitsException", f"Run {run['id']} waits: {' and '.join(run['waits'])}.")
    collection = f"{cloud.url}/{document['name']}/"
    job = f"_apis/distributedtask/hubs/build/plans/{run['planId']}/jobs/{run['jobId']}/oidctoken"
    return {
        "SYSTEM_OIDCREQUESTURI": f"{collection}{run['projectId']}/{job}",
        "SYSTEM_ACCESSTOKEN": issue_system_token(cloud, document, run),
        "SYSTEM_COLLECTIONURI": collection,
        "SYSTEM_TEAMPROJECTID": run["projectId"],
        "SYSTEM_PLANID": run["planId"],
        "SYSTEM_JOBID": run["jobId"],
        "BUILD_BUILDID": str(run["id"]),
        **task_variables.variables(cloud, run),
    }


def identity_of_agent(cloud: Cloud, organization: str, run_id: int | str) -> Document | None:
    """The service principal of the machine that takes the run's job; None where the machine has none.

    Raises 404 for a run that does not exist and 400 for one that is over.
    """
    document = organization_named(cloud, organization)
    run = _open(cloud, document, run_id)
    return agent_pools.identity_of(cloud, document, run["pool"])


def complete(cloud: Cloud, organization: str, run_id: int | str, result: str) -> Document:
    """End a run with `succeeded`, `failed` or `canceled`; its tokens stop working.

    Raises 404 for a run that does not exist and 400 for one that is over or another result.
    """
    document = organization_named(cloud, organization)
    run = _open(cloud, document, run_id)
    if result not in RESULTS:
        raise invalid(f"The result '{result}' of a run is not one of {', '.join(RESULTS)}.")
    run_checks.end(cloud, run, result)
    return run


def final_yaml(
    cloud: Cloud, project: Document, pipeline: Document, parameters: dict[str, Any], branch: str
) -> str:
    """The YAML that a run would go by; 400 PipelineValidationException where it is not in order."""
    document = _read(cloud, project, pipeline, parameters, branch).document
    return yaml.safe_dump(in_stages(document), sort_keys=False, allow_unicode=True)


def _read(
    cloud: Cloud, project: Document, pipeline: Document, parameters: dict[str, Any], branch: str
) -> Pipeline:
    def template_of(document: Mapping[str, Any]) -> tuple[pipeline_templates.Template, str | None] | None:
        extended = pipeline_templates.extended_by(document, project, branch)
        return (extended, pipeline_templates.text_of(cloud, extended)) if extended else None

    try:
        return read_pipeline(pipeline["yaml"], parameters, template_of)
    except PipelineError as error:
        raise DevOpsError(400, "PipelineValidationException", str(error)) from error


def _endpoints(cloud: Cloud, project: Document, pipeline: Document, read: Pipeline) -> list[str]:
    refused: list[str] = []
    found: list[str] = []
    for use in read.uses:
        endpoint = service_connections.named(cloud, project["id"], use.connection)
        if endpoint is None:
            endpoint = cloud.store.get("endpoints", use.connection.lower())
            if endpoint and service_connections.reference_in(endpoint, project["id"]) is None:
                endpoint = None
        usable = (
            endpoint is not None
            and not endpoint.get("isDisabled")
            and pipeline_permissions.allows(cloud, project, endpoint["id"], pipeline["id"])
        )
        if endpoint is None or not usable:
            refused.append(
                f"Job {use.job}: Step {use.step} input {use.input} references service connection "
                f"{use.connection} which could not be found. The service connection does not exist, has "
                "been disabled or has not been authorized for use. For authorization details, refer to "
                "https://aka.ms/yamlauthz."
            )
        elif endpoint["id"] not in found:
            found.append(endpoint["id"])
    if refused:
        raise DevOpsError(
            400, "PipelineValidationException", f"The pipeline is not valid. {' '.join(refused)}"
        )
    return found


def _open(cloud: Cloud, organization: Document, run_id: int | str) -> Document:
    run = find(cloud, organization, str(run_id))
    if run is None:
        raise DevOpsError(404, "RunNotFoundException", f"Run {run_id} was not found.")
    if run["state"] != "inProgress":
        reason = f": {run['reason'].rstrip('.')}" if run.get("reason") else ""
        raise invalid(f"Run {run_id} is over: it ended with {run['result']}{reason}.")
    return run
