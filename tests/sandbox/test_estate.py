"""Estate files: what they may say, and every mistake in one report."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import EstateError

SAMPLE: dict[str, Any] = yaml.safe_load(estate.sample())
MINIMAL = """
tenants: [{name: fabrikam, domain: fabrikam.example}]
"""

Change = Callable[[dict[str, Any]], Any]


def tenant(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["tenants"][0]
    return found


def organization(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["organizations"][0]
    return found


def project(content: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = organization(content)["projects"][number]
    return found


def connection(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = project(content)["serviceConnections"][0]
    return found


def put(place: Callable[[dict[str, Any]], Any], key: str | int, value: Any) -> Change:
    def change(content: dict[str, Any]) -> None:
        place(content)[key] = value

    return change


def drop(place: Callable[[dict[str, Any]], Any], key: str) -> Change:
    return lambda content: place(content).pop(key)


SHAPES: dict[str, tuple[Change, str]] = {
    "an unknown key": (
        put(tenant, "peple", []),
        "tenants[0].peple: is not a key of this place; write 'people'",
    ),
    "an unknown key deep inside": (
        put(lambda c: tenant(c)["subscriptions"][0]["resourceGroups"][0], "region", "x"),
        "tenants[0].subscriptions[0].resourceGroups[0].region: is not a key of this place; choose from",
    ),
    "a missing key": (drop(tenant, "domain"), "tenants[0].domain: is missing; write it"),
    "a wrong GUID": (
        put(tenant, "id", "3fd1f1a6"),
        "tenants[0].id: '3fd1f1a6' is not a GUID; write 8-4-4-4-12 hexadecimal digits",
    ),
    "a GUID with a letter that is none": (
        put(lambda c: tenant(c)["subscriptions"][1], "id", "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c0g"),
        "tenants[0].subscriptions[1].id: '6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c0g' is not a GUID",
    ),
    "a number for a text": (
        put(lambda c: tenant(c)["people"][0], "name", 7),
        "tenants[0].people[0].name: is a number where text belongs; write text, in quotes",
    ),
    "nothing where a mapping belongs": (
        put(lambda c: tenant(c)["people"], 1, None),
        "tenants[0].people[1]: is empty where a mapping belongs; write a mapping",
    ),
    "a mapping for a list": (
        put(tenant, "groups", {}),
        "tenants[0].groups: is a mapping where a list belongs; write a list",
    ),
    "an issuer that there is not": (
        put(organization, "issuer", "azure"),
        "organizations[0].issuer: is 'azure'; choose from 'entra' or 'devops'",
    ),
    "an empty name": (
        put(lambda c: project(c, 1), "name", ""),
        "organizations[0].projects[1].name: is empty; write at least one",
    ),
    "a name that no address can hold": (
        put(organization, "name", "con/toso"),
        "organizations[0].name: is 'con/toso'; write letters, digits and dashes",
    ),
    "neither a list nor all": (
        put(connection, "pipelines", 5),
        "organizations[0].projects[0].serviceConnections[0].pipelines: is neither a list of pipelines nor "
        "'all'; write one of them",
    ),
    "a pipeline without a name": (
        put(connection, "pipelines", ["deploy-payments", 1]),
        "organizations[0].projects[0].serviceConnections[0].pipelines[1]: is a number where text belongs",
    ),
    "a number below one": (
        put(lambda c: project(c)["pipelines"][0], "id", 0),
        "organizations[0].projects[0].pipelines[0].id: is 0; write a number from 1",
    ),
    "too many credentials": (
        put(
            lambda c: tenant(c)["applications"][1],
            "federatedCredentials",
            [{"name": f"c{n}", "issuer": "i", "subject": f"s{n}"} for n in range(21)],
        ),
        "tenants[0].applications[1].federatedCredentials: holds 21; at most 20 are possible",
    ),
    "a seed that is a list": (put(lambda c: c, "seed", [1]), "seed: is neither a whole number nor text"),
}

NAMES: dict[str, tuple[Change, str]] = {
    "a member that there is not": (
        put(lambda c: tenant(c)["groups"][0], "members", ["ada@contoso.exmple"]),
        "tenants[0].groups[0].members[0]: 'ada@contoso.exmple' is no principal here; "
        "write 'ada@contoso.example'",
    ),
    "a parent that there is not": (
        put(lambda c: tenant(c)["managementGroups"][1], "parent", "corporation"),
        "tenants[0].managementGroups[1].parent: 'corporation' is no management group here",
    ),
    "a management group below itself": (
        put(lambda c: tenant(c)["managementGroups"][0], "parent", "corp"),
        "tenants[0].managementGroups[0].parent: lies below 'corp' itself; name another one",
    ),
    "an assignment to nobody": (
        put(lambda c: tenant(c)["roleAssignments"][3], "principal", "legacy-deploy"),
        "tenants[0].roleAssignments[3].principal: 'legacy-deploy' is no principal here; "
        "write 'legacy-deployer'",
    ),
    "an assignment nowhere": (
        put(lambda c: tenant(c)["roleAssignments"][3], "scope", "Payments"),
        "tenants[0].roleAssignments[3].scope: 'Payments' is no subscription here",
    ),
    "an assignment at a group that there is not": (
        put(lambda c: tenant(c)["roleAssignments"][2], "scope", "Payments development/rg-payment"),
        "tenants[0].roleAssignments[2].scope: 'rg-payment' is no resource group of 'Payments development' "
        "here; write 'rg-payments'",
    ),
    "an organization of no tenant": (
        put(organization, "tenant", "contosso"),
        "organizations[0].tenant: 'contosso' is no tenant here; write 'contoso'",
    ),
    "a token of nobody": (
        put(lambda c: organization(c)["personalAccessTokens"][0], "owner", "eve@contoso.example"),
        "organizations[0].personalAccessTokens[0].owner: 'eve@contoso.example' is no person here",
    ),
    "a subscription that there is not": (
        put(connection, "subscription", "Payments staging"),
        "organizations[0].projects[0].serviceConnections[0].subscription: 'Payments staging' is no "
        "subscription",
    ),
    "a pipeline that there is not": (
        put(connection, "pipelines", ["nightly-payment"]),
        "organizations[0].projects[0].serviceConnections[0].pipelines[0]: 'nightly-payment' is no pipeline "
        "here; write 'nightly-payments'",
    ),
    "two identities": (
        put(connection, "managedIdentity", "id-network"),
        "organizations[0].projects[0].serviceConnections[0]: names both of application and managedIdentity",
    ),
    "an identity without a secret": (
        drop(lambda c: tenant(c)["applications"][1], "secret"),
        "organizations[0].projects[0].serviceConnections[0].application: 'legacy-deployer' has no secret",
    ),
    "an operator without a secret": (
        drop(lambda c: tenant(c)["applications"][0], "secret"),
        "tenants[0].applications[0].secret: is missing; an operator signs in with one",
    ),
    "two operators": (
        put(lambda c: tenant(c)["applications"][1], "operator", True),
        "tenants[0].applications[1].operator: is true, as at tenants[0].applications[0]; leave it at one",
    ),
    "a name that stands twice": (
        lambda c: project(c, 1)["pipelines"].append({"name": "Deploy-Network", "yaml": "steps: []"}),
        "organizations[0].projects[1].pipelines[2].name: 'Deploy-Network' stands at "
        "organizations[0].projects[1].pipelines[0] too; change one",
    ),
    "a subscription id that stands twice": (
        put(lambda c: tenant(c)["subscriptions"][2], "id", "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"),
        "tenants[0].subscriptions[2].id: is the id at tenants[0].subscriptions[0].id too; "
        "give it another one",
    ),
}

AZURE: dict[str, tuple[Change, str]] = {
    "a role that there is not": (
        put(lambda c: tenant(c)["roleAssignments"][3], "role", "Contributer"),
        "tenants[0].roleAssignments[3].role: 'Contributer' is no role of Azure; write 'Contributor'",
    ),
    "a region that there is not": (
        put(lambda c: tenant(c)["subscriptions"][0]["resourceGroups"][0], "location", "atlantis"),
        "tenants[0].subscriptions[0].resourceGroups[0].location",
    ),
}


def dumped(content: dict[str, Any]) -> str:
    return json.dumps(content)  # which is YAML, and much faster to write and read


def report(*changes: Change) -> list[str]:
    content = copy.deepcopy(SAMPLE)
    for change in changes:
        change(content)
    cloud = Cloud()
    with pytest.raises(EstateError) as caught:
        estate.replant(cloud, dumped(content))
    assert cloud.store.dump() == {}, "something was planted"
    cloud.close()
    return [line.strip() for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("case", [*SHAPES, *NAMES, *AZURE])
def test_a_mistake_is_one_sentence_with_its_place_and_nothing_is_planted(case: str) -> None:
    change, sentence = (SHAPES | NAMES | AZURE)[case]
    lines = report(change)
    assert lines[-1].startswith(sentence)
    assert len(lines) <= 2


# Both speak of the same list.
SHAPES_APART = sorted(set(SHAPES) - {"a pipeline without a name"})


@given(st.sets(st.sampled_from(SHAPES_APART), min_size=1))
@settings(max_examples=15, deadline=None)
def test_all_mistakes_of_shape_are_in_one_report(cases: set[str]) -> None:
    _all_in_one_report(SHAPES, cases)


# One sentence follows from another.
NAMES_APART = sorted(set(NAMES) - {"an identity without a secret", "a management group below itself"})


@given(st.sets(st.sampled_from(NAMES_APART), min_size=1))
@settings(max_examples=15, deadline=None)
def test_all_names_that_lead_nowhere_are_in_one_report(cases: set[str]) -> None:
    # Without a tenant nothing can be said of what an organization names of it.
    if "an organization of no tenant" in cases:
        cases = {"an organization of no tenant"}
    _all_in_one_report(NAMES, cases)


def _all_in_one_report(known: dict[str, tuple[Change, str]], cases: set[str]) -> None:
    heading, *sentences = report(*(known[case][0] for case in sorted(cases)))
    for case in cases:
        assert any(sentence.startswith(known[case][1]) for sentence in sentences), (case, sentences)
    assert len(sentences) == len(cases)
    assert heading.startswith(f"{len(cases)} mistake{'' if len(cases) == 1 else 's'} in the estate")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tenants: [}", "line 1, column"),
        ("- a\n- b\n", "the estate: is no mapping; write the keys seed, tenants and organizations"),
        ("", "the estate: is no mapping"),
        ("a: \x00", "the file: is not YAML; write plain text in UTF-8"),
        ("seed: 1", "tenants: is missing; write it"),
        ("tenants: []", "tenants: is empty; write at least one"),
    ],
)
def test_what_is_no_estate_at_all_is_said_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(EstateError) as caught:
        estate.load(text)
    assert str(caught.value).splitlines()[1].strip().startswith(sentence)


def _ids(text: str) -> dict[str, list[str]]:
    cloud = Cloud()
    estate.replant(cloud, text)
    held = {name: sorted(documents) for name, documents in cloud.store.dump().items()}
    cloud.close()
    return held


def test_two_sandboxes_of_one_estate_have_the_same_ids() -> None:
    assert _ids(estate.sample()) == _ids(estate.sample())


def test_another_seed_gives_other_ids() -> None:
    other = copy.deepcopy(SAMPLE) | {"seed": 8}
    assert _ids(estate.sample())["projects"] != _ids(dumped(other))["projects"]


def test_the_sample_estate_holds_what_its_stack_names() -> None:
    cloud = Cloud()
    estate.replant(cloud, estate.sample())
    assert [project["name"] for project in cloud.store.find("projects")] == ["Payments", "Platform"]
    assert [pipeline["name"] for pipeline in cloud.store.find("pipelines")] == [
        "deploy-payments",
        "plan-payments",
        "nightly-payments",
        "deploy-from-own-agents",
        "deploy-network",
        "deploy-identity",
    ]
    assert cloud.store.one("applications", appId="0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01")
    assert cloud.store.keys("tenants") == ["3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"]
    cloud.close()


def test_an_estate_that_cannot_be_planted_leaves_the_one_before_and_its_keys() -> None:
    cloud = Cloud()
    estate.replant(cloud, estate.sample())
    before, key = cloud.store.dump(), cloud.signing.key_id("entra")
    wrong = copy.deepcopy(SAMPLE)
    AZURE["a role that there is not"][0](wrong)
    with pytest.raises(EstateError):
        estate.replant(cloud, dumped(wrong))
    assert cloud.signing.key_id("entra") == key
    assert cloud.store.dump() == before | {"signing-keys": cloud.store.dump()["signing-keys"]}
    cloud.close()


def test_an_estate_is_not_planted_over_another_one() -> None:
    cloud = Cloud()
    estate.replant(cloud, MINIMAL)
    with pytest.raises(EstateError, match="connections sandbox reset"):
        estate.plant(cloud, estate.load(MINIMAL))
    cloud.close()


def test_the_smallest_estate_has_a_tenant_and_no_operator() -> None:
    cloud = Cloud()
    estate.replant(cloud, MINIMAL)
    assert [tenant["domain"] for tenant in cloud.store.find("tenants")] == ["fabrikam.example"]
    assert set(estate.operator(cloud).values()) == {None}
    cloud.close()


def test_the_operator_is_the_marked_application_and_the_first_token() -> None:
    cloud = Cloud()
    estate.replant(cloud, estate.sample())
    operator = estate.operator(cloud)
    application = cloud.store.one("applications", displayName="platform-automation")
    assert application is not None
    assert operator == {
        "tenantId": "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01",
        "clientId": application["appId"],
        "secret": "sandbox-operator-secret",
        "organization": "contoso",
        "token": organization(SAMPLE)["personalAccessTokens"][0]["token"],
    }
    cloud.close()
