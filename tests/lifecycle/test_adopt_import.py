"""From a preview to the engine's import file, and what is completed in the state after it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from adopted_connections import GROUP, READER, SCOPE, WEB, application, candidate, existing, role, trust
from planned_connections import guid

from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.import_document import (
    BLINDED,
    STACK,
    UNKNOWN,
    Preview,
    changes_in,
    described,
)
from azure_service_connections.lifecycle.adopt.imported_state import completed
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection, Project

PREFIX = "urn:pulumi:prod::shop-connections::"
ROOT = f"{PREFIX}{STACK}::shop-connections-prod"
COMPONENT = "azure-service-connections:index:ServiceConnection"
SHOP = f"{PREFIX}{COMPONENT}::shop"
CREDENTIAL_COMPONENT = "azure-service-connections:index:FederatedCredential"
AZURE = f"{PREFIX}pulumi:providers:azure-native::subscription-1"
DEVOPS = f"{PREFIX}pulumi:providers:azuredevops::default_3_16_2"
PLATFORM = Project(id=guid("Platform"), name="Platform", connection_name="shop")


def urn(kind: str, name: str, *above: str) -> str:
    return f"{PREFIX}{'$'.join((COMPONENT, *above, kind))}::{name}"


def step(urn: str, op: str = "create", *, custom: bool = True, **state: Any) -> dict[str, Any]:
    """A step of a preview, as `pulumi preview --json` writes it."""
    kind = urn.split("::")[2].rpartition("$")[2]
    new = {"urn": urn, "custom": custom, "type": kind, "inputs": {}, "parent": SHOP, **state}
    return {"op": op, "urn": urn, "newState": new}


def connection_with_role() -> ExistingConnection:
    connection = existing()
    return connection.model_copy(update={"roles": (role(connection, READER, GROUP),)})


def steps() -> list[dict[str, Any]]:
    """What the stack with one new connection would make, as far as these tests look."""
    return [
        step(ROOT, custom=False, parent=""),
        step(DEVOPS, parent=ROOT),
        step(AZURE, parent=ROOT, inputs={"subscriptionId": "1"}),
        step(SHOP, custom=False, parent=ROOT, inputs={"connectionName": "shop"}),
        step(urn(part_names.CONNECTION, "shop"), provider=f"{DEVOPS}::{UNKNOWN}", protect=True),
        step(
            urn(CREDENTIAL_COMPONENT, "shop"),
            custom=False,
            inputs={"applicationId": UNKNOWN, "issuer": UNKNOWN, "audience": "api://AzureADTokenExchange"},
        ),
        step(
            urn(part_names.ROLE_ASSIGNMENT, "shop/reader"),
            provider=f"{AZURE}::{UNKNOWN}",
            inputs={"scope": GROUP},
            dependencies=[urn(CREDENTIAL_COMPONENT, "shop")],
        ),
    ]


def preview(more: list[dict[str, Any]] | None = None, made: Candidate | None = None) -> Preview:
    return Preview([*steps(), *(more or [])], {"shop": made or candidate(connection_with_role())})


def entry(document: Mapping[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [each for each in document["resources"] if each["type"] == kind]
    return dict(found)


def test_objects_are_imported_by_their_ids_below_their_components() -> None:
    document = preview().document()
    component = entry(document, COMPONENT)
    made = entry(document, part_names.CONNECTION)
    assert component == {
        "type": COMPONENT,
        "name": component["name"],
        "logicalName": "shop",
        "component": True,
        "inputs": {"connectionName": "shop"},
    }
    assert made == {
        "type": part_names.CONNECTION,
        "name": made["name"],
        "logicalName": "shop",
        "parent": component["name"],
        "version": "3.16.2",
        "id": f"{WEB.id}/{guid('shop')}",
    }
    assert entry(document, part_names.ROLE_ASSIGNMENT)["id"].startswith(GROUP)
    names = [each["name"] for each in document["resources"]]
    assert len(set(names)) == len(names)


def test_a_provider_of_ones_own_is_made_with_its_inputs_and_the_default_one_is_left_to_the_engine() -> None:
    document = preview().document()
    provider = entry(document, "pulumi:providers:azure-native")
    assert provider["inputs"] == {"subscriptionId": "1"}
    assert entry(document, part_names.ROLE_ASSIGNMENT)["provider"] == provider["name"]
    assert "pulumi:providers:azuredevops" not in {each["type"] for each in document["resources"]}


def test_a_provider_that_the_stack_has_is_named_by_its_urn() -> None:
    left = [each for each in steps() if each["urn"] != AZURE]
    document = Preview(left, {"shop": candidate(connection_with_role())}).document()
    handle = entry(document, part_names.ROLE_ASSIGNMENT)["provider"]
    assert document["nameTable"] == {handle: AZURE}


def test_what_a_preview_cannot_know_is_filled_in() -> None:
    assert entry(preview().document(), CREDENTIAL_COMPONENT)["inputs"] == {
        "applicationId": f"/applications/{guid('object of shop')}",
        "issuer": trust("shop").issuer,
        "audience": "api://AzureADTokenExchange",
    }


def test_secrets_of_a_provider_are_marked_and_never_in_clear_otherwise() -> None:
    def with_token(token: str) -> Preview:
        inputs = {"orgServiceUrl": "https://x", "personalAccessToken": token}
        organization = step(
            f"{PREFIX}pulumi:providers:azuredevops::organization-x", parent=ROOT, inputs=inputs
        )
        return preview([organization])

    blinded = with_token(BLINDED)
    assert blinded.holds_secrets()
    assert not preview().holds_secrets()
    (provider,) = [
        each
        for each in blinded.document(with_token("hunter2"))["resources"]
        if each["type"] == "pulumi:providers:azuredevops"
    ]
    token = provider["inputs"]["personalAccessToken"]
    assert (sorted(token), json.loads(token["plaintext"])) == (
        ["4dabf18193072939515e22adb298388d", "plaintext"],
        "hunter2",
    )
    assert provider["inputs"]["orgServiceUrl"] == "https://x"


def test_what_the_stack_would_do_besides_is_named() -> None:
    other = f"{PREFIX}{COMPONENT}::other"
    more = [
        step(urn(part_names.CONNECTION, "old"), "delete"),
        step(other, custom=False, parent=ROOT),
        step(urn(part_names.CONNECTION, "kept"), "same"),
    ]
    assert preview(more).others() == [
        "delete ServiceEndpointAzureRM 'old'",
        "create ServiceConnection 'other'",
    ]
    assert preview().others() == []


def test_what_nothing_stands_for_is_named() -> None:
    assert preview().unfound() == []
    more = [step(urn(part_names.EXCLUSIVE_LOCK, "shop"))]
    assert preview(more).unfound() == ["CheckExclusiveLock 'shop'"]


def test_changes_are_said_in_words() -> None:
    changed = {
        **step(urn(part_names.APPLICATION, "shop"), "update"),
        "detailedDiff": {"tags": {}, "notes": {}},
    }
    reasoned = {**step(urn(part_names.CONNECTION, "shop"), "replace"), "diffReasons": ["projectId"]}
    made = step(urn(part_names.EXCLUSIVE_LOCK, "shop"))
    outputs = step(ROOT, "update", custom=False)
    assert changes_in([changed, reasoned, made, outputs, step(SHOP, "same")]) == [
        "Application 'shop' would be changed (notes, tags)",
        "ServiceEndpointAzureRM 'shop' would be replaced (projectId)",
        "CheckExclusiveLock 'shop' would be made",
    ]
    assert described(SHOP) == "ServiceConnection 'shop'"


def exported(*resources: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


def imported(of: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A resource as the engine has it after an import."""
    state = of["newState"]
    return {key: state[key] for key in ("urn", "custom", "type", "parent")} | {"id": "x", "inputs": {}} | more


