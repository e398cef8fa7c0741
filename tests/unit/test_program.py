"""The program: a stack's configuration in, connections out."""

import json
import runpy
from typing import Any

import pulumi
import pytest
import yaml
from mock_cloud import (
    APPLICATION,
    APPLICATION_CREDENTIAL,
    AUTHORIZATION,
    ENDPOINT,
    GENERIC_ENDPOINT,
    MANAGED_IDENTITY,
    MANAGED_IDENTITY_CREDENTIAL,
    PRINCIPAL,
    ROLE_ASSIGNMENT,
    SUBSCRIPTION,
    TENANT,
    Cloud,
    managed_identity,
    run,
    start,
)
from program import APPLICATION as LOOK_UP_APPLICATION
from program import MANAGED_IDENTITY as LOOK_UP_IDENTITY
from program import (
    PERSON,
    PIPELINE,
    PROJECT,
    SERVICE_PRINCIPAL,
    TOP,
    answers,
    connect,
    derived,
    pipeline_number,
)
from test_loader_mistakes import connection

AZURE_PROVIDER = "pulumi:providers:azure-native"
DEVOPS_PROVIDER = "pulumi:providers:azuredevops"


def stack(name: str) -> dict[str, Any]:
    """The connections of a committed stack file."""
    text = (TOP / "stacks" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["config"]["azure-service-connections:connections"]  # type: ignore[no-any-return]


def up(connections: Any, absent: dict[str, str] | None = None, **config: str) -> Cloud:
    """Run the program with these connections in a directory that knows every name but the absent ones."""
    cloud = start(Cloud(answers=answers(absent)))
    run(lambda: connect(json.dumps(connections), **config))
    return cloud


def refusal(connections: Any, absent: dict[str, str] | None = None) -> list[str]:
    """The sentences with which the program refuses these connections; nothing but providers registers."""
    cloud = start(Cloud(answers=answers(absent)))
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(json.dumps(connections)))
    assert {resource.typ for resource in cloud.resources} <= {AZURE_PROVIDER, DEVOPS_PROVIDER}
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def calls(cloud: Cloud, token: str) -> list[dict[str, Any]]:
    return [call.args for call in cloud.calls if call.token == token]


@pytest.mark.parametrize("name", ["sandbox", "dev", "prod"])
def test_every_stack_in_the_repository_can_be_made(name: str) -> None:
    connections = stack(name)
    cloud = up(connections)
    assert cloud.names(ENDPOINT) == set(connections)
    assert all(each.get("pipelines") for each in connections.values())


def test_the_sandboxs_stack_has_every_kind_of_identity_and_scope() -> None:
    connections = stack("sandbox")
    keys = {key for each in connections.values() for key in each}
    assert keys >= {"appRegistration", "managedIdentity", "servicePrincipal", "subscription", "resourceGroup"}
    shared = [
        each["managedIdentity"].get("resourceId")
        for each in connections.values()
        if "managedIdentity" in each
    ]
    assert len([each for each in shared if each]) == 2
    assert len({each for each in shared if each}) == 1


def test_every_name_is_looked_up_once() -> None:
    cloud = up(stack("sandbox"))
    asked = [
        (call.token, json.dumps(call.args, sort_keys=True))
        for call in cloud.calls
        if "ClientConfig" not in call.token
    ]
    assert len(asked) == len(set(asked)) == 11


