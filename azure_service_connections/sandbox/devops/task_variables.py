"""What the agent hands to the tasks of a job of the connections that they name.

The names of the variables are those that the tasks' own library reads (azure-pipelines-task-lib). Only
connections with a publish profile are handed out: the secrets of others are tried by Azure DevOps itself.
"""

from typing import Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

_PUBLISH_PROFILE: Final = "PublishProfile"


def variables(cloud: Cloud, run: Document) -> dict[str, str]:
    """The variables of the connections of a run that deploy with a publish profile."""
    given: dict[str, str] = {}
    for identifier in run["endpoints"]:
        endpoint = cloud.store.get("endpoints", identifier)
        if endpoint is None or endpoint["authorization"]["scheme"] != _PUBLISH_PROFILE:
            continue
        given[f"ENDPOINT_AUTH_SCHEME_{identifier}"] = _PUBLISH_PROFILE
        for prefix, values in (
            ("AUTH_PARAMETER", endpoint["authorization"]["parameters"]),
            ("DATA", endpoint["data"]),
        ):
            for name, value in values.items():
                given[f"ENDPOINT_{prefix}_{identifier}_{name.upper()}"] = str(value or "")
    return given
