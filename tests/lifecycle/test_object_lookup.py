"""Looking objects up by what makes each of them unique, in the services of the sandbox."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fake_engine import AZURE, DEVOPS, TYPES, pending, resource
from served_cloud import World

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup, Unclear
from azure_service_connections.lifecycle.object_lookup import ObjectLookup
from azure_service_connections.lifecycle.pending_operations import PendingOperation, State
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services

TAG = "pulumi:shop-connections/prod/shop"

Find = Callable[..., Lookup]


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def find(world: World, pauses: list[float]) -> Iterator[Find]:
    opened: list[ObjectLookup] = []

    def look(
        kind: str,
        inputs: Mapping[str, Any],
        known: list[dict[str, Any]] | None = None,
        provider: Mapping[str, Any] | None = None,
    ) -> Lookup:
        of = resource(kind, "shop", inputs)
        settings = {AZURE: {"subscriptionId": world.subscription("Shop")}}.get(TYPES[kind][1], {})
        state = State(
            {
                "deployment": {
                    "resources": [
                        {"urn": TYPES[kind][1], "type": "pulumi:providers:x", "inputs": provider or settings},
                        *(known or []),
                    ],
                    "pending_operations": [pending("creating", of)],
                }
            }
        )
        lookup = ObjectLookup(state, world.environment, pause=pauses.append)
        opened.append(lookup)
        return lookup.find_all([PendingOperation("creating", of)])[of["urn"]]

    yield look
    for lookup in opened:
        lookup.close()


def created(services: Services, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = services.graph("POST", path, body=body)
    assert answer.successful, answer
    return dict(answer.document)


def test_an_application_is_known_by_its_tag_and_not_by_its_name(find: Find, services: Services) -> None:
    created(services, "/applications", {"displayName": "shop", "tags": ["pulumi:shop-connections/dev/shop"]})
    made = created(services, "/applications", {"displayName": "TERRAFORM_UPDATE_1", "tags": [TAG, "other"]})
    found = find("application", {"displayName": "shop", "tags": ["other", TAG]})
    assert found == Found(f"/applications/{made['id']}")


def test_an_application_that_the_state_has_already_is_not_the_one_that_is_looked_for(
    find: Find, services: Services
) -> None:
    made = created(services, "/applications", {"displayName": "shop", "tags": [TAG]})
    known = resource("application", "shop", {}, id=f"/applications/{made['id']}")
    assert find("application", {"tags": [TAG]}, known=[known]) == Absent()


def test_an_application_without_a_tag_of_its_own_is_left_to_a_person(find: Find) -> None:
    found = find("application", {"displayName": "shop"})
    assert isinstance(found, Unclear)
    assert "look for 'shop' under App registrations" in found.reason


def test_what_entra_does_not_show_yet_is_looked_for_again(
    find: Find, world: World, services: Services, pauses: list[float]
) -> None:
    world.cloud.faults.set_visibility("applications", 2)
    made = created(services, "/applications", {"displayName": "shop", "tags": [TAG]})
    assert find("application", {"tags": [TAG]}) == Found(f"/applications/{made['id']}")
    assert pauses == [1.0, 2.0]


def test_what_entra_never_shows_is_absent_after_a_few_looks(find: Find, pauses: list[float]) -> None:
    assert find("application", {"tags": [TAG]}) == Absent()
    assert pauses == [1.0, 2.0, 4.0]


def test_a_service_principal_is_known_by_its_client_id(find: Find, world: World, services: Services) -> None:
    principal = world.one("service-principals", displayName="shop")
    assert find("principal", {"clientId": principal["appId"]}) == Found(
        f"/servicePrincipals/{principal['id']}"
    )
    lonely = created(services, "/applications", {"displayName": "lonely"})
    assert find("principal", {"clientId": lonely["appId"]}) == Absent()


def test_a_federated_credential_is_known_by_application_and_name(find: Find, world: World) -> None:
    application = world.one("applications", displayName="shop")
    credential = world.one("federated-credentials", name="connection-shop")
    inputs = {"applicationId": f"/applications/{application['id']}", "displayName": "connection-shop"}
    identifier = f"{application['id']}/federatedIdentityCredential/{credential['id']}"
    assert find("credential", inputs) == Found(identifier)
    assert find("credential", {**inputs, "displayName": "connection-Shop"}) == Absent()
    nowhere = "/applications/00000000-0000-0000-0000-000000000000"
    assert find("credential", {**inputs, "applicationId": nowhere}) == Absent()


def test_a_pending_password_is_removed_and_others_are_kept(
    find: Find, world: World, services: Services
) -> None:
    application = world.one("applications", displayName="shop")["id"]
    keys = {}
    for name in ("pulumi", "by hand", "pulumi"):
        body = {"passwordCredential": {"displayName": name}}
        keys.setdefault(name, []).append(
            created(services, f"/applications/{application}/addPassword", body)["keyId"]
        )
    known = resource("password", "old", {}, id=f"{application}/password/{keys['pulumi'][0]}")
    found = find(
        "password", {"applicationId": f"/applications/{application}", "displayName": "pulumi"}, known=[known]
    )
    assert found == Absent("removed the secret that it had made, which nobody knows")
    left = world.one("applications", displayName="shop")["passwordCredentials"]
    assert [each["keyId"] for each in left] == [keys["pulumi"][0], keys["by hand"][0]]


def test_a_password_without_a_name_is_left_to_a_person(find: Find, world: World, services: Services) -> None:
    application = world.one("applications", displayName="shop")["id"]
    assert find("password", {"applicationId": application}) == Absent()
    created(services, f"/applications/{application}/addPassword", {"passwordCredential": {}})
    assert isinstance(find("password", {"applicationId": application}), Unclear)


def test_azure_resources_are_known_by_the_id_that_follows_from_their_inputs(find: Find, world: World) -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    identity = f"{world.group('Shop', 'rg-shop')}/providers/{kind}/id-network"
    of_identity = {"resourceGroupName": "rg-shop", "resourceName": "id-network"}
    assert find("identity", of_identity) == Found(identity)
    assert find("identity", {**of_identity, "resourceName": "id-other"}) == Absent()
    assert find("identity", {**of_identity, "resourceGroupName": "rg-none"}) == Absent()
    name = "federatedIdentityCredentialResourceName"
    credential = find("identity credential", {**of_identity, name: "connection-network"})
    assert credential == Found(f"{identity}/federatedIdentityCredentials/connection-network")
    assert find("identity credential", {**of_identity, name: "other"}) == Absent()


def test_a_role_assignment_is_known_by_scope_and_name(find: Find, world: World) -> None:
    principal = world.one("service-principals", displayName="shop")["id"]
    held = world.one("role-assignments", principalId=principal)
    inputs = {"scope": held["scope"], "roleAssignmentName": held["name"]}
    found = find("assignment", inputs, provider={"environment": "public"})
    assert isinstance(found, Found)
    assert found.id.lower() == held["id"].lower()
    other = {**inputs, "roleAssignmentName": "00000000-0000-0000-0000-000000000001"}
    assert find("assignment", other) == Absent()


def test_what_was_to_be_deleted_is_looked_up_by_its_id(world: World, services: Services) -> None:
    application = world.one("applications", displayName="shop")["id"]
    credential = world.one("federated-credentials", name="connection-shop")["id"]
    principal = world.one("service-principals", displayName="shop")["id"]
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    identity = f"{world.group('Shop', 'rg-shop')}/providers/{kind}/id-"
    body = {"passwordCredential": {"displayName": "pulumi"}}
    password = created(services, f"/applications/{application}/addPassword", body)["keyId"]
    shop = world.shop()
    connection = {"projectId": shop.project_id, "serviceEndpointName": "shop"}
    right = {"projectId": shop.project_id, "resourceId": shop.connection_id, "type": "endpoint"}
    nothing = "00000000-0000-0000-0000-000000000001"
    cases: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
        ("application", f"/applications/{application}", f"/applications/{nothing}", {}, {}),
        ("principal", f"/servicePrincipals/{principal}", f"/servicePrincipals/{nothing}", {}, {}),
        (
            "credential",
            f"{application}/federatedIdentityCredential/{credential}",
            f"{application}/federatedIdentityCredential/{nothing}",
            {},
            {},
        ),
        ("password", f"{application}/password/{password}", f"{application}/password/{nothing}", {}, {}),
        ("identity", f"{identity}network", f"{identity}nothing", {}, {}),
        ("endpoint", shop.connection_id, nothing, connection, connection),
        ("authorization", "", "", {**right, "pipelineId": shop.pipelines[0].id}, {**right, "pipelineId": 99}),
    ]
    lookup = ObjectLookup(State({}), world.environment)
    for kind, there, gone, of_there, of_gone in cases:
        held = PendingOperation("deleting", resource(kind, "shop", of_there, id=there))
        lost = PendingOperation("deleting", resource(kind, "shop", of_gone, id=gone))
        assert (lookup.is_there(held), lookup.is_there(lost)) == (True, False), kind
    lookup.close()


def test_a_connection_that_was_just_deleted_is_gone(world: World, services: Services) -> None:
    audit = world.audit()
    credential = world.one("federated-credentials", name="connection-audit")
    world.cloud.store.remove("federated-credentials", credential["id"])
    path = f"/_apis/serviceendpoint/endpoints/{audit.connection_id}"
    removed = services.devops("DELETE", path, parameters={"projectIds": audit.project_id})
    assert removed.status == 204
    inputs = {"projectId": audit.project_id, "serviceEndpointName": "audit"}
    deleted = PendingOperation("deleting", resource("endpoint", "audit", inputs, id=audit.connection_id))
    lookup = ObjectLookup(State({}), world.environment)
    assert lookup.is_there(deleted) is False
    lookup.close()


def test_the_subscription_comes_from_the_provider_and_else_from_the_environment(
    find: Find, world: World
) -> None:
    inputs = {"resourceGroupName": "rg-shop", "resourceName": "id-network"}
    assert find("identity", inputs, provider={"subscriptionId": world.subscription("Elsewhere")}) == Absent()
    assert isinstance(find("identity", inputs, provider={"environment": "public"}), Unclear)
    world.environment["ARM_SUBSCRIPTION_ID"] = world.subscription("Shop")
    assert isinstance(find("identity", inputs, provider={"environment": "public"}), Found)


def test_a_connection_is_known_by_project_and_name_whatever_its_case(find: Find, world: World) -> None:
    project, endpoint = world.one("projects", name="Web")["id"], world.shop().connection_id
    inputs = {"projectId": project, "serviceEndpointName": "Shop"}
    assert find("endpoint", inputs) == Found(endpoint, f"{project}/{endpoint}")
    assert find("endpoint", {**inputs, "serviceEndpointName": "sho"}) == Absent()


def test_a_connection_of_the_generic_resource_is_known_in_the_same_way(find: Find, world: World) -> None:
    project, endpoint = world.one("projects", name="Web")["id"], world.shop().connection_id
    assert find("generic", {"projectId": project, "name": "shop"}) == Found(endpoint, f"{project}/{endpoint}")
    assert find("generic", {"projectId": project, "name": "none"}) == Absent()


def test_a_check_is_known_by_its_kind_and_an_approval_by_whom_it_asks(
    find: Find, world: World, services: Services
) -> None:
    project, endpoint = world.one("projects", name="Web")["id"], world.shop().connection_id
    asked = {"searchFilter": "General", "filterValue": "kim@fabrikam.example"}
    (kim,) = services.devops("GET", "/_apis/identities", parameters=asked).document["value"]
    inputs = {"projectId": project, "targetResourceId": endpoint, "targetResourceType": "endpoint"}
    assert find("lock", inputs) == Absent()
    made = {
        kind: added_check(services, project, endpoint, type_id, settings)
        for kind, type_id, settings in (
            ("lock", "2ef31ad6-baa0-403a-8b45-2cbc9b4e5563", {}),
            ("approval", "8c6f20a7-a545-4486-9777-f762fafe0d4d", {"approvers": [{"id": kim["id"]}]}),
        )
    }
    assert find("lock", inputs) == Found(made["lock"], f"{project}/{made['lock']}")
    assert find("branches", inputs) == Absent()
    assert find("approval", {**inputs, "approvers": [kim["id"].upper()]}) == Found(
        made["approval"], f"{project}/{made['approval']}"
    )
    assert find("approval", {**inputs, "approvers": ["somebody"]}) == Absent()
    known = resource("lock", "other", {}, id=made["lock"])
    assert find("lock", inputs, known=[known]) == Absent()
    lookup = ObjectLookup(State({}), world.environment)
    there, gone = (resource("lock", "shop", inputs, id=each) for each in (made["lock"], "999"))
    assert lookup.is_there(PendingOperation("deleting", there)) is True
    assert lookup.is_there(PendingOperation("deleting", gone)) is False
    lookup.close()


def test_a_role_on_a_connection_is_given_again_by_the_next_run(find: Find) -> None:
    found = find("role", {"roleName": "User"})
    assert isinstance(found, Absent)
    assert "the next `pulumi up` gives the role" in found.done


def added_check(
    services: Services, project: str, endpoint: str, type_id: str, settings: dict[str, Any]
) -> str:
    answer = services.devops(
        "POST",
        f"/{project}/_apis/pipelines/checks/configurations",
        version=PREVIEW_VERSION,
        body={
            "resource": {"id": endpoint, "type": "endpoint"},
            "type": {"id": type_id},
            "settings": settings,
            "timeout": 60,
        },
    )
    assert answer.successful, answer
    return str(answer.document["id"])


def test_a_certificate_is_the_one_that_the_state_does_not_know(find: Find, world: World) -> None:
    application = world.one("applications", displayName="shop")
    keys = [
        {"keyId": f"00000000-0000-0000-0000-00000000000{n}", "type": "X", "usage": "Verify"} for n in (1, 2)
    ]
    inputs = {"applicationId": f"/applications/{application['id']}"}
    assert find("certificate", inputs) == Absent()
    world.put("applications", {**application, "keyCredentials": keys}, application["id"])
    first, second = (f"{application['id']}/certificate/{each['keyId']}" for each in keys)
    assert isinstance(find("certificate", inputs), Unclear)
    assert find("certificate", inputs, known=[resource("certificate", "old", {}, id=first)]) == Found(second)


def test_the_right_of_a_pipeline_is_known_by_being_given(find: Find, world: World) -> None:
    project, endpoint = world.one("projects", name="Web")["id"], world.shop().connection_id
    deploy, lint = (world.one("pipelines", name=name)["id"] for name in ("deploy", "lint"))
    inputs = {"projectId": project, "resourceId": endpoint, "type": "endpoint"}
    given = find("authorization", {**inputs, "pipelineId": deploy})
    assert given == Found(f"{project}/endpoint/{endpoint};pipeline_id={deploy}")
    assert find("authorization", {**inputs, "pipelineId": lint}) == Absent()
    assert find("authorization", inputs) == Absent()


def test_what_a_provider_is_configured_with_goes_before_the_environment(find: Find, world: World) -> None:
    project, endpoint = world.one("projects", name="Web")["id"], world.shop().connection_id
    inputs = {"projectId": project, "serviceEndpointName": "shop"}
    token = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    configured = {
        "orgServiceUrl": world.environment["AZDO_ORG_SERVICE_URL"],
        "personalAccessToken": {**token, "plaintext": f'"{world.environment["AZDO_PERSONAL_ACCESS_TOKEN"]}"'},
    }
    world.environment["AZDO_ORG_SERVICE_URL"] = f"{world.cloud.url}/nobody"
    world.environment["AZDO_PERSONAL_ACCESS_TOKEN"] = "wrong"
    assert find("endpoint", inputs, provider=configured) == Found(endpoint, f"{project}/{endpoint}")


def test_types_that_are_not_known_are_left_to_a_person(world: World, find: Find) -> None:
    TYPES["other"] = ("random:index/randomId:RandomId", DEVOPS)
    found = find("other", {})
    assert isinstance(found, Unclear)
    assert "random:index/randomId:RandomId are not looked up" in found.reason
