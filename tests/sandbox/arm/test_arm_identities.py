"""Managed identities and their federated credentials: the rules of workload identity federation."""

import threading

import pytest
from arm_world import AT_GROUP, AT_SUBSCRIPTION, IDENTITIES, TENANT, Answer, World

from azure_service_connections.sandbox.arm.service import guarded_write
from azure_service_connections.sandbox.message import Request

IDENTITY = f"{IDENTITIES}/id-payments"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
AUDIENCE = "api://AzureADTokenExchange"


def trust(world: World, name: str, subject: str = "sc://contoso/Payments/prod", **other: object) -> Answer:
    """Ask for a federated credential of the usual identity."""
    identity = str(other.pop("identity", IDENTITY))
    properties = {"issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE], **other}
    properties = {key: value for key, value in properties.items() if value is not None}
    return world.ask("PUT", f"{identity}/federatedIdentityCredentials/{name}", {"properties": properties})


def held(world: World) -> list[tuple[str, str]]:
    """Name and subject of all federated credentials of the usual identity, as Entra finds them."""
    found = world.cloud.store.find("federated-credentials", parent=IDENTITY.lower())
    return [(each["name"], each["subject"]) for each in found]


def test_an_identity_comes_with_a_service_principal_of_its_own(world: World) -> None:
    answer = world.identity()
    assert answer.status == 201
    assert answer.body["id"] == IDENTITY
    assert answer.body["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    properties = answer.body["properties"]
    assert properties["tenantId"] == TENANT
    principal = world.cloud.store.get("service-principals", properties["principalId"])
    assert principal is not None
    assert principal["appId"] == properties["clientId"]
    assert principal["servicePrincipalType"] == "ManagedIdentity"
    assert principal["resourceId"] == IDENTITY.lower()


def test_an_identity_is_found_in_any_case_and_keeps_its_spelling(world: World) -> None:
    made = world.identity("Id-Payments")
    assert made.body["name"] == "Id-Payments"
    assert world.ask("GET", IDENTITY.upper()).body == made.body


def test_a_second_put_keeps_the_principal_and_changes_the_tags(world: World) -> None:
    first = world.identity()
    second = world.ask("PUT", IDENTITY.lower(), {"location": "West Europe", "tags": {"team": "payments"}})
    assert second.status == 200
    assert second.body["properties"] == first.body["properties"]
    assert second.body["tags"] == {"team": "payments"}
    assert second.body["id"] == first.body["id"]
    moved = world.ask("PUT", IDENTITY, {"location": "northeurope"})
    assert (moved.status, moved.code) == (409, "InvalidResourceLocation")


def test_an_identity_needs_a_group_a_region_and_a_proper_name(world: World) -> None:
    assert world.ask("PUT", IDENTITY, {"location": "westeurope"}).code == "ResourceGroupNotFound"
    world.resource_group()
    assert world.ask("PUT", IDENTITY, {}).code == "LocationRequired"
    assert world.ask("PUT", IDENTITY, {"location": "atlantis"}).code == "LocationNotAvailableForResourceType"
    assert world.ask("PUT", f"{IDENTITIES}/-x", {"location": "westeurope"}).code == "InvalidResourceName"
    assert world.ask("GET", IDENTITY).code == "ResourceNotFound"
    assert world.cloud.store.find("service-principals", servicePrincipalType="ManagedIdentity") == []


def test_deleting_an_identity_takes_its_principal_and_its_credentials(world: World) -> None:
    world.identity()
    assert trust(world, "prod").status == 201
    assert world.ask("DELETE", IDENTITY).status == 200
    assert world.ask("DELETE", IDENTITY).status == 204
    assert held(world) == []
    assert world.cloud.store.one("service-principals", resourceId=IDENTITY.lower()) is None


def test_an_identity_made_again_is_another_principal(world: World) -> None:
    first = world.identity()
    world.ask("DELETE", IDENTITY)
    second = world.identity()
    assert first.body["properties"]["principalId"] != second.body["properties"]["principalId"]


def test_identities_are_listed_in_a_group_and_in_a_subscription_as_far_as_they_are_readable(
    world: World,
) -> None:
    world.identity("id-one")
    world.identity("id-two")
    kind = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    for scope in (AT_GROUP, AT_SUBSCRIPTION):
        assert world.ask("GET", f"{scope}/{kind}").names == ["id-one", "id-two"]
    reader = world.granted("Reader", f"{IDENTITIES}/id-two")
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/{kind}", by=reader).names == ["id-two"]
    assert world.ask("GET", f"{AT_SUBSCRIPTION}/{kind}", by=world.principal("nobody")).status == 403


def test_a_federated_credential_is_kept_where_entra_looks_for_it(world: World) -> None:
    client_id = world.identity().body["properties"]["clientId"]
    answer = trust(world, "prod")
    assert answer.status == 201
    assert answer.body == {
        "id": f"{IDENTITY}/federatedIdentityCredentials/prod",
        "name": "prod",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "properties": {"issuer": ISSUER, "subject": "sc://contoso/Payments/prod", "audiences": [AUDIENCE]},
    }
    (kept,) = world.cloud.store.find("federated-credentials", parent=IDENTITY.lower())
    assert (kept["clientId"], kept["issuer"], kept["audiences"]) == (client_id, ISSUER, [AUDIENCE])
    assert world.ask("GET", f"{IDENTITY}/federatedIdentityCredentials/PROD").body == answer.body
    assert world.ask("GET", f"{IDENTITY}/federatedIdentityCredentials").body["value"] == [answer.body]


def test_a_federated_credential_can_be_asked_for_again_and_is_replaced_under_its_name(world: World) -> None:
    world.identity()
    trust(world, "prod")
    identifier = world.cloud.store.keys("federated-credentials")
    assert trust(world, "PROD").status == 200
    answer = trust(world, "prod", "sc://contoso/Payments/other")
    assert answer.status == 200
    assert held(world) == [("prod", "sc://contoso/Payments/other")]
    assert world.cloud.store.keys("federated-credentials") == identifier


def test_a_federated_credential_is_deleted_once(world: World) -> None:
    world.identity()
    trust(world, "prod")
    path = f"{IDENTITY}/federatedIdentityCredentials/prod"
    assert world.ask("DELETE", path).status == 200
    assert held(world) == []
    assert world.ask("DELETE", path).status == 204
    missing = world.ask("GET", path)
    assert (missing.status, missing.code) == (404, "NotFound")


def test_issuer_and_subject_are_unique_for_an_identity_to_the_letter(world: World) -> None:
    world.identity()
    trust(world, "prod")
    answer = trust(world, "again")
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.message == "Issuer and subject combination already exists for this Managed Identity."
    assert held(world) == [("prod", "sc://contoso/Payments/prod")]
    assert trust(world, "other-case", "sc://contoso/payments/prod").status == 201
    world.identity("id-second")
    assert trust(world, "prod", identity=f"{IDENTITIES}/id-second").status == 201


def test_an_identity_has_at_most_twenty_federated_credentials(world: World) -> None:
    world.identity()
    for number in range(20):
        assert trust(world, f"connection-{number}", f"subject-{number}").status == 201
    answer = trust(world, "one-more", "subject-20")
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert "maximum of 20" in answer.message
    assert len(held(world)) == 20
    assert trust(world, "connection-7", "subject-changed").status == 200


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"audiences": []}, "Federated Identity Credentials must have exactly 1 audience."),
        ({"audiences": [AUDIENCE, "other"]}, "Federated Identity Credentials must have exactly 1 audience."),
        ({"issuer": None}, "must specify 'issuer', 'subject' and 'audience'."),
        ({"subject": ""}, "must specify 'issuer', 'subject' and 'audience'."),
        ({"audiences": None}, "must specify 'issuer', 'subject' and 'audience'."),
        (
            {"subject": "s" * 601},
            "The subject of a Federated Identity Credential must be a string of at most 600",
        ),
        ({"issuer": "https://" + "i" * 600}, "The issuer of a Federated Identity Credential"),
        ({"audiences": ["a" * 601]}, "The audience of a Federated Identity Credential"),
    ],
)
def test_a_federated_credential_that_is_not_right_is_refused(
    world: World, properties: dict[str, object], message: str
) -> None:
    world.identity()
    answer = trust(world, "prod", **properties)  # type: ignore[arg-type]
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert message in answer.message
    assert held(world) == []


