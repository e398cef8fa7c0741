"""Converting a connection from its secret to federation, and back within its days."""

from typing import Any
from urllib.parse import urlencode

import pytest
from devops_world import ORGANIZATION, OTHER_PROJECT, PERSON, PROJECT, TENANT, World, described, keyed
from test_devops_automatic import automatic, own

from azure_service_connections.sandbox.devops.federation import short_guid
from azure_service_connections.sandbox.entra import deleted_items, federated_credentials

ENDPOINTS = "_apis/serviceendpoint/endpoints"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
FEDERATED = "WorkloadIdentityFederation"
NO_VALID_CONFIGURATION = (
    "The authorization scheme could not be upgraded to WorkloadIdentityFederation because the service "
    "principal could not be configured automatically, and no valid configuration exists."
)
DAY = 86400


def convert(world: World, endpoint: Any, scheme: str = FEDERATED, path: str = ENDPOINTS, **more: Any) -> Any:
    """Ask for the conversion with the least body that it takes."""
    body = {
        "id": endpoint["id"],
        "type": "azurerm",
        "authorization": {"scheme": scheme},
        "serviceEndpointProjectReferences": endpoint["serviceEndpointProjectReferences"],
    }
    return world.ask("PUT", f"{path}/{endpoint['id']}", body, operation="ConvertAuthenticationScheme", **more)


def secret_of_its_own(world: World, name: str = "auto") -> Any:
    """A connection whose identity and secret the service made."""
    if not world.cloud.store.find("role-assignments"):
        own(world)
    made = world.ask("POST", ENDPOINTS, automatic("ServicePrincipal", name))
    assert (made.status, made.body["isReady"]) == (200, True)
    return made.body


def tried(world: World, endpoint: Any) -> Any:
    """What the service's own test of a connection says."""
    request = {"dataSourceDetails": {"dataSourceName": "TestConnection"}}
    path = f"{PROJECT}/_apis/serviceendpoint/endpointproxy"
    return world.ask("POST", path, request, endpointId=endpoint["id"]).body


def subject_of(endpoint: Any) -> str:
    """The subject that Entra's issuer will write for a connection."""
    tenant, devops = short_guid(TENANT), "rISbSSETf0KqFyZ8ppdXmA"
    return f"/eid1/c/pub/t/{tenant}/a/{devops}/sc/{ORGANIZATION}/{endpoint['id']}"


def trust(world: World, application: Any, endpoint: Any, **values: str) -> None:
    """Place the credential that a connection will need, as its owner does before a conversion."""
    credential = {"name": "future", "issuer": ENTRA, "subject": subject_of(endpoint)}
    federated_credentials.add(
        world.cloud, application, {**credential, "audiences": ["api://AzureADTokenExchange"], **values}
    )


@pytest.mark.parametrize("path", [ENDPOINTS, f"{PROJECT}/{ENDPOINTS}", f"Payments/{ENDPOINTS}"])
def test_an_automatic_connection_converts_and_its_identity_then_trusts_it(world: World, path: str) -> None:
    made = secret_of_its_own(world)
    answer = convert(world, made, path=path)
    assert answer.status == 200
    authorization = answer.body["authorization"]
    assert authorization == {
        "scheme": FEDERATED,
        "parameters": {
            "serviceprincipalid": made["authorization"]["parameters"]["serviceprincipalid"],
            "tenantid": TENANT,
            "scope": made["authorization"]["parameters"]["scope"],
            "workloadIdentityFederationIssuer": ENTRA,
            "workloadIdentityFederationSubject": subject_of(made),
            "workloadIdentityFederationIssuerType": "EntraID",
        },
    }
    (credential,) = world.cloud.store.find("federated-credentials", parent=made["data"]["appObjectId"])
    assert (credential["name"], credential["issuer"]) == (made["id"], ENTRA)
    assert (credential["subject"], credential["audiences"]) == (
        subject_of(made),
        ["api://AzureADTokenExchange"],
    )
    assert world.read(made).body == answer.body
    assert tried(world, made)["statusCode"] == "ok"