def test_the_output_says_of_every_connection_what_can_be_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", lambda key, value: exported.update({key: value}))
    pipelines: list[Any] = ["deploy", 7, {"project": "Platform", "name": "network"}]
    roles = {"look": {"role": "reader"}, "root": {"role": "Owner", "scope": "/"}}
    written = connection(connectionName="prod", pipelines=pipelines, roles=roles)

    def check(known: dict[str, Any]) -> None:
        subscription = f"/subscriptions/{SUBSCRIPTION}"
        payments, platform = derived("Payments"), derived("Platform")
        definitions = "providers/Microsoft.Authorization/roleDefinitions"
        entry = known["payments"]
        assert entry.pop("subject").endswith(f"/{entry['connectionId']}")
        assert entry.pop("connectionId")
        assert entry == {
            "connectionName": "prod",
            "projectId": payments,
            "project": "Payments",
            "clientId": "0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01",
            "principalId": PRINCIPAL,
            "tenantId": TENANT,
            "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "scope": subscription,
            "cloud": "AzureCloud",
            "identity": "appRegistration",
            "credential": "federated",
            "pipelines": [
                {"id": pipeline_number(payments, "deploy"), "name": "deploy", "projectId": payments},
                {"id": 7, "name": None, "projectId": payments},
                {"id": pipeline_number(platform, "network"), "name": "network", "projectId": platform},
            ],
            "roles": [
                {
                    "key": "look",
                    "role": "reader",
                    "scope": subscription,
                    "roleDefinitionId": f"{subscription}/{definitions}/acdd72a7-3385-48ef-bd42-f606fba81ae7",
                },
                {
                    "key": "root",
                    "role": "Owner",
                    "scope": "/",
                    "roleDefinitionId": f"/{definitions}/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                },
            ],
        }

    def program() -> pulumi.Output[None]:
        connect(json.dumps({"payments": written}))
        return pulumi.Output.from_input(exported["connections"]).apply(check)

    start(Cloud(answers=answers()))
    run(program)


def test_a_pipeline_keeps_its_name_in_the_state_wherever_it_stands_in_the_list() -> None:
    number = pipeline_number(derived("Payments"), "deploy")
    other = {"project": "Platform", "id": 9}
    for pipelines in (["deploy", 7, other], [other, 7, number], [{"name": "deploy"}, {"id": 7}, other]):
        cloud = up({"payments": connection(pipelines=pipelines)})
        names = {f"payments/{number}", "payments/7", f"payments/{derived('Platform')}-9"}
        assert cloud.names(AUTHORIZATION) == names


def test_people_are_looked_up_and_ids_are_not() -> None:
    owners = ["ada@contoso.example", PRINCIPAL.upper()]
    cloud = up({"payments": connection(appRegistration={"owners": owners})})
    assert cloud.one(APPLICATION)["owners"] == [derived("ada@contoso.example"), PRINCIPAL]
    assert calls(cloud, PERSON) == [{"userPrincipalName": "ada@contoso.example"}]


def test_an_id_of_a_project_is_taken_in_lower_case_without_a_look_up() -> None:
    cloud = up({"payments": connection(project=SUBSCRIPTION.upper(), pipelines=[7])})
    assert cloud.one(ENDPOINT)["projectId"] == SUBSCRIPTION
    assert "pipelineProjectId" not in cloud.one(AUTHORIZATION)
    assert cloud.calls == []


def test_an_existing_application_gets_a_credential_and_is_otherwise_left_alone() -> None:
    principal = {"clientId": PRINCIPAL, "tenantId": TENANT}
    cloud = up({"payments": connection(appRegistration=None, servicePrincipal=principal)})
    assert cloud.of(APPLICATION) == []
    application = f"/applications/{derived('application', PRINCIPAL)}"
    assert cloud.one(APPLICATION_CREDENTIAL)["applicationId"] == application


def test_each_managed_identity_is_reached_through_the_provider_of_its_subscription() -> None:
    other = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
    cloud = up(
        {
            "same": connection(appRegistration=None, managedIdentity={"name": "id-a", "resourceGroup": "rg"}),
            "elsewhere": connection(
                appRegistration=None,
                managedIdentity={"name": "id-b", "resourceGroup": "rg", "subscriptionId": other.upper()},
            ),
            "existing": connection(
                appRegistration=None, managedIdentity={"resourceId": managed_identity("rg", "id-c", other)}
            ),
        }
    )
    providers = {
        resource.name: resource.inputs for resource in cloud.resources if resource.typ == AZURE_PROVIDER
    }
    assert {name: inputs["subscriptionId"] for name, inputs in providers.items()} == {
        f"subscription-{SUBSCRIPTION}": SUBSCRIPTION,
        f"subscription-{other}": other,
    }
    used = {
        resource.name: resource.provider
        for resource in cloud.resources
        if resource.typ in (MANAGED_IDENTITY, MANAGED_IDENTITY_CREDENTIAL)
    }
    assert f"subscription-{SUBSCRIPTION}" in used["same"]
    assert f"subscription-{other}" in used["elsewhere"]
    assert f"subscription-{other}" in used["existing"]


def test_roles_of_an_application_are_given_through_the_provider_of_what_the_connection_reaches() -> None:
    cloud = up({"payments": connection(roles={"look": {"role": "Reader", "scope": "/"}})})
    (used,) = (resource.provider for resource in cloud.resources if resource.typ == ROLE_ASSIGNMENT)
    assert f"subscription-{SUBSCRIPTION}" in used


def test_without_a_managed_identity_and_roles_there_is_no_provider_beside_the_default_ones() -> None:
    cloud = up({"payments": connection()})
    assert not [resource for resource in cloud.resources if resource.typ.startswith("pulumi:providers")]


def test_a_provider_takes_over_what_the_stack_configures_and_keeps_secrets_secret() -> None:
    cloud = start(Cloud(answers=answers()))
    config = {
        "azure-native:clientId": "client",
        "azure-native:clientSecret": "quiet",
        "azure-native:metadataHost": "127.0.0.1:18443",
        "azure-native:useOidc": "false",
        "azure-service-connections:connections": json.dumps(
            {"a": connection(appRegistration=None, managedIdentity={"name": "id-a", "resourceGroup": "rg"})}
        ),
    }

    def program() -> None:
        pulumi.runtime.set_all_config(config, ["azure-native:clientSecret"])
        runpy.run_path(str(TOP / "__main__.py"))

    run(program)
    inputs = next(resource.inputs for resource in cloud.resources if resource.typ == AZURE_PROVIDER)
    assert inputs["metadataHost"] == "127.0.0.1:18443"
    assert inputs["useOidc"] == "false"
    assert inputs["clientSecret"]["value"] == "quiet"
    assert "4dabf18193072939515e22adb298388d" in inputs["clientSecret"]


def test_the_cloud_of_the_environment_is_kept_for_a_provider_that_is_made_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", "usgovernment")
    cloud = up(
        {"a": connection(appRegistration=None, managedIdentity={"name": "id-a", "resourceGroup": "rg"})}
    )
    inputs = next(resource.inputs for resource in cloud.resources if resource.typ == AZURE_PROVIDER)
    assert inputs["environment"] == "usgovernment"


def test_an_organization_that_a_connection_names_has_one_provider() -> None:
    url = "https://dev.azure.com/Fabrikam"
    cloud = up(
        {
            "a": connection(organization=url, pipelines=["deploy"]),
            "b": connection(organization=f"{url}/"),
            "c": connection(),
        }
    )
    (provider,) = (resource for resource in cloud.resources if resource.typ == DEVOPS_PROVIDER)
    assert (provider.name, provider.inputs["orgServiceUrl"]) == ("organization-dev.azure.com/fabrikam", url)
    used = {resource.name: resource.provider for resource in cloud.resources if resource.typ == ENDPOINT}
    assert provider.name in used["a"]
    assert provider.name in used["b"]
    assert not used["c"]


@pytest.mark.parametrize(
    ("organization", "configured", "said"),
    [
        ("https://dev.azure.com/Fabrikam/", "", "https://dev.azure.com/Fabrikam"),
        (None, "https://dev.azure.com/contoso", "https://dev.azure.com/contoso"),
        (None, "", None),
    ],
)
def test_the_output_says_the_organization_where_the_stack_does(
    monkeypatch: pytest.MonkeyPatch, organization: str | None, configured: str, said: str | None
) -> None:
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", lambda key, value: exported.update({key: value}))
    more = {"azuredevops__orgServiceUrl": configured} if configured else {}
    up({"payments": connection(organization=organization)}, **more)
    assert exported["connections"]["payments"].get("organization") == said


ABSENT = {
    PROJECT: "invoking getProject: 1 error occurred:\n\t* Project with name {name} or ID  does not exist\n\n",
    PIPELINE: "Unable to find a build definition with name {name}",
    PERSON: "User with UPN {userPrincipalName} was not found",
    LOOK_UP_APPLICATION: "No application found matching specified filter",
    SERVICE_PRINCIPAL: "No service principal found matching filter",
    LOOK_UP_IDENTITY: "Status=404 Code=ResourceNotFound",
}


@pytest.mark.parametrize(
    ("token", "changes", "sentence"),
    [
        (
            PROJECT,
            {},
            "connections.payments.project: there is no such thing as the project 'Payments'; "
            "write the name or the "
            "id of a project of the organization",
        ),
        (
            PIPELINE,
            {"pipelines": [7, "deploy"]},
            "connections.payments.pipelines[1]: there is no such thing as the pipeline 'deploy' "
            "in project 'Payments'; "
            "write a pipeline's name or id, and for one in a folder {name: …, folder: …}",
        ),
        (
            PIPELINE,
            {"pipelines": [{"name": "deploy", "folder": "\\Team"}]},
            "connections.payments.pipelines[0]: there is no such thing as the pipeline 'deploy' "
            "in folder '\\Team' in "
            "project 'Payments'; write a pipeline's name or id, and for one in a folder {name: …, folder: …}",
        ),
        (
            PERSON,
            {"appRegistration": {"owners": ["bob@contoso.example"]}},
            "connections.payments.appRegistration.owners[0]: there is no such thing as the person "
            "'bob@contoso.example'; write a user principal name of the directory or an object id",
        ),
        (
            LOOK_UP_APPLICATION,
            {"appRegistration": None, "servicePrincipal": {"clientId": PRINCIPAL, "tenantId": TENANT}},
            "connections.payments.servicePrincipal.clientId: there is no such thing as the "
            "application with the "
            f"client id '{PRINCIPAL}'; write the client id of an application of the directory that "
            "you sign in to",
        ),
        (
            SERVICE_PRINCIPAL,
            {"appRegistration": None, "servicePrincipal": {"clientId": PRINCIPAL, "tenantId": TENANT}},
            "connections.payments.servicePrincipal.clientId: there is no such thing as the "
            "service principal with the "
            f"client id '{PRINCIPAL}'; create it with `az ad sp create --id CLIENTID`, or write "
            "its principalId",
        ),
        (
            LOOK_UP_IDENTITY,
            {"appRegistration": None, "managedIdentity": {"resourceId": managed_identity("rg", "id-a")}},
            "connections.payments.managedIdentity.resourceId: there is no such thing as the "
            "managed identity 'id-a' "
            "in group 'rg'; write the resourceId of one that exists, or name, resourceGroup and "
            "location to make one",
        ),
    ],
)
def test_a_name_that_is_not_there_is_one_sentence_with_its_path(
    token: str, changes: dict[str, Any], sentence: str
) -> None:
    assert refusal({"payments": connection(**changes)}, {token: ABSENT[token]}) == [sentence]


def test_all_names_that_are_not_there_are_in_one_report_and_each_was_asked_for_once() -> None:
    cloud = start(Cloud(answers=answers({PIPELINE: ABSENT[PIPELINE], PERSON: ABSENT[PERSON]})))
    written = {
        "a": connection(pipelines=["x", "y"], appRegistration={"owners": ["bob@contoso.example"]}),
        "b": connection(pipelines=["x"]),
    }
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(json.dumps(written)))
    assert [line.split(":")[0].strip() for line in str(raised.value).splitlines()[1:]] == [
        "connections.a.appRegistration.owners[0]",
        "connections.a.pipelines[0]",
        "connections.a.pipelines[1]",
        "connections.b.pipelines[0]",
    ]
    assert len(calls(cloud, PIPELINE)) == 2


