"""An estate with connections of every kind: what is planted of each, and which mistakes are found."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from devops_world import Answer, in_process

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import connection_test, runs
from azure_service_connections.sandbox.entra.certificates import moment
from azure_service_connections.sandbox.errors import EstateError

FILE = """
seed: 7
tenants:
  - name: contoso
    domain: contoso.example
    people:
      - {name: Ada Park, userPrincipalName: ada@contoso.example}
      - {name: Sam Okafor, userPrincipalName: sam@contoso.example,
         directoryRoles: [Application Administrator]}
    groups: [{name: release, members: [ada@contoso.example]}]
    applications:
      - {name: deployer, secret: deployer-secret, secretExpiresInDays: -3}
      - {name: dated, secret: dated-secret, secretExpires: 2099-12-31}
      - {name: sleeper, disabled: true}
      - {name: vanished, secret: vanished-secret}
    managementGroups: [{name: corp, displayName: Contoso}]
    subscriptions:
      - name: Production
        resourceGroups:
          - {name: rg, location: westeurope, managedIdentities: [{name: id-elsewhere}],
             workspaces: [{name: ml}]}
      - {name: Development, id: 6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02}
    roleAssignments:
      - {principal: deployer, role: Reader, scope: Production}
      - {principalId: 11111111-1111-4111-8111-111111111111, role: Contributor, scope: Production}
  - name: fabrikam
    domain: fabrikam.example
    people: [{name: Guest, userPrincipalName: ada@contoso.example}]
    subscriptions: [{name: Fabrikam}]
