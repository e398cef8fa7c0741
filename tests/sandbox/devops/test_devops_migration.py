"""Moving a federated connection from Azure DevOps' own issuer to Entra's."""

import json
from typing import Any

import pytest
from devops_world import ORGANIZATION, OTHER_PROJECT, PROJECT, TENANT, World, keyed
from test_devops_automatic import automatic, own
from test_devops_conversion import subject_of, tried

from azure_service_connections.sandbox.entra import federated_credentials

ENDPOINTS = "_apis/serviceendpoint/endpoints"
PATH = "/_apis/public/serviceendpoint/externalfederatedcredentialmigration"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
DEVOPS = f"https://vstoken.dev.azure.com/{ORGANIZATION}"
INVALID = {"success": False, "message": "The request or token is invalid."}
STARTED = {"success": True, "message": "Migration initiated."}


def operator(world: World) -> Any:
    """A service principal that may write every application."""
    application = world.application("operator")
    principal = world.principal_of(application)
    principal["directoryRoles"] = ["Application Administrator"]
    world.cloud.store.put("service-principals", principal["id"], principal)
    return world.devops_bearer(application)


def migrate(
    world: World,
    subject: Any = "sc://contoso/payments/payments",
    authorization: str | None = None,
    path: str = PATH,
    version: str = "7.2-preview.1",
) -> Any:
    """Ask for a migration as the command does."""
    headers = {
        "Authorization": operator(world) if authorization is None else authorization,
        "Content-Type": "application/json",
    }
    body = json.dumps({"serviceConnectionInput": subject}).encode()
    return world.send("POST", f"{path}?api-version={version}", headers, body)


def manual(world: World) -> tuple[Any, Any]:
    """A connection of the older issuer and its application, which trusts it."""
    world.issuer("devops")
    application = world.application()
    world.grant_role(application, "Contributor")
    made = world.connection(application)
    world.trust(application, made)
    assert tried(world, made)["statusCode"] == "ok"
    return made, application


def issuer_of(world: World, endpoint: Any) -> str:
    """The issuer that a read of the connection names."""
    parameters = world.read(endpoint).body["authorization"]["parameters"]
    return str(parameters["workloadIdentityFederationIssuer"])


@pytest.mark.parametrize("path", [PATH, f"/Contoso{PATH}"])
def test_a_manual_connection_with_its_new_trust_in_place_signs_in_on(world: World, path: str) -> None:
    made, application = manual(world)
    values = {"name": "new", "issuer": ENTRA, "subject": subject_of(made)}
    audiences = ["api://AzureADTokenExchange"]
    federated_credentials.add(world.cloud, application, {**values, "audiences": audiences})
    answer = migrate(world, path=path)
    assert (answer.status, answer.body) == (200, STARTED)
    parameters = world.read(made).body["authorization"]["parameters"]
    assert parameters["workloadIdentityFederationIssuer"] == ENTRA
    assert parameters["workloadIdentityFederationSubject"] == subject_of(made)
    assert parameters["workloadIdentityFederationIssuerType"] == "EntraID"
    assert tried(world, made)["statusCode"] == "ok"
    assert len(world.cloud.store.find("federated-credentials", parent=application["id"])) == 2


def test_a_manual_connection_without_its_new_trust_is_cut_off(world: World) -> None:
    made, _ = manual(world)
    assert migrate(world).body == STARTED
    assert "AADSTS700211" in tried(world, made)["errorMessage"]


def test_an_automatic_connection_gets_a_second_credential_by_the_service(world: World) -> None:
    own(world)
    world.issuer("devops")
    made = world.ask("POST", ENDPOINTS, automatic()).body
    assert migrate(world, "sc://Contoso/Payments/auto").body == STARTED
    held = world.cloud.store.find("federated-credentials", parent=made["data"]["appObjectId"])
    assert [(each["name"], each["issuer"]) for each in held] == [
        (made["id"], DEVOPS),
        (f"{made['id']}-EntraID", ENTRA),
    ]
    assert tried(world, made)["statusCode"] == "ok"
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204
    assert world.cloud.store.find("federated-credentials") == []


def test_an_automatic_connection_stays_where_it_is_when_its_identity_cannot_take_the_credential(
    world: World,
) -> None:
    own(world)
    world.issuer("devops")
    made = world.ask("POST", ENDPOINTS, automatic()).body
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    for number in range(19):
        federated_credentials.add(
            world.cloud,
            application,
            {"name": f"other-{number}", "issuer": "https://i", "subject": str(number), "audiences": ["a"]},
        )
    answer = migrate(world, "sc://Contoso/Payments/auto")
    assert (answer.status, answer.body) == (400, INVALID)
    assert issuer_of(world, made) == DEVOPS
    assert tried(world, made)["statusCode"] == "ok"