def test_a_body_without_properties_is_refused(world: World) -> None:
    world.identity()
    answer = world.ask("PUT", f"{IDENTITY}/federatedIdentityCredentials/prod", {})
    assert answer.message == "Federated Identity Credential from HTTP body has empty properties."


@pytest.mark.parametrize("name", ["ab", "-abc", "a.b.c", "a" * 121, "_abc", "a bc"])
def test_a_name_outside_the_rule_is_refused(world: World, name: str) -> None:
    world.identity()
    answer = trust(world, name.replace(" ", "%20"))
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.message.startswith(f"Federated Identity Credential name '{name}' is invalid.")
    assert held(world) == []


@pytest.mark.parametrize("name", ["abc", "a" * 120, "0-_", "A1_b-"])
def test_a_name_within_the_rule_is_taken(world: World, name: str) -> None:
    world.identity()
    assert trust(world, name).status == 201


def test_a_credential_needs_its_identity(world: World) -> None:
    world.resource_group()
    answer = trust(world, "prod")
    assert (answer.status, answer.code) == (404, "ParentResourceNotFound")
    assert answer.message.startswith("The parent user-assigned managed identity doesn't exist.")


def test_some_regions_take_no_federated_credentials(world: World) -> None:
    world.identity(location="malaysiasouth")
    answer = trust(world, "prod")
    assert answer.status == 405
    assert answer.message.endswith("Support for federated identity credentials not enabled.")