def test_a_look_up_that_failed_for_another_reason_says_that_reason() -> None:
    assert refusal({"payments": connection()}, {PROJECT: "TF400813: The user is not authorized"}) == [
        "connections.payments.project: the project 'Payments' could not be looked up (TF400813: "
        "The user is not "
        "authorized); check address, credentials and rights"
    ]


def test_one_name_twice_is_found_even_where_one_says_the_projects_name_and_the_other_its_id() -> None:
    other = connection(project=derived("Payments"), connectionName="A")
    assert refusal({"a": connection(), "b": other}) == [
        f"connections.b: the name 'A' in project '{derived('Payments')}' is that of connections.a too; write "
        "another connectionName"
    ]


def test_one_pipeline_twice_is_found_even_where_one_says_its_name_and_the_other_its_id() -> None:
    number = pipeline_number(derived("Payments"), "deploy")
    assert refusal({"a": connection(pipelines=["deploy", number])}) == [
        "connections.a.pipelines[1]: is the pipeline of connections.a.pipelines[0] again; remove one"
    ]


def test_one_role_of_a_shared_identity_asked_for_by_two_connections_is_a_mistake() -> None:
    identity = {"resourceId": managed_identity("rg", "id-a")}
    common = {"appRegistration": None, "managedIdentity": identity}
    written = {
        "a": connection(**common, roles={"look": {"role": "Reader"}}),
        "b": connection(**common, roles={"see": {"role": "acdd72a7-3385-48ef-bd42-f606fba81ae7"}}),
    }
    assert refusal(written) == [
        "connections.b.roles.see: gives the same identity the same role at the same scope as "
        "connections.a.roles.look; Azure keeps one assignment of it, so remove one"
    ]