def test_an_automatic_connection_needs_a_caller_who_may_write_its_application(world: World) -> None:
    own(world)
    world.issuer("devops")
    made = world.ask("POST", ENDPOINTS, automatic()).body
    bearer = world.devops_bearer(world.application())
    assert migrate(world, "sc://Contoso/Payments/auto", bearer).status == 400
    assert issuer_of(world, made) == DEVOPS


def test_only_an_entra_token_of_the_organizations_tenant_is_taken(world: World) -> None:
    made, application = manual(world)
    personal = "Basic OmFkYS10b2tlbg=="
    assert world.ask("GET", f"{PROJECT}/{ENDPOINTS}", authorization=personal).status == 200
    expired = world.devops_bearer(application)
    world.cloud.clock.advance(2 * 3600)
    for token in (personal, "", "Bearer nonsense", expired):
        answer = migrate(world, authorization=token)
        assert (answer.status, answer.body) == (400, INVALID), token
    assert issuer_of(world, made) == DEVOPS


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("sc://contoso/payments/nothing", 404),
        ("sc://contoso/nowhere/payments", 404),
        ("sc://nobody/payments/payments", 404),
        ("sc://contoso/payments", 400),
        ("sc:///payments/payments", 400),
        ("https://dev.azure.com/contoso", 400),
        (None, 400),
        (7, 400),
    ],
)
def test_the_subject_must_name_a_connection(world: World, subject: Any, status: int) -> None:
    manual(world)
    answer = migrate(world, subject)
    assert answer.status == status
    assert answer.body["success"] is False
    assert answer.body["message"] == (
        "Service connection not found." if status == 404 else INVALID["message"]
    )


def test_the_organization_in_the_address_is_the_one_in_the_subject(world: World) -> None:
    manual(world)
    tenant = {"id": "t2", "name": "o", "tenantId": TENANT, "issuer": "entra"}
    world.cloud.store.put("organizations", "other", tenant)
    assert migrate(world, path=f"/other{PATH}").status == 400


def test_the_version_must_say_that_it_is_a_preview(world: World) -> None:
    manual(world)
    assert migrate(world, version="7.2").body["typeKey"] == "VssInvalidPreviewVersionException"


def test_a_connection_with_a_secret_has_no_issuer_to_leave(world: World) -> None:
    world.ask("POST", ENDPOINTS, keyed())
    assert migrate(world, "sc://Contoso/Payments/legacy").status == 400


@pytest.mark.parametrize("environment", ["AzureUSGovernment", "AzureChinaCloud", "AzureStack"])
def test_other_clouds_keep_the_older_issuer(world: World, environment: str) -> None:
    made, _ = manual(world)
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    held["data"]["environment"] = environment
    world.cloud.store.put("endpoints", made["id"], held)
    assert migrate(world).body == INVALID
    assert issuer_of(world, made) == DEVOPS


def test_a_connection_of_entras_issuer_stays_as_it_is(world: World) -> None:
    made = world.connection(world.application())
    assert migrate(world).body == STARTED
    assert world.read(made).body == made


def test_an_application_of_several_tenants_is_cut_off_by_entras_issuer(world: World) -> None:
    made, application = manual(world)
    application["signInAudience"] = "AzureADMultipleOrgs"
    world.cloud.store.put("applications", application["id"], application)
    values = {"name": "new", "issuer": ENTRA, "subject": subject_of(made)}
    audiences = ["api://AzureADTokenExchange"]
    federated_credentials.add(world.cloud, application, {**values, "audiences": audiences})
    assert tried(world, made)["statusCode"] == "ok"
    migrate(world)
    assert "AADSTS70052" in tried(world, made)["errorMessage"]


def test_a_migration_may_take_effect_some_reads_later(world: World) -> None:
    made, _ = manual(world)
    world.cloud.faults.set_visibility("migrations", 2)
    bearer = operator(world)
    assert migrate(world, authorization=bearer).body == STARTED
    assert migrate(world, authorization=bearer).body == STARTED
    assert tried(world, made)["statusCode"] == "ok"
    assert [issuer_of(world, made) for _ in range(3)] == [DEVOPS, DEVOPS, ENTRA]


def test_a_list_shows_the_new_issuer_as_well(world: World) -> None:
    manual(world)
    migrate(world)
    (listed,) = world.ask("GET", f"{PROJECT}/{ENDPOINTS}").body["value"]
    assert listed["authorization"]["parameters"]["workloadIdentityFederationIssuer"] == ENTRA


def test_a_shared_connection_migrates_under_the_name_of_any_of_its_projects(world: World) -> None:
    made, _ = manual(world)
    world.ask("PATCH", f"{ENDPOINTS}/{made['id']}", [{"projectReference": {"id": OTHER_PROJECT}}])
    assert migrate(world, "sc://Contoso/Web shop/payments").body == STARTED
    assert issuer_of(world, made) == ENTRA