def test_a_reader_of_an_identity_does_not_change_whom_it_trusts(world: World) -> None:
    world.identity()
    reader = world.granted("Reader", AT_GROUP)
    path = f"{IDENTITY}/federatedIdentityCredentials/prod"
    body = {"properties": {"issuer": ISSUER, "subject": "x", "audiences": [AUDIENCE]}}
    refused = world.ask("PUT", path, body, by=reader)
    assert (refused.status, refused.code) == (403, "AuthorizationFailed")
    assert "federatedIdentityCredentials/write' over scope" in refused.message
    assert held(world) == []
    assert world.ask("GET", f"{IDENTITY}/federatedIdentityCredentials", by=reader).names == []


def test_two_writes_at_once_for_one_identity_are_refused_and_for_two_are_not(served_world: World) -> None:
    world = served_world
    world.identity()
    world.identity("id-second")
    answers: dict[str, Answer] = {}
    barrier = threading.Barrier(3)

    def write(key: str, identity: str) -> None:
        barrier.wait()
        answers[key] = trust(world, f"{key}-credential", f"subject-{key}", identity=identity)

    # The application holds each write open for a moment, and the three start together.
    writers = [
        threading.Thread(target=write, args=arguments)
        for arguments in (("one", IDENTITY), ("two", IDENTITY.upper()), ("three", f"{IDENTITIES}/id-second"))
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert answers["three"].status == 201
    first, second = sorted((answers["one"], answers["two"]), key=lambda answer: answer.status)
    assert first.status == 201
    assert (second.status, second.code) == (
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
    )
    assert "Too many Federated Identity Credentials are written concurrently" in second.message
    assert len(held(world)) == 1


@pytest.mark.parametrize(
    ("method", "path", "guarded"),
    [
        ("PUT", f"{IDENTITY}/federatedIdentityCredentials/prod", True),
        ("DELETE", f"{IDENTITY}/FederatedIdentityCredentials/prod", True),
        ("GET", f"{IDENTITY}/federatedIdentityCredentials/prod", False),
        ("PUT", IDENTITY, False),
    ],
)
def test_only_writes_of_credentials_are_kept_apart(method: str, path: str, guarded: bool) -> None:
    assert guarded_write(Request(method, path, {}, {})) == (IDENTITY.lower() if guarded else None)