def test_a_converted_connection_can_be_reverted_for_seven_days_and_says_until_when(world: World) -> None:
    made = secret_of_its_own(world)
    before = world.cloud.clock.now()
    deadline = convert(world, made).body["data"]["revertSchemeDeadline"]
    days = (world.cloud.clock.now() - before).total_seconds()
    assert days < DAY
    assert deadline.endswith("Z")
    world.cloud.clock.advance(6.9 * DAY)
    assert world.read(made).body["data"]["revertSchemeDeadline"] == deadline
    reverted = convert(world, made, "ServicePrincipal")
    assert (reverted.status, reverted.body["authorization"]) == (200, made["authorization"])
    assert "revertSchemeDeadline" not in reverted.body["data"]
    assert world.cloud.store.find("federated-credentials", parent=made["data"]["appObjectId"]) == []
    assert tried(world, made)["statusCode"] == "ok"


def test_after_seven_days_only_a_new_secret_leads_back(world: World) -> None:
    made = secret_of_its_own(world)
    convert(world, made)
    world.cloud.clock.advance(7 * DAY + 1)
    assert "revertSchemeDeadline" not in world.read(made).body["data"]
    answer = convert(world, made, "ServicePrincipal")
    assert (answer.status, answer.key) == (400, "ArgumentException")
    assert "the 7 days in which a conversion can be reverted are over" in answer.message
    assert world.read(made).body["authorization"]["scheme"] == FEDERATED
    client_id = made["authorization"]["parameters"]["serviceprincipalid"]
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    (password,) = application["passwordCredentials"]
    body = keyed("auto", client_id, serviceprincipalkey=password["secretText"])
    updated = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", {**body, "id": made["id"]})
    assert updated.body["authorization"]["scheme"] == "ServicePrincipal"
    assert updated.body["data"]["creationMode"] == "Manual"
    assert tried(world, made)["statusCode"] == "ok"


def test_the_old_secret_works_on_until_it_expires_by_itself(world: World) -> None:
    made = secret_of_its_own(world)
    convert(world, made)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    form = {
        "grant_type": "client_credentials",
        "client_id": application["appId"],
        "client_secret": application["passwordCredentials"][0]["secretText"],
        "scope": "https://management.azure.com/.default",
    }

    def sign_in() -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return world.send("POST", f"/{TENANT}/oauth2/v2.0/token", headers, urlencode(form).encode())

    world.cloud.clock.advance(30 * DAY)
    assert sign_in().status == 200
    world.cloud.clock.advance(61 * DAY)
    assert sign_in().body["error_codes"] == [7000222]


def test_a_connection_whose_secret_has_expired_converts_as_well(world: World) -> None:
    made = secret_of_its_own(world)
    world.cloud.clock.advance(91 * DAY)
    assert "AADSTS7000222" in tried(world, made)["errorMessage"]
    assert convert(world, made).status == 200
    assert tried(world, made)["statusCode"] == "ok"


def test_a_manual_connection_converts_once_its_identity_trusts_the_coming_subject(world: World) -> None:
    application = world.application()
    world.grant_role(application, "Contributor")
    made = world.ask("POST", ENDPOINTS, keyed(client_id=application["appId"])).body
    refused = convert(world, made)
    assert (refused.status, refused.key) == (400, "ArgumentException")
    assert refused.message.startswith(NO_VALID_CONFIGURATION)
    assert "AADSTS70025" in refused.message
    assert (refused.body["typeName"], refused.body["eventId"]) == ("System.ArgumentException, mscorlib", 0)
    assert world.read(made).body == made
    trust(world, application, made)
    converted = convert(world, made)
    assert converted.status == 200
    assert "revertSchemeDeadline" not in converted.body["data"]
    parameters = converted.body["authorization"]["parameters"]
    assert not {"serviceprincipalkey", "authenticationType"} & set(parameters)
    assert tried(world, made)["statusCode"] == "ok"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"subject": "sc://Contoso/Payments/legacy"}, "AADSTS700213"),
        ({"issuer": f"https://vstoken.dev.azure.com/{ORGANIZATION}"}, "AADSTS700211"),
        ({"audiences": ["api://other"]}, "AADSTS700212"),
    ],
)
def test_a_credential_that_does_not_fit_is_no_valid_configuration(
    world: World, values: Any, code: str
) -> None:
    application = world.application()
    made = world.ask("POST", ENDPOINTS, keyed(client_id=application["appId"])).body
    trust(world, application, made, **values)
    refused = convert(world, made)
    assert refused.message.startswith(NO_VALID_CONFIGURATION)
    assert code in refused.message


