"""Who may do what in Graph."""

import jwt
import pytest
from entra_world import OTHER_TENANT, SECRET, World

from azure_service_connections.sandbox.entra import service_principals


def holder(world: World, *rights: str, name: str = "holder") -> str:
    """A token of a new client that holds some rights."""
    return world.token_of(world.client(name, *rights)["appId"], "secret")


def test_a_request_without_a_token_is_refused(world: World) -> None:
    answer = world.send("GET", "/v1.0/applications", {}, b"")

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")
    assert answer.body["error"]["message"] == "Access token is empty."
    assert set(answer.body["error"]["innerError"]) == {"date", "request-id", "client-request-id"}


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30"])
def test_what_is_no_token_is_refused(world: World, token: str) -> None:
    answer = world.graph("GET", "applications", token=token)

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


def test_an_expired_token_is_refused(world: World) -> None:
    world.cloud.clock.advance(3598)
    assert world.graph("GET", "applications").status == 200
    world.cloud.clock.advance(2)

    answer = world.graph("GET", "applications")

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")
    assert answer.body["error"]["message"] == "Lifetime validation failed, the token is expired."


def test_a_token_from_the_future_is_refused(world: World) -> None:
    world.cloud.clock.advance(-3600)

    assert world.graph("GET", "applications").code == "InvalidAuthenticationToken"


def test_a_token_for_another_service_is_refused(world: World) -> None:
    token = world.token_of(world.operator["appId"], SECRET, scope="https://management.azure.com/.default")

    answer = world.graph("GET", "applications", token=token)

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")
    assert "audience" in answer.body["error"]["message"]


def test_a_forged_token_is_refused(world: World) -> None:
    claims = jwt.decode(world.token, options={"verify_signature": False})

    answer = world.graph("GET", "applications", token=world.cloud.signing.sign("devops", claims))

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


def test_a_token_for_a_pipeline_is_no_access_token(world: World) -> None:
    answer = world.graph("GET", "applications", token=world.assertion(aud=world.cloud.url))

    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("scope", ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"])
def test_a_token_for_graph_by_its_real_names_is_taken(world: World, scope: str) -> None:
    token = world.token_of(world.operator["appId"], SECRET, scope=f"{scope}/.default")

    assert world.graph("GET", "applications", token=token).status == 200


def test_the_token_of_a_deleted_service_principal_is_refused(world: World) -> None:
    client = world.client("leaver", "Application Administrator")
    token = world.token_of(client["appId"], "secret")
    world.graph("DELETE", f"servicePrincipals/{client['id']}")

    assert world.graph("GET", "applications", token=token).status == 401


def test_a_client_without_rights_can_neither_read_nor_write(world: World) -> None:
    token = holder(world)
    made = world.app_with_principal()
    before = world.cloud.store.dump()

    answers = [
        world.graph("GET", "applications", token=token),
        world.graph("GET", f"applications/{made['id']}", token=token),
        world.graph("GET", "servicePrincipals", token=token),
        world.graph("GET", "users", token=token),
        world.graph("GET", "groups", token=token),
        world.graph("GET", "organization", token=token),
        world.graph("GET", f"applications/{made['id']}/owners", token=token),
        world.graph("GET", f"applications/{made['id']}/federatedIdentityCredentials", token=token),
        world.graph("GET", f"directoryObjects/{world.operator['id']}", token=token),
        world.graph("POST", "applications", {"displayName": "mine"}, token=token),
        world.graph("POST", "servicePrincipals", {"appId": made["appId"]}, token=token),
        world.graph("PATCH", f"applications/{made['id']}", {"displayName": "mine"}, token=token),
        world.graph("DELETE", f"applications/{made['id']}", token=token),
        world.graph("POST", f"applications/{made['id']}/addPassword", token=token),
        world.graph("POST", f"applications/{made['id']}/removePassword", {"keyId": "x"}, token=token),
        world.graph("POST", f"applications/{made['id']}/federatedIdentityCredentials", {}, token=token),
        world.graph("POST", f"applications/{made['id']}/owners/$ref", {}, token=token),
        world.graph("DELETE", f"servicePrincipals(appId='{made['appId']}')", token=token),
        world.graph("POST", f"groups/{world.operator['id']}/members/$ref", {}, token=token),
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "Authorization_RequestDenied")}
    assert world.cloud.store.dump() == before


@pytest.mark.parametrize("right", ["Application.Read.All", "Directory.Read.All", "Global Reader"])
def test_a_reader_reads_applications_and_writes_nothing(world: World, right: str) -> None:
    token = holder(world, right)

    assert world.graph("GET", "applications", token=token).status == 200
    assert world.graph("POST", "applications", {"displayName": "mine"}, token=token).status == 403


@pytest.mark.parametrize(
    "right", ["Application.ReadWrite.All", "Cloud Application Administrator", "Global Administrator"]
)
def test_an_administrator_of_applications_writes_what_it_does_not_own(world: World, right: str) -> None:
    token = holder(world, right)
    made = world.app_with_principal()

    answer = world.graph("PATCH", f"applications/{made['id']}", {"notes": "seen"}, token=token)

    assert answer.status == 204


