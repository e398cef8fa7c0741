"""The documentation's script, call by call, and a plan that is carried out: both end in the same place.

"Convert multiple service connections with a script" in Azure DevOps' documentation of connections to Azure.
"""

from pathlib import Path
from typing import Any

import pytest
from old_connections import OldConnections

from azure_service_connections.cli.main import main
from azure_service_connections.lifecycle.services import Services

AUTOMATIC = ("shelf", "counter", "desk")
VARYING = ("modificationDate", "reversion", "revertSchemeDeadline")
ENDPOINTS = "/Web/_apis/serviceendpoint/endpoints"


def prepare(old: OldConnections) -> None:
    """Three connections that Azure DevOps has made, of which one is shared with another project."""
    for name in AUTOMATIC:
        old.make_automatic(name)
    with old.services() as services:
        shared = services.devops(
            "PATCH",
            f"/_apis/serviceendpoint/endpoints/{old.endpoint('desk')['id']}",
            organization=old.organization(),
            body=[{"projectReference": {"id": old.one("projects", name="Books")["id"]}}],
        )
    assert shared.status == 204


def run_script(services: Services, organization: str) -> None:
    """The script's calls: its query, its filter, its order, and its answer to every prompt."""
    listed = services.devops(
        "GET",
        ENDPOINTS,
        organization=organization,
        parameters={
            "authSchemes": "ServicePrincipal",
            "type": "azurerm",
            "includeFailed": "false",
            "includeDetails": "true",
        },
    ).document["value"]
    automatic = [each for each in listed if each["data"].get("creationMode") == "Automatic"]
    for endpoint in sorted(automatic, key=lambda each: str(each["name"])):
        if endpoint["isShared"]:
            continue
        endpoint["authorization"]["scheme"] = "WorkloadIdentityFederation"
        endpoint["data"].pop("revertSchemeDeadline", None)
        answer = services.devops(
            "PUT",
            f"{ENDPOINTS}/{endpoint['id']}",
            organization=organization,
            parameters={"operation": "ConvertAuthenticationScheme"},
            body=endpoint,
        )
        assert answer.status == 200
        assert answer.document, "an empty answer is a failure"


def state(old: OldConnections) -> dict[str, Any]:
    """Connections, applications and credentials as the services keep them, without times."""
    return {
        collection: {
            each["id"]: _without_times(each)
            for each in old.cloud.store.find(collection)
            if collection != "endpoints" or each["references"][0]["name"] in AUTOMATIC
        }
        for collection in ("endpoints", "federated-credentials", "applications", "role-assignments")
    }


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(each) for key, each in value.items() if key not in VARYING}
    if isinstance(value, list):
        return [_without_times(each) for each in value]
    # Two clouds of one seed differ in nothing but the time at which something was done.
    return "a time" if isinstance(value, str) and value[:2] == "20" and value[10:11] == "T" else value


def test_a_plan_that_is_carried_out_ends_where_the_documentation_s_script_ends(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(old)
    with old.services() as services:
        run_script(services, old.organization())
    by_script = state(old)
    old.replant()
    prepare(old)
    before = state(old)
    plan = tmp_path / "plan.yaml"
    only = [word for name in AUTOMATIC for word in ("--only", name)]
    assert main(["plan", "-o", "fabrikam", "-f", str(plan), *only]) == 3
    assert state(old) == before
    assert main(["apply", str(plan), "--yes"]) == 0
    assert state(old) == by_script
    assert before != by_script
    schemes = {name: old.scheme(name) for name in AUTOMATIC}
    assert schemes == {
        "shelf": "WorkloadIdentityFederation",
        "counter": "WorkloadIdentityFederation",
        "desk": "ServicePrincipal",
    }
    capsys.readouterr()
