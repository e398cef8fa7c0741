"""What an estate file plants in Azure DevOps."""

import base64
from collections.abc import Iterator
from contextlib import closing

import pytest
import yaml
from devops_world import in_process

from azure_service_connections.sandbox import estate, estate_models
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.pipeline_templates import template_at, text_of
from azure_service_connections.sandbox.errors import EstateError

FILE = """
seed: 7
tenants:
  - name: contoso
    domain: contoso.example
    people: [{name: Ada Park, userPrincipalName: ada@contoso.example}]
    applications:
      - {name: deployer, secret: deployer-secret}
      - {name: federated}
    subscriptions:
      - name: Production
        resourceGroups:
          - {name: rg, location: westeurope, managedIdentities: [{name: id-payments}]}
organizations:
  - name: Contoso
    tenant: Contoso
    issuer: devops
    personalAccessTokens: [{token: secret-token, owner: ADA@contoso.example}]
    projects:
      - name: Payments
        protectedBranches: [main, refs/heads/release]
        templates: [{repository: shared, path: deploy.yml, yaml: "steps: []"}]
        pipelines: [{name: deploy, yaml: "steps: []"}, {id: 9, name: nightly, yaml: "steps: []"}]
        serviceConnections:
          - {name: legacy, application: deployer, scheme: ServicePrincipal, subscription: production,
             pipelines: [NIGHTLY]}
          - {name: by-application, application: federated, subscription: Production, pipelines: all}
          - {name: by-identity, managedIdentity: id-payments, subscription: Production, issuer: entra}
"""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A cloud with the estate of these tests."""
    with closing(Cloud()) as planted:
        estate.plant(planted, estate.load(FILE))
        yield planted


def connection(cloud: Cloud, name: str) -> dict[str, object]:
    for held in cloud.store.find("endpoints"):
        if held["references"][0]["name"] == name:
            return held
    raise AssertionError(name)


def test_the_organization_gets_its_tenant_issuer_token_and_projects(cloud: Cloud) -> None:
    organization = cloud.store.get("organizations", "contoso")
    assert organization is not None
    assert (organization["name"], organization["issuer"]) == ("Contoso", "devops")
    assert organization["tenantId"] == cloud.store.find("tenants")[0]["id"]
    token = cloud.store.get("personal-access-tokens", "secret-token")
    assert token is not None
    assert token["userId"] == cloud.store.find("users")[0]["id"]
    assert [each["name"] for each in cloud.store.find("projects")] == ["Payments"]
    assert [(each["id"], each["name"]) for each in cloud.store.find("pipelines")] == [
        (1, "deploy"),
        (9, "nightly"),
    ]


def test_a_project_has_protected_branches_and_templates(cloud: Cloud) -> None:
    assert cloud.store.find("projects")[0]["protectedBranches"] == ["refs/heads/main", "refs/heads/release"]
    place = template_at("git", "Payments", "shared", "main", "/deploy.yml")
    assert text_of(cloud, place) == "steps: []"
    assert text_of(cloud, place._replace(ref="refs/heads/other")) is None


def test_a_connection_with_a_secret_holds_the_applications(cloud: Cloud) -> None:
    held = connection(cloud, "legacy")
    (application,) = cloud.store.find("applications", displayName="deployer")
    assert held["authorization"] == {
        "scheme": "ServicePrincipal",
        "parameters": {
            "tenantid": application["tenantId"],
            "serviceprincipalid": application["appId"],
            "authenticationType": "spnKey",
            "serviceprincipalkey": "deployer-secret",
        },
    }


def test_a_federated_connection_is_trusted_by_its_identity(cloud: Cloud) -> None:
    credentials = {each["clientId"]: each for each in cloud.store.find("federated-credentials")}
    application = cloud.store.find("applications", displayName="federated")[0]
    older = credentials.pop(application["appId"])
    assert (older["parent"], older["subject"]) == (application["id"], "sc://Contoso/Payments/by-application")
    ((client_id, newer),) = credentials.items()
    held = connection(cloud, "by-identity")
    assert held["authorization"]["parameters"]["serviceprincipalid"] == client_id  # type: ignore[index]
    assert held["data"]["identityType"] == "ManagedIdentity"  # type: ignore[index]
    assert newer["parent"].endswith("/userassignedidentities/id-payments")
    assert newer["subject"].endswith(f"/sc/{cloud.store.find('organizations')[0]['id']}/{held['id']}")


def test_permissions_are_those_of_the_file(cloud: Cloud) -> None:
    by_endpoint = {each["resourceId"]: each for each in cloud.store.find("pipeline-permissions")}
    legacy = by_endpoint[str(connection(cloud, "legacy")["id"])]
    assert ([each["id"] for each in legacy["pipelines"]], legacy["allPipelines"]) == ([9], None)
    assert by_endpoint[str(connection(cloud, "by-application")["id"])]["allPipelines"]["authorized"] is True
    assert str(connection(cloud, "by-identity")["id"]) not in by_endpoint


def test_ids_of_the_file_are_kept() -> None:
    given = "5b0f2a94-7e0b-4a4e-9d27-3c1f6e8d7b33"
    text = FILE.replace("tenant: Contoso", f"tenant: Contoso\n    id: {given}").replace(
        "- name: Payments", f"- name: Payments\n        id: {given}"
    )
    text = text.replace("{name: by-identity,", f"{{name: by-identity, id: {given},")
    with closing(Cloud()) as cloud:
        estate.plant(cloud, estate.load(text))
        assert [each["id"] for each in cloud.store.find("organizations")] == [given]
        assert cloud.store.keys("projects") == [given]
        assert connection(cloud, "by-identity")["id"] == given


def test_two_plantings_of_one_file_have_the_same_ids(cloud: Cloud) -> None:
    with closing(Cloud()) as again:
        estate.plant(again, estate.load(FILE))
        for collection in ("organizations", "projects", "pipelines", "endpoints", "pipeline-permissions"):
            assert again.store.keys(collection) == cloud.store.keys(collection)


def test_a_connection_with_a_secret_needs_an_application_that_has_one() -> None:
    text = FILE.replace("application: deployer, scheme", "application: federated, scheme")
    with closing(Cloud()) as empty, pytest.raises(EstateError, match="secret"):
        estate.plant(empty, estate.load(text))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("tenant: Contoso", "tenant: nobody", r"organizations\[0\]\.tenant: there is no tenant nobody"),
        ("owner: ADA@contoso.example", "owner: bob@x", "nobody has the user principal name bob@x"),
        ("application: federated", "application: none", "no application none"),
        ("managedIdentity: id-payments", "managedIdentity: none", "no managed identity none"),
        ("application: federated, subscription", "subscription", "either an `application` or a `managed"),
        ("federated, subscription: Production", "federated, subscription: none", "no subscription none"),
        ("[NIGHTLY]", "[none]", "no pipeline none"),
    ],
)
def test_a_name_that_leads_nowhere_is_named(before: str, after: str, said: str) -> None:
    assert before in FILE
    section = estate_models.Estate.model_validate(yaml.safe_load(FILE.replace(before, after, 1)))
    with closing(Cloud()) as cloud, pytest.raises(EstateError, match=said):
        estate.plant(cloud, section)


def test_the_sample_estate_serves_its_pipelines() -> None:
    planted = estate.load(estate.sample())
    organization = planted.organizations[0]
    headers = basic(organization.personal_access_tokens[0].token)
    with closing(Cloud()) as cloud:
        estate.plant(cloud, planted)
        send = in_process(cloud)
        for project in cloud.store.find("projects"):
            answer = send("GET", f"/{organization.name}/{project['id']}/_apis/pipelines", headers, b"")
            assert answer.status == 200
            assert answer.body["count"] > 0


def basic(token: str) -> dict[str, str]:
    """The headers of a caller with a personal access token."""
    return {"Authorization": f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"}