def test_a_right_to_read_people_is_not_one_to_read_applications(world: World) -> None:
    token = holder(world, "User.Read.All")

    assert world.graph("GET", "users", token=token).status == 200
    assert world.graph("GET", "applications", token=token).status == 403
    assert world.graph("GET", "groups", token=token).status == 403


def test_owned_by_makes_the_caller_an_owner_and_lets_it_write_only_what_it_owns(world: World) -> None:
    client = world.client("pipeline", "Application.ReadWrite.OwnedBy")
    token = world.token_of(client["appId"], "secret")
    foreign = world.app_with_principal("foreign")

    mine = world.graph("POST", "applications", {"displayName": "mine"}, token=token)

    assert mine.status == 201
    owners = world.graph("GET", f"applications/{mine.body['id']}/owners", token=token).body["value"]
    assert [owner["id"] for owner in owners] == [client["id"]]
    principal = world.graph("POST", "servicePrincipals", {"appId": mine.body["appId"]}, token=token)
    assert principal.status == 201
    fic = {"name": "abc", "issuer": "i", "subject": "s", "audiences": ["a"]}
    credentials = f"applications/{mine.body['id']}/federatedIdentityCredentials"
    assert world.graph("POST", credentials, fic, token=token).status == 201
    assert (
        world.graph("PATCH", f"servicePrincipals/{principal.body['id']}", {"notes": "x"}, token=token).status
        == 204
    )
    for method, path, body in (
        ("PATCH", f"applications/{foreign['id']}", {"displayName": "stolen"}),
        ("DELETE", f"applications/{foreign['id']}", None),
        ("POST", f"applications/{foreign['id']}/addPassword", None),
        ("POST", f"applications/{foreign['id']}/federatedIdentityCredentials", fic),
        ("POST", f"applications/{foreign['id']}/owners/$ref", {}),
    ):
        refused = world.graph(method, path, body, token=token)
        assert (refused.status, refused.code) == (403, "Authorization_RequestDenied"), path
    assert world.graph("GET", f"applications/{foreign['id']}", token=token).body["displayName"] == "foreign"


def test_owned_by_cannot_make_the_service_principal_of_a_foreign_application(world: World) -> None:
    token = holder(world, "Application.ReadWrite.OwnedBy")
    foreign = world.made("applications", {"displayName": "foreign"})

    assert world.graph("POST", "servicePrincipals", {"appId": foreign["appId"]}, token=token).status == 403
    assert world.cloud.store.one("service-principals", appId=foreign["appId"]) is None


def test_owned_by_loses_its_right_with_its_ownership(world: World) -> None:
    client = world.client("pipeline", "Application.ReadWrite.OwnedBy")
    token = world.token_of(client["appId"], "secret")
    mine = world.graph("POST", "applications", {"displayName": "mine"}, token=token).body

    dropped = world.graph("DELETE", f"applications/{mine['id']}/owners/{client['id']}/$ref", token=token)

    assert dropped.status == 204
    assert world.graph("DELETE", f"applications/{mine['id']}", token=token).status == 403


def test_a_directory_role_counts_at_once_and_a_permission_with_the_next_token(world: World) -> None:
    client = world.client("grows")
    token = world.token_of(client["appId"], "secret")
    client["directoryRoles"] = ["Application.ReadWrite.All"]
    world.cloud.store.put("service-principals", client["id"], client)
    assert world.graph("GET", "applications", token=token).status == 403
    assert world.graph("GET", "applications", token=world.token_of(client["appId"], "secret")).status == 200

    client["directoryRoles"] = ["Application Administrator"]
    world.cloud.store.put("service-principals", client["id"], client)

    assert world.graph("GET", "applications", token=token).status == 200


def test_a_service_principal_in_two_tenants_sees_the_one_of_its_token(world: World) -> None:
    client = world.client("visitor", "Directory.Read.All")
    application = world.cloud.store.one("applications", appId=client["appId"])
    assert application is not None
    application["signInAudience"] = "AzureADMultipleOrgs"
    world.cloud.store.put("applications", application["id"], application)
    abroad = service_principals.register(world.cloud, OTHER_TENANT, client["appId"])
    abroad["directoryRoles"] = ["Directory.Read.All"]
    world.cloud.store.put("service-principals", abroad["id"], abroad)

    answer = world.sign_in(OTHER_TENANT, client_id=client["appId"], client_secret="secret")

    (organization,) = world.graph("GET", "organization", token=answer.body["access_token"]).body["value"]
    assert organization["id"] == OTHER_TENANT


def test_a_failure_on_request_is_worded_as_graph_words_it(world: World) -> None:
    world.cloud.faults.fail_next("graph", 429, retry_after=3)
    world.cloud.faults.fail_next("graph", 503)

    throttled, unavailable = (world.graph("GET", "applications") for _ in range(2))

    assert (throttled.status, throttled.code) == (429, "TooManyRequests")
    assert throttled.headers["retry-after"] == "3"
    assert (unavailable.status, unavailable.code) == (503, "ServiceUnavailable")
    assert world.graph("GET", "applications").status == 200
