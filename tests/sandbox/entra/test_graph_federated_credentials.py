"""Federated credentials in Graph: their rules and limits."""

from typing import Any

import pytest
from entra_world import AUDIENCE, DEVOPS_ISSUER, ENTRA_ISSUER, World


def credentials_of(world: World, made: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.graph(
        "GET", f"applications/{made['id']}/federatedIdentityCredentials"
    ).body["value"]
    return found


def test_a_credential_is_kept_as_it_was_sent_and_found_by_id_and_by_name(world: World) -> None:
    made = world.app_with_principal()
    sent = {
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "audiences": [AUDIENCE],
        "description": "",
        "issuer": ENTRA_ISSUER,
        "name": "payments-prod",
        "subject": "/eid1/c/pub/t/x/a/y/sc/z/1",
    }

    answer = world.graph("POST", f"applications/{made['id']}/federatedIdentityCredentials", sent)

    assert answer.status == 201
    for key in (answer.body["id"], "payments-prod", "name='payments-prod'"):
        separator = f"({key})" if "=" in key else f"/{key}"
        address = f"applications/{made['id']}/federatedIdentityCredentials{separator}"
        shown = world.graph("GET", address).body
        assert {name: shown[name] for name in sent if "@" not in name} == {
            name: value for name, value in sent.items() if "@" not in name
        }
        assert "parent" not in shown
        assert "clientId" not in shown


def test_credentials_are_the_same_on_v1_and_beta_and_by_client_id(world: World) -> None:
    made = world.app_with_principal()
    credential = world.graph(
        "POST",
        f"/beta/applications(appId='{made['appId']}')/federatedIdentityCredentials",
        {"name": "beta", "issuer": ENTRA_ISSUER, "subject": "s", "audiences": [AUDIENCE]},
    ).body

    address = f"applications(appId='{made['appId']}')/federatedIdentityCredentials/{credential['id']}"

    assert world.graph("GET", address).body["name"] == "beta"
    assert world.graph("GET", f"/beta/{address}").body["name"] == "beta"


def test_the_twenty_first_credential_is_refused(world: World) -> None:
    made = world.app_with_principal()
    for number in range(20):
        world.trust(made, name=f"credential-{number}", subject=f"subject-{number}")

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": "one-more", "issuer": ENTRA_ISSUER, "subject": "more", "audiences": [AUDIENCE]},
    )

    assert (answer.status, answer.code) == (400, "Directory_QuotaExceeded")
    assert len(credentials_of(world, made)) == 20
    world.graph("DELETE", f"applications/{made['id']}/federatedIdentityCredentials/credential-0")
    world.trust(made, name="one-more", subject="more")


def test_a_name_is_unique_in_its_application(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, name="same", subject="one")

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": "same", "issuer": ENTRA_ISSUER, "subject": "two", "audiences": [AUDIENCE]},
    )

    assert (answer.status, answer.code) == (409, "Request_MultipleObjectsWithSameKeyValue")
    assert answer.body["error"]["message"] == "FederatedIdentityCredential with name same already exists."
    assert [each["subject"] for each in credentials_of(world, made)] == ["one"]


def test_issuer_and_subject_are_unique_in_their_application_and_only_there(world: World) -> None:
    made, other = world.app_with_principal("one"), world.app_with_principal("two")
    world.trust(made, name="first")

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": "second", "issuer": ENTRA_ISSUER, "subject": "subject", "audiences": [AUDIENCE]},
    )

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")
    assert "combination of issuer and subject must be unique" in answer.body["error"]["message"]
    world.trust(made, name="second", issuer=DEVOPS_ISSUER)
    world.trust(made, name="third", subject="Subject")
    world.trust(other, name="first")


@pytest.mark.parametrize(
    "name", ["ab", "a" * 121, "-abc", "_abc", "a b c", "a.b.c", "ä-name", "name\n", 12345]
)
def test_a_name_outside_the_rule_is_refused(world: World, name: object) -> None:
    made = world.app_with_principal()

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": name, "issuer": ENTRA_ISSUER, "subject": "s", "audiences": [AUDIENCE]},
    )

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")
    assert credentials_of(world, made) == []


@pytest.mark.parametrize("name", ["abc", "a" * 120, "0-_", "Payments_prod-1"])
def test_a_name_within_the_rule_is_taken(world: World, name: str) -> None:
    made = world.app_with_principal()

    assert world.trust(made, name=name)["name"] == name