def test_a_converted_manual_connection_goes_back_only_with_a_secret(world: World) -> None:
    application = world.application()
    world.grant_role(application, "Contributor")
    made = world.ask("POST", ENDPOINTS, keyed(client_id=application["appId"])).body
    trust(world, application, made)
    convert(world, made)
    refused = convert(world, made, "ServicePrincipal")
    assert refused.status == 400
    assert "Azure DevOps did not make the identity" in refused.message
    path = f"{ENDPOINTS}/{made['id']}"
    body = {**keyed(client_id=application["appId"], serviceprincipalkey=None), "id": made["id"]}
    assert world.ask("PUT", path, body).status == 400
    body = {**keyed(client_id=application["appId"]), "id": made["id"]}
    assert world.ask("PUT", path, body).body["authorization"] == made["authorization"]
    assert tried(world, made)["statusCode"] == "ok"


def test_a_connection_that_never_had_a_secret_has_none_to_go_back_to(world: World) -> None:
    own(world)
    made = world.ask("POST", ENDPOINTS, automatic()).body
    refused = convert(world, made, "ServicePrincipal")
    assert "was not converted from a secret" in refused.message


@pytest.mark.parametrize(
    ("before", "scheme"),
    [
        (FEDERATED, FEDERATED),
        ("ServicePrincipal", "ServicePrincipal"),
        ("ServicePrincipal", "ManagedServiceIdentity"),
    ],
)
def test_other_pairs_of_schemes_are_neither_an_upgrade_nor_a_downgrade(
    world: World, before: str, scheme: str
) -> None:
    made = world.ask("POST", ENDPOINTS, keyed() if before == "ServicePrincipal" else described()).body
    refused = convert(world, made, scheme)
    assert (refused.status, refused.message) == (
        400,
        f"Converting endpoint type azurerm scheme from {before} to {scheme} is neither an upgrade or a "
        "downgrade and is not supported.",
    )


def test_a_shared_connection_converts_after_its_sharing_has_ended(world: World) -> None:
    made = secret_of_its_own(world)
    path = f"{ENDPOINTS}/{made['id']}"
    world.ask("PATCH", path, [{"projectReference": {"id": OTHER_PROJECT}}])
    refused = convert(world, made)
    assert (refused.status, "2 projects share it" in refused.message) == (400, True)
    assert world.cloud.store.find("federated-credentials") == []
    assert world.ask("DELETE", path, projectIds=OTHER_PROJECT).status == 204
    assert convert(world, made).status == 200


def test_the_whole_connection_as_it_was_read_converts_even_with_a_deadline_in_it(world: World) -> None:
    made = secret_of_its_own(world)
    body = {**made, "name": "other", "authorization": {**made["authorization"], "scheme": FEDERATED}}
    body["data"] = {**made["data"], "revertSchemeDeadline": "2020-01-01T00:00:00.0000000Z"}
    query = {"operation": "convertauthenticationscheme"}
    answer = world.ask("PUT", f"{PROJECT}/{ENDPOINTS}/{made['id']}", body, **query)
    assert (answer.status, answer.body["name"]) == (200, "auto")
    assert not answer.body["data"]["revertSchemeDeadline"].startswith("2020")


