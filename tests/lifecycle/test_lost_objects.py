"""Recovering what an update or a destruction that failed has done all the same."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fake_engine import DEVOPS, PARENT, STACK, FakeEngine, resource
from served_cloud import World

from azure_service_connections.lifecycle.engine import run_command
from azure_service_connections.lifecycle.errors import EngineError
from azure_service_connections.lifecycle.recovery import Recovery, Report

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
FLEXIBLE: dict[str, Any] = {
    "name": "github",
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": None,
    "audiences": ["api://AzureADTokenExchange"],
    "claimsMatchingExpression": {
        "value": "claims['sub'] matches 'repo:fabrikam/shop:*'",
        "languageVersion": 1,
    },
}

Recover = Callable[..., Report]


@pytest.fixture
def engine(world: World, tmp_path: Any) -> FakeEngine:
    engine = FakeEngine(tmp_path, world.subscription("Shop"))
    engine.history = [
        {"kind": "refresh", "result": "succeeded"},
        {"kind": "update", "result": "failed"},
        {"kind": "update", "result": "succeeded"},
    ]
    return engine


@pytest.fixture
def tells() -> list[str]:
    return []


@pytest.fixture
def recover(world: World, engine: FakeEngine, tells: list[str]) -> Recover:
    def run(scan: bool = False) -> Report:
        return Recovery(
            engine.engine(STACK),
            world.environment,
            tells.append,
            scan=scan,
            look=lambda: iter(()),
            pause=lambda _: None,
        ).run()

    return run


def held(world: World, name: str = "shop") -> dict[str, Any]:
    return next(each for each in world.cloud.store.find("endpoints") if each["references"][0]["name"] == name)


def declared(world: World, name: str = "shop", **more: Any) -> dict[str, Any]:
    """The inputs that a connection of the estate would have been made from."""
    of = held(world, name)
    parameters, data = of["authorization"]["parameters"], of["data"]
    return {
        "projectId": world.one("projects", name="Web")["id"],
        "serviceEndpointName": name,
        "description": of.get("description") or "",
        "azurermSpnTenantid": parameters["tenantid"],
        "azurermSubscriptionId": data["subscriptionId"],
        "azurermSubscriptionName": data["subscriptionName"],
        "serviceEndpointAuthenticationScheme": of["authorization"]["scheme"],
        "credentials": {"serviceprincipalid": parameters["serviceprincipalid"]},
        **more,
    }


def step(kind: str, inputs: Mapping[str, Any], name: str = "shop", op: str = "create") -> dict[str, Any]:
    state = resource(kind, name, inputs)
    return {"op": op, "urn": state["urn"], "newState": state}


def test_a_connection_that_a_failed_update_had_made_is_imported(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    inputs = declared(world)
    engine.steps = [step("endpoint", inputs)]
    (outcome,) = recover().outcomes
    made = held(world)["id"]
    assert str(outcome) == (
        f"imported service connection 'shop' ({made}): a failed update had made it; it is now in the state"
    )
    entry = engine.live(engine.steps[0]["urn"])
    assert (entry["id"], entry["inputs"], entry["parent"]) == (made, inputs, PARENT)
    assert entry["provider"].startswith(f"{DEVOPS}::")
    assert recover().outcomes == []


@pytest.mark.parametrize(
    ("more", "other"),
    [
        ({"credentials": {"serviceprincipalid": UNKNOWN.replace("0", "1")}}, "client id"),
        ({"azurermSpnTenantid": "another"}, "tenant"),
        ({"azurermSubscriptionId": "another"}, "subscription"),
        ({"azurermManagementGroupId": "stores"}, "management group"),
        ({"description": "another"}, "description"),
        ({"serviceEndpointAuthenticationScheme": "ServicePrincipal"}, "scheme"),
        ({"credentials": None}, "creation mode"),
    ],
)
def test_a_connection_of_somebody_else_is_left_and_said(
    world: World, engine: FakeEngine, recover: Recover, more: dict[str, Any], other: str
) -> None:
    engine.steps = [step("endpoint", declared(world, **more))]
    report = recover()
    (outcome,) = report.outcomes
    assert report.unclear
    maker = held(world)["createdBy"]["displayName"]
    assert outcome.reason.startswith(f"a connection of the name 'shop' exists, made by {maker}, and is not")
    assert f"(another {other})" in outcome.reason
    assert outcome.reason.endswith("adopt it with `pulumi import`, or give one of the two another name")
    assert "import" not in engine.verbs()


def test_what_waits_for_something_unknown_or_lacks_its_parent_cannot_have_been_made(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    orphan = step("endpoint", declared(world))
    orphan["newState"]["parent"] = f"{PARENT}-of-another-name"
    engine.steps = [step("endpoint", declared(world, azurermSpnTenantid=UNKNOWN)), orphan]
    assert recover().outcomes == []


def test_what_the_state_knows_under_another_name_is_not_lost(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.resources.append(resource("endpoint", "renamed", {}, id=held(world)["id"]))
    engine.steps = [step("endpoint", declared(world))]
    assert recover().outcomes == []


def test_an_application_is_imported_by_its_tag_and_a_secret_stays_out_of_the_state(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    document = world.one("applications", displayName="shop")
    world.put("applications", {**document, "tags": ["pulumi:shop-connections/prod/shop"]}, document["id"])
    inputs = {"tags": ["pulumi:shop-connections/prod/shop"], "notes": "[secret]"}
    engine.steps = [step("application", inputs)]
    (outcome,) = recover().outcomes
    assert (outcome.action, outcome.id) == ("imported", f"/applications/{document['id']}")
    assert engine.live(engine.steps[0]["urn"])["inputs"] == {"read": "back"}


@pytest.mark.parametrize("ours", [True, False])
def test_a_service_principal_is_imported_where_the_state_has_its_application(
    world: World, engine: FakeEngine, recover: Recover, ours: bool
) -> None:
    client = world.one("applications", displayName="shop")["appId"]
    if ours:
        engine.resources.append(
            resource("application", "shop", {}, id="/applications/1", outputs={"clientId": client})
        )
    engine.steps = [step("principal", {"clientId": client})]
    assert [each.action for each in recover().outcomes] == ["imported"] * ours


@pytest.mark.parametrize("subject", ["", "another"])
def test_a_federated_credential_is_imported_where_it_trusts_the_declared_subject(
    world: World, engine: FakeEngine, recover: Recover, subject: str
) -> None:
    application = world.one("applications", displayName="shop")["id"]
    credential = world.one("federated-credentials", name="connection-shop")
    inputs = {
        "applicationId": f"/applications/{application}",
        "displayName": "connection-shop",
        "issuer": credential["issuer"],
        "subject": subject or credential["subject"],
    }
    engine.steps = [step("credential", inputs)]
    (outcome,) = recover().outcomes
    assert outcome.action == ("unclear" if subject else "imported")


@pytest.mark.parametrize("expression", ["", "claims['sub'] matches 'repo:other/*'"])
def test_a_trust_by_an_expression_is_imported_where_it_is_the_declared_one(
    world: World, engine: FakeEngine, recover: Recover, expression: str
) -> None:
    application = world.one("applications", displayName="shop")["id"]
    credential = {**world.one("federated-credentials", name="connection-shop"), **FLEXIBLE}
    world.put("federated-credentials", credential)
    inputs = {
        "applicationId": f"/applications/{application}",
        "displayName": "github",
        "issuer": FLEXIBLE["issuer"],
        "claimsMatchingExpression": expression or FLEXIBLE["claimsMatchingExpression"]["value"],
        "audience": FLEXIBLE["audiences"][0],
    }
    engine.steps = [step("flexible credential", inputs)]
    (outcome,) = recover().outcomes
    if expression:
        assert (outcome.action, outcome.reason) == (
            "unclear",
            "a federated credential of this name exists for another expression; remove it from the identity, "
            "or give the connection's credential another name",
        )
    else:
        made = f"/applications/{application}/federatedIdentityCredentials/{credential['id']}"
        assert (outcome.action, outcome.id) == ("imported", made)
        assert engine.live(engine.steps[0]["urn"])["id"] == made


def test_a_trust_by_an_expression_that_a_failed_destruction_removed_is_let_go(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    application = world.one("applications", displayName="shop")["id"]
    there = world.one("federated-credentials", name="connection-shop")["id"]
    engine.history = [{"kind": "destroy", "result": "failed"}]
    of = f"/applications/{application}/federatedIdentityCredentials"
    engine.resources += [
        resource("flexible credential", name, {}, id=f"{of}/{key}")
        for name, key in (("there", there), ("gone", UNKNOWN))
    ]
    assert [each.operation.name for each in recover().outcomes] == ["gone"]


@pytest.mark.parametrize("location", ["northeurope", "westeurope"])
def test_a_managed_identity_that_is_in_use_is_left_and_said(
    world: World, engine: FakeEngine, recover: Recover, location: str
) -> None:
    inputs = {"resourceGroupName": "rg-shop", "resourceName": "id-network", "location": location}
    engine.steps = [step("identity", inputs)]
    (outcome,) = recover().outcomes
    assert outcome.action == "unclear"
    assert "name it by `managedIdentity.resourceId` to use it" in outcome.reason


def test_a_managed_identity_that_trusts_nobody_yet_is_imported(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    for each in world.cloud.store.find("federated-credentials"):
        if each["parent"].endswith("/id-network"):
            world.cloud.store.remove("federated-credentials", each["id"])
    inputs = {"resourceGroupName": "rg-shop", "resourceName": "id-network", "location": "North Europe"}
    engine.steps = [step("identity", inputs)]
    assert [each.action for each in recover().outcomes] == ["imported"]


@pytest.mark.parametrize("creator", ["", "another"])
def test_a_connection_whose_identity_azure_devops_made_is_imported_where_the_operator_asked_for_it(
    world: World, engine: FakeEngine, recover: Recover, creator: str
) -> None:
    of = held(world)
    of = {**of, "data": {**of["data"], "creationMode": "Automatic"}}
    if creator:
        of["createdBy"] = {**of["createdBy"], "id": creator}
    world.put("endpoints", of)
    engine.steps = [step("endpoint", declared(world, credentials=None))]
    (outcome,) = recover().outcomes
    assert outcome.action == ("unclear" if creator else "imported")
    assert "another creator" in outcome.reason or not creator


@pytest.mark.parametrize(("workspace", "other"), [("", ""), ("ml-fraud", "(another workspace)")])
def test_a_connection_with_every_field_is_imported_where_all_that_tells_it_apart_is_declared(
    world: World, engine: FakeEngine, recover: Recover, workspace: str, other: str
) -> None:
    of, given = held(world), declared(world)
    fields = {"creationMode": "Manual", "subscriptionId": given["azurermSubscriptionId"]}
    inputs = {
        "projectId": given["projectId"],
        "name": "shop",
        "description": given["description"],
        "authorizationScheme": of["authorization"]["scheme"],
        "authorizationParameters": {
            "tenantid": given["azurermSpnTenantid"],
            "serviceprincipalid": given["credentials"]["serviceprincipalid"],
        },
        "parameters": {**fields, "managementGroupId": "", "mlWorkspaceName": workspace},
    }
    engine.steps = [step("generic", inputs)]
    (outcome,) = recover().outcomes
    assert outcome.action == ("unclear" if workspace else "imported")
    assert other in outcome.reason


@pytest.mark.parametrize("principal", ["shop", "audit"])
def test_a_role_assignment_is_imported_where_it_gives_the_declared_right(
    world: World, engine: FakeEngine, recover: Recover, principal: str
) -> None:
    shop = world.one("service-principals", displayName="shop")["id"]
    assignment = world.one("role-assignments", principalId=shop)
    inputs = {
        "scope": assignment["scope"],
        "roleAssignmentName": assignment["name"],
        "principalId": world.one("service-principals", displayName=principal)["id"],
        "roleDefinitionId": assignment["roleDefinitionId"],
    }
    engine.steps = [step("assignment", inputs)]
    (outcome,) = recover().outcomes
    assert outcome.action == ("imported" if principal == "shop" else "unclear")


def test_after_an_update_that_succeeded_nothing_is_previewed_unless_that_is_asked_for(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.history = [{"kind": "update", "result": "succeeded"}]
    engine.steps = [step("endpoint", declared(world))]
    assert recover().idle
    assert "preview" not in engine.verbs()
    assert [each.action for each in recover(scan=True).outcomes] == ["imported"]


@pytest.mark.parametrize("verb", ["preview", "stack history"])
def test_a_preview_or_a_history_that_fails_is_said_and_recovery_goes_on(
    engine: FakeEngine, recover: Recover, tells: list[str], verb: str
) -> None:
    engine.failures[verb] = (
        '{"diagnostics": [{"message": "<{%reset%}>the sun is down\\n", "severity": "error"}]}'
    )
    assert recover().idle
    assert "the sun is down." in tells[-1]


def test_a_failed_destruction_lets_go_of_what_is_gone(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.history = [{"kind": "destroy", "result": "failed"}]
    project = {"projectId": world.one("projects", name="Web")["id"]}
    there = resource("endpoint", "there", project, id=held(world)["id"])
    gone = resource("application", "gone", {}, id=f"/applications/{UNKNOWN}")
    engine.resources += [there, gone]
    (outcome,) = recover().outcomes
    assert (outcome.operation.name, outcome.action) == ("gone", "dropped")
    assert engine.live(there["urn"])
    assert gone["urn"] not in {each["urn"] for each in engine.resources}
    assert "preview" not in engine.verbs()


def test_a_command_that_does_not_end_is_one_sentence(tmp_path: Any) -> None:
    with pytest.raises(EngineError, match="has not ended after 0 seconds"):
        run_command(["sh", "-c", "read forever </dev/zero"], tmp_path, {"PATH": "/bin:/usr/bin"}, None, 0.05)