@pytest.mark.parametrize("missing", ["name", "issuer", "subject"])
def test_a_missing_value_is_named(world: World, missing: str) -> None:
    made = world.app_with_principal()
    body = {"name": "abc", "issuer": ENTRA_ISSUER, "subject": "s", "audiences": [AUDIENCE]}
    del body[missing]

    answer = world.graph("POST", f"applications/{made['id']}/federatedIdentityCredentials", body)

    assert (answer.status, answer.code) == (400, "Request_BadRequest")
    assert f"'{missing}'" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "values",
    [
        {"audiences": []},
        {"audiences": [AUDIENCE, "api://second"]},
        {"audiences": AUDIENCE},
        {"audiences": [""]},
        {"audiences": ["a" * 601]},
        {"issuer": "https://" + "i" * 600},
        {"subject": "s" * 601},
        {"description": "d" * 601},
        {"subject": 7},
        {"claimsMatchingExpression": {"languageVersion": 1, "value": "claims['sub'] eq 'x'"}},
    ],
)
def test_a_value_that_may_not_be_is_refused(world: World, values: dict[str, Any]) -> None:
    made = world.app_with_principal()

    answer = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": "abc", "issuer": ENTRA_ISSUER, "subject": "s", "audiences": [AUDIENCE], **values},
    )

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")
    assert credentials_of(world, made) == []


def test_values_of_exactly_600_characters_are_taken(world: World) -> None:
    made = world.app_with_principal()

    made_credential = world.trust(made, issuer="i" * 600, subject="s" * 600, description="d" * 600)

    assert len(made_credential["subject"]) == 600


def test_a_patch_changes_values_but_never_the_name(world: World) -> None:
    made = world.app_with_principal()
    credential = world.trust(made)
    address = f"applications/{made['id']}/federatedIdentityCredentials/{credential['id']}"

    changed = world.graph(
        "PATCH",
        address,
        {
            "id": credential["id"],
            "audiences": [AUDIENCE],
            "description": "moved",
            "issuer": DEVOPS_ISSUER,
            "name": "pipeline",
            "subject": "sc://contoso/Payments/x",
        },
    )
    renamed = world.graph("PATCH", address, {"name": "another", "subject": "lost"})

    assert (changed.status, renamed.status) == (204, 400)
    shown = world.graph("GET", address).body
    assert (shown["issuer"], shown["subject"]) == (DEVOPS_ISSUER, "sc://contoso/Payments/x")
    assert (shown["name"], shown["description"]) == ("pipeline", "moved")


def test_a_patch_cannot_take_the_issuer_and_subject_of_another_credential(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, name="one", subject="one")
    world.trust(made, name="two", subject="two")

    answer = world.graph(
        "PATCH", f"applications/{made['id']}/federatedIdentityCredentials/two", {"subject": "one"}
    )

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")
    assert sorted(each["subject"] for each in credentials_of(world, made)) == ["one", "two"]


def test_a_deleted_credential_is_gone(world: World) -> None:
    made = world.app_with_principal()
    credential = world.trust(made)
    address = f"applications/{made['id']}/federatedIdentityCredentials/{credential['id']}"

    assert world.graph("DELETE", address).status == 204

    assert world.graph("GET", address).code == "Request_ResourceNotFound"
    assert world.graph("DELETE", address).status == 404


def test_a_credential_of_one_application_is_not_found_under_another(world: World) -> None:
    made, other = world.app_with_principal("one"), world.app_with_principal("two")
    credential = world.trust(made)

    assert (
        world.graph(
            "GET", f"applications/{other['id']}/federatedIdentityCredentials/{credential['id']}"
        ).status
        == 404
    )


@pytest.mark.parametrize(
    "expression",
    [
        {"languageVersion": 2, "value": "claims['sub'] eq 'x'"},
        {"languageVersion": 1, "value": "claims['ref'] eq 'x'"},
        {"languageVersion": 1, "value": "claims['sub'] eq 'x' or claims['sub'] eq 'y'"},
        {"languageVersion": 1, "value": ""},
    ],
)
def test_an_expression_that_cannot_be_read_is_refused(world: World, expression: dict[str, Any]) -> None:
    made = world.app_with_principal()

    answer = world.graph(
        "POST",
        f"/beta/applications/{made['id']}/federatedIdentityCredentials",
        {
            "name": "abc",
            "issuer": ENTRA_ISSUER,
            "audiences": [AUDIENCE],
            "claimsMatchingExpression": expression,
        },
    )

    assert (answer.status, answer.code) == (400, "InvalidFederatedIdentityCredentialValue")