def test_an_update_of_a_converted_connection_keeps_its_deadline(world: World) -> None:
    made = secret_of_its_own(world)
    converted = convert(world, made).body
    body = {**converted, "name": "renamed", "data": {**converted["data"], "revertSchemeDeadline": "never"}}
    body["serviceEndpointProjectReferences"][0]["name"] = "renamed"
    updated = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body).body
    assert updated["data"] == converted["data"]
    assert convert(world, made, "ServicePrincipal").status == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"authorization": None}, 400),
        ({"authorization": {}}, 400),
        ({"type": "generic"}, 400),
        ({"id": "00000000-0000-4000-8000-00000000000f"}, 400),
        ({"serviceEndpointProjectReferences": []}, 400),
        ({"serviceEndpointProjectReferences": [{"projectReference": {"name": "Nowhere"}}]}, 404),
    ],
)
def test_a_conversion_needs_a_scheme_its_own_id_and_its_projects(
    world: World, change: Any, status: int
) -> None:
    made = secret_of_its_own(world)
    body = {
        "id": made["id"],
        "type": "azurerm",
        "authorization": {"scheme": FEDERATED},
        "serviceEndpointProjectReferences": made["serviceEndpointProjectReferences"],
        **change,
    }
    answer = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", body, operation="ConvertAuthenticationScheme")
    assert answer.status == status
    assert world.read(made).body == made


def test_a_conversion_through_a_project_that_does_not_have_the_connection_is_not_found(world: World) -> None:
    made = secret_of_its_own(world)
    assert convert(world, made, path=f"{OTHER_PROJECT}/{ENDPOINTS}").status == 404


def test_another_operation_is_not_served(world: World) -> None:
    made = world.connection()
    answer = world.ask("PUT", f"{ENDPOINTS}/{made['id']}", described(), operation="Refresh")
    assert (answer.status, "Refresh" in answer.message) == (501, True)


def test_an_application_that_is_gone_cannot_be_configured(world: World) -> None:
    made = secret_of_its_own(world)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    deleted_items.delete_application(world.cloud, application)
    refused = convert(world, made)
    assert refused.message.startswith(NO_VALID_CONFIGURATION)
    assert f"The application {application['appId']} was not found in the directory." in refused.message
    assert "AADSTS700016" in refused.message


def test_an_application_that_vanished_after_a_conversion_has_no_secret_to_go_back_to(world: World) -> None:
    made = secret_of_its_own(world)
    convert(world, made)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    deleted_items.delete_application(world.cloud, application)
    assert "application was not found" in convert(world, made, "ServicePrincipal").message


def test_an_identity_with_twenty_credentials_takes_no_other_and_nothing_changes(world: World) -> None:
    made = secret_of_its_own(world)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    for number in range(20):
        trust(world, application, made, name=f"other-{number}", subject=f"other-{number}")
    refused = convert(world, made)
    assert refused.message.startswith(NO_VALID_CONFIGURATION)
    assert "at most 20 federated identity credentials" in refused.message
    assert world.read(made).body == made
    assert len(world.cloud.store.find("federated-credentials")) == 20


def test_a_credential_that_was_placed_before_is_not_placed_twice(world: World) -> None:
    made = secret_of_its_own(world)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    trust(world, application, made)
    assert convert(world, made).status == 200
    assert [each["name"] for each in world.cloud.store.find("federated-credentials")] == ["future"]


def test_only_an_owner_of_the_application_lets_the_service_configure_it(world: World) -> None:
    made = secret_of_its_own(world)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    assert application is not None
    world.cloud.store.put("applications", application["id"], {**application, "owners": []})
    refused = convert(world, made)
    assert "Ada Park is not an owner of the application" in refused.message
    trust(world, application, made)
    assert convert(world, made).status == 200
    reverted = convert(world, made, "ServicePrincipal")
    assert reverted.status == 200
    assert len(world.cloud.store.find("federated-credentials")) == 1