def test_an_identity_that_more_than_twenty_connections_share_is_a_mistake() -> None:
    identity = {"resourceId": managed_identity("rg", "id-a")}
    written = {
        f"c{number}": connection(appRegistration=None, managedIdentity=identity) for number in range(22)
    }
    assert refusal(written) == [
        "connections.c20.managedIdentity: is the 21st connection with the identity 'id-a'; an "
        "identity trusts 20, "
        "so use another one"
    ]


@pytest.mark.parametrize("name", ["ARM_MGMT_GROUP_ID", "ARM_MGMT_GROUP_NAME"])
def test_a_variable_that_would_get_into_connections_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "corp")
    assert refusal({"payments": connection()}) == [
        f"environment.{name}: is set and would get into every connection to a subscription; run "
        f"`unset {name}` "
        "and start again"
    ]


@pytest.mark.parametrize("name", ["ARM_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_NAME"])
def test_a_subscription_that_would_get_into_a_management_groups_connection_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, SUBSCRIPTION)
    written = connection(subscription=None, managementGroup={"id": "corp", "name": "Contoso"})
    assert refusal({"corp": written}) == [
        f"environment.{name}: is set and would get into every connection to a management group; run "
        f"`unset {name}` and start again"
    ]


def test_roles_at_a_management_group_come_from_a_provider_of_no_subscription() -> None:
    written = connection(
        subscription=None,
        managementGroup={"id": "corp", "name": "Contoso"},
        roles={"look": {"role": "Reader"}},
    )
    cloud = up({"corp": written})
    (provider,) = cloud.of(AZURE_PROVIDER)
    assert provider["subscriptionId"] == "00000000-0000-0000-0000-000000000000"
    assert cloud.one(ROLE_ASSIGNMENT)["scope"] == "/providers/Microsoft.Management/managementGroups/corp"


