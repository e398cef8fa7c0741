"""Looks up what an interrupted run may have made in Azure DevOps."""

from collections.abc import Mapping
from typing import Any

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked


def find_service_connection(services: Services, inputs: Mapping[str, Any]) -> Lookup:
    """A service connection by its project and its name, which no other one there has."""
    project, name = inputs.get("projectId"), inputs.get("serviceEndpointName") or inputs.get("name")
    if not project or not name:
        return Absent()
    answer = services.devops(
        "GET",
        f"/{project}/_apis/serviceendpoint/endpoints",
        parameters={"endpointNames": str(name), "includeFailed": "true"},
    )
    if answer.status == 404:
        return Absent()
    for each in checked(answer, f"Looking for the connection '{name}'")["value"]:
        if each["name"].casefold() == str(name).casefold():
            return Found(each["id"], f"{project}/{each['id']}")
    return Absent()


def service_connection_is_there(services: Services, inputs: Mapping[str, Any], identifier: str) -> bool:
    """Whether the service connection with this id still exists.

    Of one that was just deleted Azure DevOps answers `null`, which the engine's plugin takes for an error.
    """
    answer = services.devops(
        "GET", f"/{inputs.get('projectId')}/_apis/serviceendpoint/endpoints/{identifier}"
    )
    if answer.status == 404 or (answer.successful and answer.document is None):
        return False
    checked(answer, f"Reading the connection {identifier}")
    return True


def find_pipeline_authorization(services: Services, inputs: Mapping[str, Any]) -> Lookup:
    """The right of one pipeline, or of all, to use a connection."""
    project, resource, kind = inputs.get("projectId"), inputs.get("resourceId"), inputs.get("type")
    if not project or not resource or not kind:
        return Absent()
    other, pipeline = inputs.get("pipelineProjectId"), inputs.get("pipelineId")
    answer = services.devops(
        "GET",
        f"/{other or project}/_apis/pipelines/pipelinepermissions/{kind}/{resource}",
        version=PREVIEW_VERSION,
    )
    if answer.status == 404:
        return Absent()
    document = checked(answer, f"Reading who may use {kind} {resource}")
    if pipeline is None:
        given = bool((document.get("allPipelines") or {}).get("authorized"))
    else:
        given = any(
            each["id"] == int(pipeline) and each.get("authorized") for each in document.get("pipelines") or ()
        )
    if not given:
        return Absent()
    # The provider's own form of an id; the parts in brackets stand only where they are inputs.
    identifier = f"{project}/{kind}/{resource}"
    if other:
        identifier += f";pipeline_project_id={other}"
    if pipeline is not None:
        identifier += f";pipeline_id={int(pipeline)}"
    return Found(identifier)