def test_an_administrator_of_applications_needs_to_own_none(world: World) -> None:
    made = secret_of_its_own(world)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    person = world.cloud.store.get("users", PERSON)
    assert application is not None
    assert person is not None
    world.cloud.store.put("applications", application["id"], {**application, "owners": []})
    world.cloud.store.put("users", PERSON, {**person, "directoryRoles": ["Application Administrator"]})
    assert convert(world, made).status == 200


def test_for_a_service_principal_nothing_is_configured_but_what_is_there_counts(world: World) -> None:
    made = secret_of_its_own(world)
    bearer = world.devops_bearer(world.application())
    refused = convert(world, made, authorization=bearer)
    assert refused.message.startswith(NO_VALID_CONFIGURATION)
    application = world.cloud.store.get("applications", made["data"]["appObjectId"])
    trust(world, application, made)
    assert convert(world, made, authorization=bearer).status == 200


def test_azure_stack_cannot_be_converted(world: World) -> None:
    body = keyed()
    body["data"]["environment"] = "AzureStack"
    made = world.ask("POST", ENDPOINTS, {**body, "url": "https://management.stack.example/"}).body
    refused = convert(world, made)
    assert (refused.status, refused.key) == (400, "ServiceEndpointException")
    assert refused.message == (
        "Unable to connect to the Azure Stack environment. Ignore the failure if the source is Azure DevOps."
    )


def test_a_national_cloud_converts_to_the_older_issuer_and_its_own_audience(world: World) -> None:
    application = world.application()
    body = keyed(client_id=application["appId"])
    body["data"]["environment"] = "AzureUSGovernment"
    made = world.ask("POST", ENDPOINTS, {**body, "url": None}).body
    issuer = f"https://vstoken.dev.azure.com/{ORGANIZATION}"
    credential = {"issuer": issuer, "subject": "sc://Contoso/Payments/legacy"}
    trust(world, application, made, **credential, audiences=["api://AzureADTokenExchangeUSGov"])
    converted = convert(world, made)
    assert converted.body["authorization"]["parameters"]["workloadIdentityFederationIssuer"] == issuer


def test_the_service_configures_nothing_in_a_national_cloud(world: World) -> None:
    made = secret_of_its_own(world)
    held = world.cloud.store.get("endpoints", made["id"])
    assert held is not None
    held["data"]["environment"] = "AzureChinaCloud"
    world.cloud.store.put("endpoints", made["id"], held)
    assert "outside the public cloud" in convert(world, made).message


def test_a_conversion_takes_the_issuer_that_the_organization_has_now(world: World) -> None:
    made = secret_of_its_own(world)
    world.issuer("devops")
    parameters = convert(world, made).body["authorization"]["parameters"]
    assert parameters["workloadIdentityFederationSubject"] == "sc://Contoso/Payments/auto"
    assert tried(world, made)["statusCode"] == "ok"


def test_a_converted_connection_and_its_credential_go_with_a_delete(world: World) -> None:
    made = secret_of_its_own(world)
    convert(world, made)
    assert world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT).status == 204
    assert world.cloud.store.find("federated-credentials") == []


def test_a_converted_manual_connection_is_not_deleted_while_a_credential_trusts_it(world: World) -> None:
    application = world.application()
    made = world.ask("POST", ENDPOINTS, keyed(client_id=application["appId"])).body
    trust(world, application, made)
    convert(world, made)
    refused = world.ask("DELETE", f"{ENDPOINTS}/{made['id']}", projectIds=PROJECT)
    assert "while federated credentials for app" in refused.message


def test_a_conversion_that_takes_a_while_is_not_ready_at_first(world: World) -> None:
    made = secret_of_its_own(world)
    world.cloud.faults.set_visibility("conversions", 2)
    assert convert(world, made).status == 200
    seen = [world.read(made).body for _ in range(3)]
    assert [each["isReady"] for each in seen] == [False, False, True]
    assert seen[0]["operationStatus"]["state"] == "InProgress"
    assert seen[2]["operationStatus"]["state"] == "Ready"
