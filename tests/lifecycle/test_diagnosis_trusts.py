"""What is told of a connection that its identity does not trust, and the code that its sign-in has."""

from collections.abc import Callable

import pytest
from diagnosed import change_endpoint, change_trust, code_of_sign_in, finding, findings, trust
from hypothesis import given
from hypothesis import strategies as st
from served_cloud import World

from azure_service_connections.lifecycle.diagnosis.subject_expression import takes
from azure_service_connections.lifecycle.diagnosis.text_difference import hardly_seen
from azure_service_connections.lifecycle.services import Services


def test_a_trusted_connection_has_no_findings(world: World, services: Services) -> None:
    for name in ("shop", "audit", "network", "old"):
        assert findings(world, services, name) == ()


@pytest.mark.parametrize(
    ("field", "change", "kind", "code", "words"),
    [
        ("issuer", str.upper, "issuer-differs", "AADSTS7002138", "upper and lower case at character 1"),
        ("issuer", lambda text: f"{text}/", "issuer-differs", "AADSTS700211", "a slash at its end too many"),
        ("issuer", lambda text: f" {text}", "issuer-differs", "AADSTS700211", "has blanks around it"),
        (
            "issuer",
            lambda _: "https://vstoken.dev.azure.com/00000000-0000-4000-8000-000000000000",
            "issuer-differs",
            "AADSTS700211",
            "trusts the issuer https://vstoken.dev.azure.com/",
        ),
        ("subject", str.lower, "subject-differs", "AADSTS7002138", "upper and lower case at character"),
        ("subject", lambda text: f"{text}/", "subject-differs", "AADSTS700213", "a slash at its end"),
        ("subject", lambda text: f"{text} ", "subject-differs", "AADSTS700213", "has blanks around it"),
        (
            "subject",
            lambda text: f"{text[:-36]}00000000-0000-4000-8000-000000000000",
            "subject-differs",
            "AADSTS700213",
            "no federated credential of the application 'shop' has the subject /eid1/",
        ),
    ],
)
def test_each_byte_that_differs_is_told(
    world: World,
    services: Services,
    field: str,
    change: Callable[[str], str],
    kind: str,
    code: str,
    words: str,
) -> None:
    change_trust(world, "shop", **{field: change(trust(world, "shop")[field])})
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == (kind, code)
    assert words in found.what
    assert code_of_sign_in(world, services, "shop") == code


def test_the_command_gives_the_credential_what_the_connection_says(world: World, services: Services) -> None:
    good = trust(world, "shop")
    change_trust(world, "shop", subject=good["subject"].lower())
    fix = finding(world, services, "shop").fix
    assert fix.startswith(f"run `az ad app federated-credential update --id {good['clientId']} ")
    assert f"--federated-credential-id {good['id']}" in fix
    assert f'"subject": "{good["subject"]}"' in fix
    declared = world.shop()
    assert finding(world, services, "shop", declared).fix == "run `pulumi up --refresh`"
    assert finding(world, services, "shop", declared).connection == declared.key


def test_a_managed_identity_is_mended_in_azure(world: World, services: Services) -> None:
    change_trust(world, "network", issuer="https://vstoken.dev.azure.com/other")
    fix = finding(world, services, "network").fix
    assert fix.startswith("run `az identity federated-credential update --name connection-network ")
    assert "--identity-name id-network --resource-group rg-shop" in fix


@pytest.mark.parametrize(
    ("audience", "code", "words"),
    [
        ("api://azureadtokenexchange", "AADSTS7002138", "differs in upper and lower case at character 7"),
        ("api://other", "AADSTS700212", "is 'api://other', and the connection's is"),
    ],
)
def test_another_audience_is_told(
    world: World, services: Services, audience: str, code: str, words: str
) -> None:
    change_trust(world, "shop", audiences=[audience])
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("audience-differs", code)
    assert words in found.what
    assert code_of_sign_in(world, services, "shop") == code


def test_an_identity_without_any_credential_is_told(world: World, services: Services) -> None:
    held = trust(world, "shop")
    world.cloud.store.remove("federated-credentials", held["id"])
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("no-credential", "AADSTS70025")
    assert found.what == "the application 'shop' has no federated credential"
    assert "az ad app federated-credential create" in found.fix
    assert held["subject"] in found.fix
    assert code_of_sign_in(world, services, "shop") == "AADSTS70025"


def test_the_name_that_an_organization_had_is_told(world: World, services: Services) -> None:
    issuer = f"https://vstoken.dev.azure.com/{world.one('organizations', name='fabrikam')['id']}"
    change_endpoint(world, "shop", issuerKind="devops")
    change_trust(world, "shop", issuer=issuer, subject="sc://contoso/Web/shop")
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("old-name", "AADSTS700213")
    assert found.what == (
        "the federated credential 'connection-shop' still has 'contoso' as the name of the organization, "
        "which is 'fabrikam' now"
    )
    assert code_of_sign_in(world, services, "shop") == "AADSTS700213"


def test_two_credentials_with_one_subject_are_told_and_none_is_missed(
    world: World, services: Services
) -> None:
    held = trust(world, "shop")
    world.put(
        "federated-credentials",
        {
            **held,
            "id": "5" * 8 + "-1111-4111-8111-111111111111",
            "name": "again",
            "issuer": held["issuer"] + "/",
        },
    )
    found = finding(world, services, "shop")
    assert (found.kind, found.code, found.stops) == ("two-credentials", "", False)
    assert "'again' of the application 'shop' has the connection's subject too" in found.what
    assert "federated-credential delete" in found.fix


@pytest.mark.parametrize(("pattern", "trusted"), [("/eid1/c/pub/*", True), ("/eid1/c/gov/*", False)])
def test_an_expression_that_takes_the_subject_is_a_trust(
    world: World, services: Services, pattern: str, trusted: bool
) -> None:
    expression = {"languageVersion": 1, "value": f"claims['sub'] matches '{pattern}'"}
    change_trust(world, "shop", subject=None, claimsMatchingExpression=expression)
    found = findings(world, services, "shop")
    assert (found == ()) == trusted
    if not trusted:
        assert [(each.kind, each.code) for each in found] == [("subject-differs", "AADSTS7002131")]
        assert code_of_sign_in(world, services, "shop") == "AADSTS7002131"


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("claims['sub'] eq 'a'", True),
        ("claims['sub'] eq 'b'", False),
        ("claims['sub'] matches 'a*'", True),
        ("claims['sub'] matches '?'", True),
        ("claims['sub'] matches '??'", False),
        ("claims['sub'] eq 'a' and claims['job'] eq 'x'", None),
        ("claims['sub'] eq 'b' and claims['job'] eq 'x'", False),
        ("something else", None),
    ],
)
def test_an_expression_is_judged_by_the_subject_alone(expression: str, taken: bool | None) -> None:
    assert takes(expression, "a") is taken


@given(st.text(alphabet="abcAB/ ", min_size=1, max_size=12), st.text(alphabet="abcAB/ ", max_size=12))
def test_a_difference_is_told_where_there_is_one_and_only_there(wanted: str, found: str) -> None:
    told = hardly_seen(found, wanted)
    if found == wanted:
        assert told == ""
    if told:

        def plain(text: str) -> str:
            return "".join(text.split()).casefold().rstrip("/")

        assert plain(found) == plain(wanted)