def test_a_subscription_in_the_environment_gets_nowhere_and_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", TENANT)
    assert up({"payments": connection()}).one(ENDPOINT)["azurermSubscriptionId"] == SUBSCRIPTION


def test_a_mistake_ends_the_program_with_the_report_and_without_a_traceback() -> None:
    start(Cloud())
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(None))
    assert str(raised.value).startswith("1 mistake in the stack's connections, nothing was changed:\n")
    assert raised.value.__suppress_context__


def test_two_connections_that_share_an_identity_give_it_a_role_each() -> None:
    cloud = up({key: each for key, each in stack("sandbox").items() if key.startswith("network-")})
    assert len({each["roleAssignmentName"] for each in cloud.of(ROLE_ASSIGNMENT)}) == 2
    assert len({each["principalId"] for each in cloud.of(ROLE_ASSIGNMENT)}) == 1
    assert (
        len(
            {
                each["federatedIdentityCredentialResourceName"]
                for each in cloud.of(MANAGED_IDENTITY_CREDENTIAL)
            }
        )
        == 2
    )


def test_projects_share_a_connection_in_the_order_written() -> None:
    cloud = up({"payments": connection(sharedWith=["Platform", {"project": "Network"}, "New"])})
    assert cloud.one(GENERIC_ENDPOINT)["sharedProjectIds"] == [
        derived("Platform"),
        derived("Network"),
        derived("New"),
    ]


@pytest.mark.parametrize(
    ("projects", "sentence"),
    [
        (
            ["Platform", "payments"],
            "connections.payments.sharedWith[1]: is the connection's own project, which has it anyway; "
            "remove it",
        ),
        (
            ["Platform", {"project": "platform"}],
            "connections.payments.sharedWith[1]: is the project of connections.payments.sharedWith[0] again; "
            "remove one",
        ),
    ],
)
def test_a_project_that_has_the_connection_anyway_is_a_mistake(projects: list[Any], sentence: str) -> None:
    assert refusal({"payments": connection(sharedWith=projects)}) == [sentence]