organizations:
  - name: Contoso
    tenant: contoso
    personalAccessTokens: [{token: one-for-all, owner: ada@contoso.example}]
    projects:
      - name: Payments
        pipelines: [{name: deploy, yaml: "steps: []"}, {name: nightly, yaml: "steps: []"}]
        serviceConnections:
          - {name: automatic, automatic: true, subscription: Production}
          - {name: automatic-secret, automatic: true, scheme: ServicePrincipal, subscription: Production,
             resourceGroup: RG, secretExpiresInDays: -1, owner: sam@contoso.example}
          - {name: converted, automatic: true, convertedDaysAgo: 2, subscription: Production}
          - {name: converted-long-ago, automatic: true, convertedDaysAgo: 8, subscription: Production}
          - {name: converted-by-hand, application: deployer, convertedDaysAgo: 1, subscription: Production}
          - {name: gone, automatic: true, applicationGone: true, subscription: Production}
          - {name: long-gone, application: vanished, scheme: ServicePrincipal, subscription: Production,
             applicationGone: true, applicationGoneDaysAgo: 40}
          - {name: failed, automatic: true, failed: "Failed to create an app.", subscription: Production}
          - {name: secret, application: deployer, scheme: ServicePrincipal, subscription: Production,
             pipelines: [nightly], lastUsedDaysAgo: 400.5,
             checks: [exclusiveLock, {kind: approval, approvers: [sam@contoso.example, release]},
                      {kind: branchControl, branches: [refs/heads/main, refs/heads/release/*]},
                      businessHours]}
          - {name: certificate, application: dated, scheme: ServicePrincipal, certificate: true,
             subscription: Production, disabled: true, lastUsedDaysAgo: 1, lastUsedBy: nightly}
          - {name: shared, application: dated, scheme: ServicePrincipal, subscription: Production,
             sharedWith: [Platform, {project: Shop, name: payments}]}
          - {name: government, application: dated, cloud: AzureUSGovernment, subscription: Production}
          - {name: stack, application: dated, scheme: ServicePrincipal, cloud: AzureStack,
             serverUrl: "https://management.stack.example/", subscription: Production}
          - {name: agents-own, scheme: ManagedServiceIdentity, subscription: Production}
          - {name: elsewhere, managedIdentity: id-elsewhere, subscription: Development, issuer: devops}
          - {name: everything, application: sleeper, managementGroup: corp, pipelines: all}
          - {name: learning, automatic: true, subscription: Production, resourceGroup: rg, workspace: ml}
          - {name: outlived, automatic: true, subscription: 6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0cff}
          - {name: renamed, application: dated, subscription: Production, issuer: devops, renamedFrom: before}
          - {name: renamed-too, automatic: true, subscription: Production, issuer: devops, renamedFrom: early}
          - {name: renamed-well, automatic: true, subscription: Production, renamedFrom: ids-stay}
          - {name: abroad, automatic: true, tenant: fabrikam, subscription: Fabrikam}
      - name: Platform
        serviceConnections:
          - {name: same-name, application: sleeper, subscription: Production}
      - name: Shop
        serviceConnections:
          - {name: same-name, application: sleeper, subscription: Production}
  - name: fabrikam
    tenant: fabrikam
    issuer: devops
    personalAccessTokens: [{token: one-for-all, owner: ada@contoso.example}]
    projects:
      - {name: Only, serviceConnections: [{name: own, automatic: true, subscription: Fabrikam}]}
"""


@pytest.fixture(scope="module")
def planted() -> Iterator[Cloud]:
    """A cloud with the estate of these tests, which none of them changes."""
    with closing(Cloud()) as cloud:
        estate.plant(cloud, estate.load(FILE))
        yield cloud


def ask(cloud: Cloud, path: str) -> Answer:
    token = base64.b64encode(b":one-for-all").decode()
    answer = in_process(cloud)("GET", path, {"Authorization": f"Basic {token}"}, b"")
    assert answer.status == 200, answer
    return answer


def connections(cloud: Cloud, project: str = "Payments", organization: str = "contoso") -> dict[str, Any]:
    """The connections of a project as its clients read them, by name."""
    path = f"/{organization}/{project}/_apis/serviceendpoint/endpoints?includeFailed=true"
    return {each["name"]: each for each in ask(cloud, path).body["value"]}


def tried(cloud: Cloud, name: str, project: str = "Payments", organization: str = "contoso") -> Any:
    """What the service's own test of a connection says."""
    held = cloud.store.get("endpoints", connections(cloud, project, organization)[name]["id"])
    document = cloud.store.get("organizations", organization)
    assert held is not None
    assert document is not None
    return connection_test.test_connection(cloud, document, held)


@pytest.mark.parametrize("name", ["automatic", "converted", "converted-long-ago", "learning"])
def test_an_automatic_connection_has_an_identity_with_a_role_at_its_scope(planted: Cloud, name: str) -> None:
    endpoint = connections(planted)[name]
    assert endpoint["data"]["creationMode"] == "Automatic"
    assert endpoint["data"]["identityType"] == "AppRegistrationAutomatic"
    assert tried(planted, name)["statusCode"] == "ok"
    application = planted.store.get("applications", endpoint["data"]["appObjectId"])
    assert application is not None
    (ada,) = planted.store.find("users", displayName="Ada Park")
    assert application["owners"] == [ada["id"]]
    (credential,) = planted.store.find("federated-credentials", parent=application["id"])
    assert credential["name"] == endpoint["id"]


def test_an_automatic_connection_with_an_expired_secret_and_an_owner_of_its_own(planted: Cloud) -> None:
    endpoint = connections(planted)["automatic-secret"]
    assert endpoint["createdBy"]["uniqueName"] == "sam@contoso.example"
    assert endpoint["authorization"]["parameters"]["scope"].lower().endswith("/resourcegroups/rg")
    assert "AADSTS7000222" in tried(planted, "automatic-secret")["errorMessage"]
    (role,) = planted.store.find("role-assignments", principalId=endpoint["data"]["spnObjectId"])
    assert role["scope"].lower().endswith("/resourcegroups/rg")


def test_a_conversion_of_days_ago_can_be_reverted_as_long_as_its_days_last(planted: Cloud) -> None:
    found = connections(planted)
    deadline = moment(found["converted"]["data"]["revertSchemeDeadline"])
    left = deadline - datetime.now(UTC)
    assert timedelta(days=4.9) < left < timedelta(days=5)
    assert "revertSchemeDeadline" not in found["converted-long-ago"]["data"]
    assert "revertSchemeDeadline" not in found["converted-by-hand"]["data"]
    held = planted.store.get("endpoints", found["converted"]["id"])
    assert held is not None
    assert held["reversion"]["authorization"]["parameters"]["serviceprincipalkey"]
    assert tried(planted, "converted-by-hand")["statusCode"] == "ok"


def test_a_deleted_application_can_be_restored_for_thirty_days(planted: Cloud) -> None:
    found = connections(planted)
    assert "AADSTS700016" in tried(planted, "gone")["errorMessage"]
    assert "AADSTS700016" in tried(planted, "long-gone")["errorMessage"]
    deleted = planted.store.get("deleted-items", found["gone"]["data"]["appObjectId"])
    assert deleted is not None
    (vanished,) = [
        each
        for each in planted.store.find("deleted-items", type="applications")
        if each["object"]["displayName"] == "vanished"
    ]
    assert datetime.now(UTC) - moment(vanished["at"]) > timedelta(days=39)


def test_a_failed_connection_says_why_and_has_no_identity(planted: Cloud) -> None:
    endpoint = connections(planted)["failed"]
    assert (endpoint["isReady"], endpoint["operationStatus"]["statusMessage"]) == (
        False,
        "Failed to create an app.",
    )
    assert endpoint["authorization"]["parameters"]["serviceprincipalid"] == ""


def test_a_renamed_connection_of_the_older_issuer_is_trusted_under_its_old_name(planted: Cloud) -> None:
    for name, before in (("renamed", "before"), ("renamed-too", "early")):
        assert "AADSTS700213" in tried(planted, name)["errorMessage"]
        (credential,) = planted.store.find("federated-credentials", subject=f"sc://Contoso/Payments/{before}")
        parameters = connections(planted)[name]["authorization"]["parameters"]
        assert credential["clientId"] == parameters["serviceprincipalid"]
    assert tried(planted, "renamed-well")["statusCode"] == "ok"


def test_a_secret_ends_when_its_application_says(planted: Cloud) -> None:
    assert "AADSTS7000222" in tried(planted, "secret")["errorMessage"]
    (dated,) = planted.store.find("applications", displayName="dated")
    assert [each["endDateTime"][:10] for each in dated["passwordCredentials"]] == ["2099-12-31"]


def test_a_connection_with_a_certificate_signs_in_with_it(planted: Cloud) -> None:
    endpoint = connections(planted)["certificate"]
    assert endpoint["isDisabled"] is True
    parameters = endpoint["authorization"]["parameters"]
    assert (parameters["authenticationType"], parameters["servicePrincipalCertificate"]) == (
        "spnCertificate",
        None,
    )
    # Signed in, and without a role.
    assert tried(planted, "certificate")["statusCode"] == "forbidden"


def test_a_shared_connection_has_a_name_in_each_of_its_projects(planted: Cloud) -> None:
    endpoint = connections(planted)["shared"]
    assert endpoint["isShared"] is True
    references = endpoint["serviceEndpointProjectReferences"]
    named = [(each["projectReference"]["name"], each["name"]) for each in references]
    assert named == [("Payments", "shared"), ("Platform", "shared"), ("Shop", "payments")]
    assert connections(planted, "Shop")["payments"]["id"] == endpoint["id"]


def test_connections_to_other_clouds_have_their_addresses_and_the_older_issuer(planted: Cloud) -> None:
    found = connections(planted)
    assert found["government"]["url"] == "https://management.usgovcloudapi.net/"
    issuer = found["government"]["authorization"]["parameters"]["workloadIdentityFederationIssuer"]
    assert issuer.startswith("https://vstoken.dev.azure.com/")
    assert found["stack"]["url"] == "https://management.stack.example/"
    assert found["stack"]["data"]["environment"] == "AzureStack"


def test_the_agents_own_identity_is_nobodys_application(planted: Cloud) -> None:
    endpoint = connections(planted)["agents-own"]
    assert endpoint["authorization"]["scheme"] == "ManagedServiceIdentity"
    assert set(endpoint["authorization"]["parameters"]) == {"tenantid"}
    assert "creationMode" not in endpoint["data"]


def test_a_managed_identity_may_lie_in_another_subscription_than_the_scope(planted: Cloud) -> None:
    endpoint = connections(planted)["elsewhere"]
    assert endpoint["data"]["identityType"] == "ManagedIdentity"
    assert endpoint["data"]["subscriptionName"] == "Development"
    (principal,) = planted.store.find(
        "service-principals", appId=endpoint["authorization"]["parameters"]["serviceprincipalid"]
    )
    assert endpoint["data"]["subscriptionId"] not in principal["resourceId"]


def test_scopes_are_management_groups_and_workspaces_too(planted: Cloud) -> None:
    found = connections(planted)
    assert found["everything"]["data"]["managementGroupName"] == "Contoso"
    assert found["learning"]["data"]["mlWorkspaceName"] == "ml"
    assert found["learning"]["data"]["mlWorkspaceLocation"] == "westeurope"
    assert "AADSTS7000112" in tried(planted, "everything")["errorMessage"]


def test_a_connection_outlives_its_subscription(planted: Cloud) -> None:
    endpoint = connections(planted)["outlived"]
    assert endpoint["data"]["subscriptionId"] == "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0cff"
    assert planted.store.find("role-assignments", principalId=endpoint["data"]["spnObjectId"]) == []
    assert tried(planted, "outlived")["statusCode"] != "ok"


def test_a_connection_may_reach_into_another_tenant(planted: Cloud) -> None:
    endpoint = connections(planted)["abroad"]
    (tenant,) = planted.store.find("tenants", name="fabrikam")
    assert endpoint["authorization"]["parameters"]["tenantid"] == tenant["id"]
    assert tried(planted, "abroad")["statusCode"] == "ok"


def test_one_token_opens_several_organizations(planted: Cloud) -> None:
    own = connections(planted, "Only", "fabrikam")["own"]
    assert own["createdBy"]["displayName"] == "Guest"
    assert tried(planted, "own", "Only", "fabrikam")["statusCode"] == "ok"


def test_equal_names_in_two_projects_get_a_credential_each(planted: Cloud) -> None:
    (sleeper,) = planted.store.find("applications", displayName="sleeper")
    held = planted.store.find("federated-credentials", parent=sleeper["id"])
    assert len({each["name"] for each in held}) == len({each["subject"] for each in held}) == 3


def test_a_role_may_be_left_of_a_principal_that_is_gone(planted: Cloud) -> None:
    (left,) = planted.store.find("role-assignments", principalId="11111111-1111-4111-8111-111111111111")
    assert left["principalType"] == "ServicePrincipal"


def test_the_execution_history_tells_the_last_run_and_its_pipeline(planted: Cloud) -> None:
    found = connections(planted)
    for name, pipeline, days in (("secret", "nightly", 400.5), ("certificate", "nightly", 1)):
        path = f"/contoso/Payments/_apis/serviceendpoint/{found[name]['id']}/executionhistory"
        (record,) = ask(planted, path).body["value"]
        assert record["data"]["definition"]["name"] == pipeline
        ago = datetime.now(UTC) - moment(record["data"]["finishTime"])
        assert abs(ago - timedelta(days=days)) < timedelta(minutes=5)
    path = f"/contoso/Payments/_apis/serviceendpoint/{found['shared']['id']}/executionhistory"
    assert ask(planted, path).body["value"] == []


def test_checks_are_kept_as_clients_would_have_made_them(planted: Cloud) -> None:
    endpoint = connections(planted)["secret"]
    path = (
        "/contoso/Payments/_apis/pipelines/checks/configurations?api-version=7.1-preview.1"
        f"&resourceType=endpoint&resourceId={endpoint['id']}&$expand=settings"
    )
    held = ask(planted, path).body["value"]
    assert [each["type"]["name"] for each in held] == [
        "ExclusiveLock",
        "Approval",
        "Task Check",
        "Task Check",
    ]
    names = [each["displayName"] for each in held[1]["settings"]["approvers"]]
    assert names == ["Sam Okafor", "release"]
    assert held[2]["settings"]["inputs"]["allowedBranches"] == "refs/heads/main, refs/heads/release/*"


def test_two_plantings_of_one_file_are_equal_but_for_times_and_keys(planted: Cloud) -> None:
    with closing(Cloud()) as other:
        estate.plant(other, estate.load(FILE))
        for collection in ("applications", "service-principals", "endpoints", "runs", "checks"):
            assert planted.store.keys(collection) == other.store.keys(collection)
        assert planted.store.keys("role-assignments") == other.store.keys("role-assignments")
        secrets = [
            [password["secretText"] for password in each["passwordCredentials"]]
            for each in other.store.find("applications")
        ]
        assert secrets == [
            [password["secretText"] for password in each["passwordCredentials"]]
            for each in planted.store.find("applications")
        ]


def test_a_planted_conversion_reverts(planted: Cloud) -> None:
    with closing(Cloud()) as cloud:
        estate.plant(cloud, estate.load(FILE))
        endpoint = connections(cloud)["converted"]
        body = {**endpoint, "authorization": {"scheme": "ServicePrincipal"}}
        token = base64.b64encode(b":one-for-all").decode()
        answer = in_process(cloud)(
            "PUT",
            f"/contoso/_apis/serviceendpoint/endpoints/{endpoint['id']}"
            "?operation=ConvertAuthenticationScheme&api-version=7.1",
            {"Authorization": f"Basic {token}"},
            json.dumps(body).encode(),
        )
        assert answer.status == 200, answer
        assert tried(cloud, "converted")["statusCode"] == "ok"


def test_a_planted_run_is_over(planted: Cloud) -> None:
    run = planted.store.find("runs")[0]
    organization = planted.store.get("organizations", "contoso")
    assert organization is not None
    assert runs.find(planted, organization, str(run["id"])) == run


Change = Callable[[dict[str, Any]], Any]

PLACE = "organizations[0].projects[0].serviceConnections[0]"
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no identity": (
        {"automatic": False},
        f"{PLACE}: names neither of application and managedIdentity, and is not automatic; write one of them",
    ),
    "two identities": (
        {"application": "deployer"},
        f"{PLACE}: names both of application and automatic; write one of them",
    ),
    "an identity for the agent's": (
        {"scheme": "ManagedServiceIdentity"},
        f"{PLACE}.automatic: has no place here; the agent brings the identity",
    ),
    "two ends": (
        {
            "scheme": "ServicePrincipal",
            "secretExpiresInDays": 1,
            "secretExpires": datetime(2027, 1, 1).date(),
        },
        f"{PLACE}.secretExpiresInDays: stands beside secretExpires; write one of them",
    ),
    "an end of no secret": (
        {"secretExpiresInDays": 1},
        f"{PLACE}.secretExpiresInDays: belongs to a connection that is automatic and has or had a secret",
    ),
    "an end that is no date": (
        {"scheme": "ServicePrincipal", "secretExpires": "tomorrow"},
        f"{PLACE}.secretExpires: is text where a date belongs; write a date",
    ),
    "a converted secret": (
        {"scheme": "ServicePrincipal", "convertedDaysAgo": 1},
        f"{PLACE}.convertedDaysAgo: belongs to a federated connection of an application; leave it out",
    ),
    "a conversion to come": (
        {"convertedDaysAgo": -1},
        f"{PLACE}.convertedDaysAgo: is -1; write a number from 0",
    ),
    "a use long before anything": (
        {"lastUsedDaysAgo": 4000},
        f"{PLACE}.lastUsedDaysAgo: is 4000; write a number up to 3650",
    ),
    "a certificate of nobody": (
        {"certificate": True},
        f"{PLACE}.certificate: belongs to the scheme ServicePrincipal and an application; leave it out",
    ),
    "an application that was none": (
        {"automatic": False, "managedIdentity": "id-elsewhere", "applicationGone": True},
        f"{PLACE}.applicationGone: there is no application; leave it out",
    ),
    "a failure by hand": (
        {"automatic": False, "application": "deployer", "failed": "No."},
        f"{PLACE}.failed: belongs to a connection that is automatic; leave it out",
    ),
    "an issuer of a secret": (
        {"scheme": "ServicePrincipal", "issuer": "entra"},
        f"{PLACE}.issuer: belongs to a federated connection; leave it out",
    ),
    "a name of a secret's past": (
        {"scheme": "ServicePrincipal", "renamedFrom": "before"},
        f"{PLACE}.renamedFrom: belongs to a federated connection; leave it out",
    ),
    "an issuer that another cloud has not": (
        {"automatic": False, "application": "dated", "cloud": "AzureChinaCloud", "issuer": "entra"},
        f"{PLACE}.issuer: is for AzureCloud alone; write 'devops' or leave it out",
    ),
    "automatic federation in another cloud": (
        {"cloud": "AzureChinaCloud"},
        f"{PLACE}.automatic: federates in AzureCloud alone; name an application",
    ),
    "a stack without its address": (
        {"automatic": False, "application": "dated", "cloud": "AzureStack"},
        f"{PLACE}.serverUrl: is the address of an AzureStack; write it for one alone",
    ),
    "an approval by nobody": (
        {"checks": ["approval"]},
        f"{PLACE}.checks[0].approvers: belong to an approval, which needs one",
    ),
    "an unknown approver": (
        {"checks": [{"kind": "approval", "approvers": ["sam@contoso.exmple"]}]},
        f"{PLACE}.checks[0].approvers[0]: 'sam@contoso.exmple' is no person or group here; "
        "write 'sam@contoso.example'",
    ),
    "an unknown check": (
        {"checks": ["lock"]},
        f"{PLACE}.checks[0].kind: is 'lock'; choose from 'approval', 'branchControl', 'businessHours' or "
        "'exclusiveLock'",
    ),
    "an unknown key of a check": (
        {"checks": [{"kind": "approval", "aprovers": []}]},
        f"{PLACE}.checks[0].aprovers: is not a key of this place; write 'approvers'",
    ),
    "a share with nobody": (
        {"sharedWith": ["Platfrm"]},
        f"{PLACE}.sharedWith[0].project: 'Platfrm' is no other project here; write 'Platform'",
    ),
    "a share with itself": (
        {"sharedWith": ["Payments"]},
        f"{PLACE}.sharedWith[0].project: 'Payments' is no other project here",
    ),
    "a share that is a number": (
        {"sharedWith": [5]},
        f"{PLACE}.sharedWith[0]: is a number where a mapping belongs",
    ),
    "an unknown owner": (
        {"owner": "sam"},
        f"{PLACE}.owner: 'sam' is no person here",
    ),
    "an unknown tenant": (
        {"tenant": "fabricam"},
        f"{PLACE}.tenant: 'fabricam' is no tenant here; write 'fabrikam'",
    ),
    "no scope": ({"subscription": None}, f"{PLACE}.subscription: is missing; write it, or a managementGroup"),
    "two scopes": (
        {"managementGroup": "corp"},
        f"{PLACE}.managementGroup: stands beside subscription; write one of them",
    ),
    "an unknown group": (
        {"resourceGroup": "rgg"},
        f"{PLACE}.resourceGroup: 'rgg' is no resource group of 'Production' here; write 'rg'",
    ),
    "a workspace without its group": (
        {"workspace": "ml"},
        f"{PLACE}.workspace: lies in a resource group; write resourceGroup as well",
    ),
    "an unknown workspace": (
        {"workspace": "mll", "resourceGroup": "rg"},
        f"{PLACE}.workspace: 'mll' is no workspace here; write 'ml'",
    ),
    "an unknown pipeline of the last run": (
        {"lastUsedBy": "nigthly"},
        f"{PLACE}.lastUsedBy: 'nigthly' is no pipeline here; write 'nightly'",
    ),
}


def report(change: Change) -> list[str]:
    content = yaml.safe_load(FILE)
    change(content)
    with pytest.raises(EstateError) as refused:
        estate.load(yaml.safe_dump(content))
    return [line.strip() for line in str(refused.value).splitlines()[1:]]


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_a_connection_is_said_with_its_place(case: str) -> None:
    changes, sentence = MISTAKES[case]

    def change(content: dict[str, Any]) -> None:
        connection = content["organizations"][0]["projects"][0]["serviceConnections"][0]
        connection |= changes
        for key in [key for key, value in connection.items() if value is None]:
            del connection[key]

    (said,) = report(change)
    assert said.startswith(sentence)


def test_a_role_is_for_a_name_or_an_id() -> None:
    def change(content: dict[str, Any]) -> None:
        roles = content["tenants"][0]["roleAssignments"]
        roles[0].pop("principal")
        roles[1]["principal"] = "deployer"

    assert report(change) == [
        "tenants[0].roleAssignments[0]: names neither of principal and principalId; write one of them",
        "tenants[0].roleAssignments[1]: names both of principal and principalId; write one of them",
    ]


def test_an_application_says_once_when_its_secret_ends() -> None:
    def change(content: dict[str, Any]) -> None:
        content["tenants"][0]["applications"][0]["secretExpires"] = datetime(2027, 1, 1).date()

    assert report(change) == [
        "tenants[0].applications[0].secretExpiresInDays: stands beside secretExpires; write one of them"
    ]


def test_a_name_that_a_project_has_already_cannot_be_shared_into_it() -> None:
    content = yaml.safe_load(FILE)
    shared = next(
        each
        for each in content["organizations"][0]["projects"][0]["serviceConnections"]
        if each["name"] == "shared"
    )
    shared["sharedWith"] = [{"project": "Payments", "name": "secret"}]
    shared["sharedWith"][0]["project"] = "Shop"
    shared["sharedWith"][0]["name"] = "same-name"
    with closing(Cloud()) as cloud:
        with pytest.raises(EstateError, match=r"serviceConnections\[0\]: Service connection with name same"):
            estate.plant(cloud, estate.load(yaml.safe_dump(content)))
        assert cloud.store.find("endpoints") == []
