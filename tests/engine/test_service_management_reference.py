"""A tenant that asks for a service management reference gets one, or says that it is missing."""

from collections.abc import Callable

import yaml
from engine_stack import ROOT, Sandbox, Stack

SAMPLE = ROOT / "azure_service_connections" / "sandbox" / "estates" / "sample.yaml"
CONNECTION = {
    "project": "Payments",
    "subscription": {"id": "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01", "name": "Payments production"},
}


def test_an_application_needs_the_reference_where_the_tenant_says_so(
    sandbox: Sandbox, make_stack: Callable[..., Stack]
) -> None:
    estate = yaml.safe_load(SAMPLE.read_text())
    estate["tenants"][0]["serviceManagementReferenceRequired"] = True
    sandbox.control("POST", "seed", content=yaml.safe_dump(estate))
    stack = make_stack("reference").connections({"reference": {**CONNECTION, "appRegistration": {}}}).init()
    assert "ServiceTreeValueMissing" in stack.up(fails=True)

    registration = {"serviceManagementReference": "1234"}
    stack.connections({"reference": {**CONNECTION, "appRegistration": registration}}).up()
    (made,) = [each for each in sandbox.holds("applications") if each["displayName"] == "reference"]
    assert made["serviceManagementReference"] == "1234"
    stack.destroy()