def test_the_state_gets_what_the_program_says_in_an_order_that_the_engine_takes() -> None:
    _, _, _, component, endpoint, credential, assignment = steps()
    state = exported(
        imported(assignment, inputs={"scope": GROUP.removeprefix("/"), "description": "D"}),
        imported(endpoint),
        imported(credential),
        imported(component, parent=ROOT),
        {"urn": ROOT, "custom": False, "type": STACK},
    )
    resources = completed(state, preview())["deployment"]["resources"]
    order = [each["urn"] for each in resources]
    assert (
        order.index(ROOT)
        < order.index(SHOP)
        < order.index(credential["urn"])
        < order.index(assignment["urn"])
    )
    found = {each["urn"]: each for each in resources}
    assert found[endpoint["urn"]]["protect"] is True
    assert found[assignment["urn"]]["dependencies"] == [credential["urn"]]
    assert found[assignment["urn"]]["inputs"] == {"scope": GROUP, "description": "D"}


def test_a_scope_that_differs_stays_different() -> None:
    assignment = steps()[-1]
    state = exported(imported(assignment, inputs={"scope": SCOPE.removeprefix("/")}))
    (found,) = completed(state, preview())["deployment"]["resources"]
    assert found["inputs"]["scope"] == SCOPE.removeprefix("/")


def test_what_is_not_imported_stays_as_it_is() -> None:
    other = {"urn": f"{PREFIX}{COMPONENT}::other", "custom": False, "type": COMPONENT, "inputs": {"a": 1}}
    assert completed(exported(other), preview())["deployment"]["resources"] == [other]


def test_a_shared_connection_gets_its_authorization_and_its_empty_fields_and_no_others() -> None:
    identity = application("shop", trusts=(trust("shop"),))
    made = candidate(existing(projects=(WEB, PLATFORM), identity=identity))
    shared = step(
        urn(part_names.SHARED_CONNECTION, "shop"),
        inputs={"parameters": {"subscriptionId": "wanted", "mlWorkspaceName": "", "creationMode": "Manual"}},
    )
    read = {"parameters": {"subscriptionId": "real"}, "__pulumi_raw_state_delta": {}}
    state = exported(imported(shared, inputs={"parameters": {"subscriptionId": "real"}}, outputs=read))
    (found,) = completed(state, preview([shared], made))["deployment"]["resources"]
    for side in ("inputs", "outputs"):
        assert found[side]["parameters"] == {"subscriptionId": "real", "mlWorkspaceName": ""}
        told = json.loads(found[side]["authorizationParameters"]["plaintext"])
        assert told == {"tenantid": guid("tenant"), "serviceprincipalid": guid("client of shop")}
    assert "__pulumi_raw_state_delta" not in found["outputs"]


@pytest.mark.parametrize("count", [1, 400])
def test_many_resources_that_need_each_other_are_put_in_order(count: int) -> None:
    chain = [
        {"urn": str(number), "type": "t", "custom": True, "dependencies": [str(number + 1)]}
        for number in range(count)
    ]
    last = {"urn": str(count), "type": "t", "custom": True}
    resources = completed(exported(*chain, last), preview())["deployment"]["resources"]
    assert [each["urn"] for each in resources] == [str(each) for each in range(count, -1, -1)]
