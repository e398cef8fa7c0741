"""Mistakes in a stack's configuration, each said in one sentence."""

import json
from typing import Any

import pytest
from mock_cloud import SUBSCRIPTION, TENANT, Cloud, managed_identity

from azure_service_connections.configuration.loader import load, load_text
from azure_service_connections.configuration.mistakes import ConfigurationError

GUID = "write it in the form 00000000-0000-0000-0000-000000000000"


def connection(**changes: Any) -> dict[str, Any]:
    """A connection that is complete; None takes a key away."""
    written = {
        "project": "Payments",
        "appRegistration": {},
        "subscription": {"id": SUBSCRIPTION, "name": "Payments production"},
        **changes,
    }
    return {key: value for key, value in written.items() if value is not None}


def mistakes_of(written: Any) -> list[str]:
    """What is said about a stack's connections."""
    with pytest.raises(ConfigurationError) as raised:
        load(written)
    return [str(mistake) for mistake in raised.value.mistakes]


def without(**changes: Any) -> dict[str, Any]:
    return {"appRegistration": None, **changes}


WORKSPACE = {
    "subscriptionId": SUBSCRIPTION,
    "subscriptionName": "Payments production",
    "resourceGroup": "rg-payments",
    "name": "ml-fraud",
    "location": "westeurope",
}
ANY_IDENTITY = "appRegistration, managedIdentity, servicePrincipal, automatic, agentIdentity or webApp"
GROUP = {"subscriptionId": SUBSCRIPTION, "subscriptionName": "s", "name": "rg"}
SITE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Web/sites/shop"
HUB = "https://token.actions.githubusercontent.com"
WEB_APP = {"resourceId": SITE, "publishProfile": "hunter2"}
CREDENTIALS = "federated, {secret: {…}} or {certificate: {…}}"
END = "2027-01-31T00:00:00Z"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
CERTIFICATE = {"certificate": PEM, "privateKey": KEY}
PRINCIPAL = {"clientId": TENANT, "tenantId": TENANT}
MANAGED = managed_identity("rg", "id-a")

CASES: list[tuple[dict[str, Any], str]] = [
    # keys
    ({"subscripton": {}}, ".subscripton: 'subscripton' is not known here; write 'subscription'"),
    ({"Pipelines": ["a"]}, ".Pipelines: 'Pipelines' is not known here; write 'pipelines'"),
    (
        {"subscription": {"id": SUBSCRIPTION, "name": "s", "tenant": "t"}},
        ".subscription.tenant: 'tenant' is not known here; write one of id or name",
    ),
    ({"project": None}, ".project: is missing; write the name or the id of the project"),
    ({"project": " "}, ".project: is blank; write the name or the id of the project"),
    # what is not supported yet
    # credentials
    ({"credential": "secret"}, f".credential: 'secret' asks for more; write {CREDENTIALS}"),
    ({"credential": "hunter2"}, f".credential: is a text that is no kind of credential; write {CREDENTIALS}"),
    ({"credential": 5}, f".credential: is a number where a credential belongs; write {CREDENTIALS}"),
    ({"credential": {}}, ".credential: has no credential; write one of secret or certificate"),
    (
        {"credential": {"secret": "hunter2"}},
        ".credential.secret: is a text where a map belongs; write `key: value` pairs",
    ),
    (
        {"credential": {"secrt": {}, "secret": {"expires": END}}},
        ".credential.secrt: 'secrt' is not known here; write 'secret'",
    ),
    (
        {"credential": {"secret": {"expires": END, "expire": END}}},
        ".credential.secret.expire: 'expire' is not known here; write 'expires'",
    ),
    (
        {"credential": {"secret": {"expires": END}, "certificate": CERTIFICATE}},
        ".credential.certificate: Only one of secret and certificate can be given; keep the one you mean",
    ),
    (
        {"credential": {"secret": {}}},
        ".credential.secret.expires: is missing; write when it ends, as 2027-01-31T00:00:00Z",
    ),
    (
        {"credential": {"secret": {"expires": END, "value": "hunter2"}}},
        ".credential.secret.value: is that of a service principal that exists, and this application gets one "
        "of its own; remove it",
    ),
    (
        {"credential": {"secret": {"expires": "31.1.2027"}}},
        ".credential.secret.expires: '31.1.2027' is not the midnight at which it ends; write it as "
        "2027-01-31T00:00:00Z",
    ),
    (
        {"credential": {"secret": {"expires": "2027-02-30T00:00:00Z"}}},
        ".credential.secret.expires: '2027-02-30T00:00:00Z' is no day of the calendar; write one, as "
        "2027-01-31T00:00:00Z",
    ),
    (
        {"credential": {"secret": {"expires": END, "generation": 0}}},
        ".credential.secret.generation: '0' is not a generation; write 1, and one more each time",
    ),
    (
        without(servicePrincipal=PRINCIPAL, credential={"secret": {}}),
        ".credential.secret.value: is missing; write the secret, encrypted",
    ),
    (
        without(servicePrincipal=PRINCIPAL, credential={"secret": {"value": " "}}),
        ".credential.secret.value: is blank; write the secret, encrypted",
    ),
    (
        without(servicePrincipal=PRINCIPAL, credential={"secret": {"value": 12345}}),
        ".credential.secret.value: is a number where a text belongs; write one text in quotes",
    ),
    (
        without(servicePrincipal=PRINCIPAL, credential={"secret": {"value": "x", "expires": END}}),
        ".credential.secret.expires: is that of a secret which is made here, and a service principal that "
        "exists brings its own; remove it",
    ),
    (
        without(managedIdentity={"resourceId": MANAGED}, credential={"secret": {"expires": END}}),
        ".credential: a managed identity has no secret and no certificate; remove `credential` or use "
        "appRegistration",
    ),
    (
        {"credential": {"certificate": {"certificate": PEM}}},
        ".credential.certificate.privateKey: is missing; write its private key, encrypted",
    ),
    (
        {"credential": {"certificate": {**CERTIFICATE, "certificate": "MIIB"}}},
        ".credential.certificate.certificate: holds no certificate in PEM form; write the text from "
        "-----BEGIN CERTIFICATE----- to its end",
    ),
    (
        {"credential": {"certificate": {**CERTIFICATE, "certificate": PEM + KEY}}},
        ".credential.certificate.certificate: holds a private key too; move that to `privateKey`",
    ),
    (
        {"credential": {"certificate": {**CERTIFICATE, "privateKey": "hunter2"}}},
        ".credential.certificate.privateKey: holds no private key in PEM form; write the text from "
        "-----BEGIN PRIVATE KEY----- to its end",
    ),
    # exactly one
    (without(), f": has no identity; write one of {ANY_IDENTITY}"),
    (
        {"servicePrincipal": {"clientId": TENANT, "tenantId": TENANT}},
        ".servicePrincipal: Only one of appRegistration and servicePrincipal can be given; keep "
        "the one you mean",
    ),
    (
        {"subscription": None},
        ": has no scope; write one of subscription, resourceGroup, managementGroup, workspace or webApp",
    ),
    (
        {"resourceGroup": {"subscriptionId": SUBSCRIPTION, "subscriptionName": "s", "name": "rg"}},
        ".resourceGroup: Only one of subscription and resourceGroup can be given; keep the one you mean",
    ),
    (
        {"allPipelines": True, "pipelines": ["a"]},
        ".allPipelines: Only one of pipelines and allPipelines can be given; keep the one you mean",
    ),
    (
        {"managementGroup": {"id": "corp", "name": "Contoso"}},
        ".managementGroup: Only one of subscription and managementGroup can be given; keep the one you mean",
    ),
    (
        {"workspace": WORKSPACE},
        ".workspace: Only one of subscription and workspace can be given; keep the one you mean",
    ),
    # management groups and workspaces
    (
        {"subscription": None, "managementGroup": {"id": "corp"}},
        ".managementGroup.name: is missing; write its name",
    ),
    (
        {"subscription": None, "managementGroup": {"id": "a/b", "name": "Contoso"}},
        ".managementGroup.id: 'a/b' is not the id of a management group; write the last part of its full "
        "id: 1 to 90 letters, digits, dots, dashes, underscores and parentheses, no dot at the end",
    ),
    (
        {"subscription": None, "workspace": {**WORKSPACE, "name": "ml fraud"}},
        ".workspace.name: 'ml fraud' cannot name a workspace; write 3 to 33 letters, digits, dashes and "
        "underscores, a letter or a digit first",
    ),
    (
        {"subscription": None, "workspace": {key: WORKSPACE[key] for key in WORKSPACE if key != "location"}},
        ".workspace.location: is missing; write its Azure region, such as westeurope",
    ),
    (
        {"subscription": None, "workspace": {**WORKSPACE, "region": "westeurope"}},
        ".workspace.region: 'region' is not known here; write one of location, name, resourceGroup, "
        "subscriptionId or subscriptionName",
    ),
    (
        {
            "appRegistration": None,
            "managedIdentity": {"name": "id-a", "resourceGroup": "rg"},
            "subscription": None,
            "managementGroup": {"id": "corp", "name": "Contoso"},
        },
        ".managedIdentity.subscriptionId: is missing; write the id of the subscription",
    ),
    # identities that are not made here
    (
        {"automatic": {}},
        ".automatic: Only one of appRegistration and automatic can be given; keep the one you mean",
    ),
    (
        without(automatic={}, subscription=None, workspace=WORKSPACE),
        ".automatic: cannot be waited for with a workspace, while Azure DevOps still makes the identity; "
        "use appRegistration",
    ),
    (
        without(automatic={}, credential={"certificate": CERTIFICATE}),
        ".credential.certificate: is not what Azure DevOps makes for `automatic`; use federated, a secret or "
        "appRegistration",
    ),
    (
        without(automatic={}, credential={"secret": {"expires": END}}),
        ".credential.secret.expires: is decided by Azure DevOps with `automatic`; remove it, or use "
        "appRegistration",
    ),
    (
        without(agentIdentity={}, roles={"look": {"role": "Reader"}}),
        ".agentIdentity.principalId: is missing, and roles are given to it; write the object id of the "
        "agent's identity",
    ),
    (
        without(agentIdentity={}, subscription=None, resourceGroup=GROUP),
        ".resourceGroup: is no scope for `agentIdentity`; write subscription or managementGroup, and give "
        "the role a scope of its own",
    ),
    (
        without(agentIdentity={}, subscription=None, workspace=WORKSPACE),
        ".workspace: is no scope for `agentIdentity`; write subscription or managementGroup, and give "
        "the role a scope of its own",
    ),
    (
        without(agentIdentity={}, credential="federated"),
        ".credential: is not for `agentIdentity`, which signs in as the machine that runs the job; remove it",
    ),
    (
        without(agentIdentity={"principalID": TENANT}),
        ".agentIdentity.principalID: 'principalID' is not known here; write 'principalId'",
    ),
    # a web app
    (
        without(webApp=WEB_APP),
        ".webApp: Only one of subscription and webApp can be given; keep the one you mean",
    ),
    (
        without(webApp=WEB_APP, subscription=None, roles={"look": {"role": "Reader"}}),
        ".roles: are for an identity, and a publish profile has none; remove them",
    ),
    (
        without(webApp=WEB_APP, subscription=None, credential={"secret": {}}),
        ".credential: is not for `webApp`, which signs in with its publish profile; remove it",
    ),
    (
        without(webApp={**WEB_APP, "resourceId": SUBSCRIPTION}, subscription=None),
        f".webApp.resourceId: '{SUBSCRIPTION}' is not the id of an App Service; write /subscriptions/GUID"
        "/resourceGroups/NAME/providers/Microsoft.Web/sites/NAME",
    ),
    (
        without(webApp={"resourceId": SITE}, subscription=None),
        ".webApp.publishProfile: is missing; write the publish profile, encrypted",
    ),
    (
        without(webApp="hunter2", subscription=None),
        ".webApp: is a text where a map belongs; write `key: value` pairs",
    ),
    (
        {"replace": True},
        '.replace: is true where a text belongs; write it in quotes: "true"',
    ),
    (
        {"replace": "yes"},
        ".replace: 'yes' says nothing; write allowed, or remove the key to keep the connection",
    ),
    # sharing
    (
        {"sharedWith": "Platform"},
        ".sharedWith: is the text 'Platform' where a list belongs; write a list in brackets: [a, b]",
    ),
    (
        {"sharedWith": [7]},
        ".sharedWith[0]: is the number 7 where a project belongs; write its name, its id or {project: …}",
    ),
    ({"sharedWith": [{}]}, ".sharedWith[0].project: is missing; write the name or the id of the project"),
    (
        {"sharedWith": [{"project": "Platform", "nmae": "x"}]},
        ".sharedWith[0].nmae: 'nmae' is not known here; write 'name'",
    ),
    (
        {"sharedWith": [{"project": "Platform", "name": "other"}]},
        ".sharedWith[0].name: is another name than in the connection's own project, and the provider can "
        "give a shared connection only one; remove it",
    ),
    (
        {"sharedWith": [{"project": "Platform", "description": "other"}]},
        ".sharedWith[0].description: is another description than in the connection's own project, and the "
        "provider can give a shared connection only one; remove it",
    ),
    (
        without(automatic={}, sharedWith=["Platform"]),
        ".sharedWith: cannot be waited for with `automatic`, while Azure DevOps still makes the identity; "
        "use appRegistration",
    ),
    # trusts
    (
        {"trusts": {"github": {"subject": "repo:contoso/shop"}}},
        ".trusts.github.issuer: is missing; write the issuer of the tokens that are trusted",
    ),
    (
        {"trusts": {"github": {"issuer": HUB}}},
        ".trusts.github: has no subject; write one of subject or matching",
    ),
    (
        {"trusts": {"github": {"issuer": HUB, "subject": "s", "matching": "m"}}},
        ".trusts.github.matching: Only one of subject and matching can be given; keep the one you mean",
    ),
    (
        {"trusts": {"github": {"issuer": HUB, "subject": "s" * 601}}},
        ".trusts.github.subject: has 601 characters; shorten it to 600",
    ),
    (
        {"trusts": {"a b": {"issuer": HUB, "subject": "s"}}},
        ".trusts[\"a b\"]: 'a b' cannot name a federated credential; write 3 to 120 letters, digits, dashes "
        "and underscores, a letter or a digit first",
    ),
    (
        without(managedIdentity={"resourceId": MANAGED}, trusts={"hub": {"issuer": HUB, "matching": "m"}}),
        ".trusts.hub.matching: is not what a managed identity can do; write subject, or use appRegistration",
    ),
    (
        without(
            managedIdentity={"resourceId": MANAGED},
            trusts={"hub": {"issuer": HUB, "subject": "s", "description": "d"}},
        ),
        ".trusts.hub.description: is not what a managed identity can hold; remove it, or use appRegistration",
    ),
    (
        without(automatic={}, trusts={"hub": {"issuer": HUB, "subject": "s"}}),
        ".trusts: are for an identity that is known here, and not for `automatic`; remove them",
    ),
    # clouds
    (
        {"cloud": {"environment": "AzureGermany"}},
        ".cloud.environment: 'AzureGermany' is no cloud; write AzureCloud, AzureUSGovernment, "
        "AzureChinaCloud or AzureStack",
    ),
    ({"cloud": {}}, ".cloud.environment: is missing; write the name of the cloud"),
    (
        {"cloud": {"environment": "AzureStack"}},
        ".cloud.serverUrl: is missing; write the address of its Resource Manager, such as "
        "https://management.local.azurestack.external",
    ),
    (
        {"cloud": {"environment": "AzureChinaCloud", "serverUrl": "https://management.chinacloudapi.cn/"}},
        ".cloud.serverUrl: goes with AzureStack only, and the address of AzureChinaCloud is known; remove it",
    ),
    (
        {"cloud": {"environment": "AzureStack", "serverUrl": "management.local"}},
        ".cloud.serverUrl: 'management.local' is not an address; write it as "
        "https://management.local.azurestack.external",
    ),
    (
        without(automatic={}, cloud={"environment": "AzureUSGovernment"}),
        ".automatic: is not what Azure DevOps does in AzureUSGovernment; use appRegistration or "
        "servicePrincipal",
    ),
    # former keys
    (
        {"formerKeys": "old"},
        ".formerKeys: is the text 'old' where a list belongs; write a list in brackets: [a, b]",
    ),
    ({"formerKeys": [" "]}, ".formerKeys[0]: is blank; write a text or leave the key out"),
    # kinds of values
    ({"project": 5}, '.project: is the number 5 where a text belongs; write it in quotes: "5"'),
    ({"description": True}, '.description: is true where a text belongs; write it in quotes: "true"'),
    (
        {"appRegistration": {"serviceManagementReference": 1234}},
        ".appRegistration.serviceManagementReference: is the number 1234 where a text belongs; "
        'write it in quotes: "1234"',
    ),
    ({"roles": [{"role": "Reader"}]}, ".roles: is a list where a map belongs; write `key: value` pairs"),
    (
        {"roles": {"look": "Reader"}},
        ".roles.look: is the text 'Reader' where a map belongs; write `key: value` pairs",
    ),
    (
        {"pipelines": "deploy"},
        ".pipelines: is the text 'deploy' where a list belongs; write a list in brackets: [a, b]",
    ),
    (
        {"allPipelines": "yes"},
        ".allPipelines: is the text 'yes' where a yes-or-no value belongs; write true or false, "
        "without quotes",
    ),
    # values
    (
        {"subscription": {"id": "Payments", "name": "s"}},
        f".subscription.id: 'Payments' is not a GUID; {GUID}",
    ),
    (
        {"subscription": {"id": SUBSCRIPTION, "name": ""}},
        ".subscription.name: is blank; write a text or leave the key out",
    ),
    (
        {"roles": {"look": {"role": "Raeder"}}},
        ".roles.look.role: 'Raeder' is not a known role; write 'Reader' or the role's GUID",
    ),
    (
        {"roles": {"look": {"role": "Reader", "scope": "rg-payments"}}},
        ".roles.look.scope: 'rg-payments' is not a scope; write /subscriptions/GUID, "
        "/subscriptions/GUID/resourceGroups/NAME or the id of a resource",
    ),
    (
        {"roles": {"look": {"role": "Reader", "description": "x" * 1025}}},
        ".roles.look.description: has 1025 characters; shorten it to 1024",
    ),
    ({"description": "x" * 1025}, ".description: has 1025 characters; shorten it to 1024"),
    ({"connectionName": ""}, ".connectionName: is blank; write the name that pipelines are to use"),
    (
        {"connectionName": " prod"},
        ".connectionName: ' prod' starts or ends with a blank or holds a line break; write it without",
    ),
    ({"connectionName": "x" * 257}, ".connectionName: has 257 characters; shorten it to 256"),
    (
        {"organization": "contoso"},
        ".organization: 'contoso' is not the address of an organization; write https://dev.azure.com/NAME",
    ),
    (
        {"organization": "https://[contoso"},
        ".organization: 'https://[contoso' is not the address of an organization; write "
        "https://dev.azure.com/NAME",
    ),
    (
        {"appRegistration": {"owners": ["Ada Park"]}},
        ".appRegistration.owners[0]: 'Ada Park' is nobody who can be looked up; write a user "
        "principal name such as "
        "ada@contoso.example or an object id",
    ),
    # managed identities
    (without(managedIdentity={}), ".managedIdentity: has no identity; write one of resourceId or name"),
    (
        without(managedIdentity={"name": "id-a"}),
        ".managedIdentity.resourceGroup: is missing; write the name of its resource group",
    ),
    (
        without(managedIdentity={"name": "id a", "resourceGroup": "rg"}),
        ".managedIdentity.name: 'id a' cannot name a managed identity; write 3 to 128 letters, "
        "digits, dashes and "
        "underscores, a letter or a digit first",
    ),
    (
        without(managedIdentity={"name": "id-a", "resourceGroup": "rg."}),
        ".managedIdentity.resourceGroup: 'rg.' cannot name a resource group; write 1 to 90 "
        "letters, digits, dots, "
        "dashes, underscores and parentheses, no dot at the end",
    ),
    (
        without(managedIdentity={"resourceId": "id-a"}),
        ".managedIdentity.resourceId: 'id-a' is not the id of a managed identity; write /subscriptions/GUID"
        "/resourceGroups/NAME/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
    ),
    (
        without(managedIdentity={"resourceId": MANAGED, "location": "westeurope"}),
        ".managedIdentity.location: goes with `name` only; write `name` too or remove it",
    ),
    # pipelines
    ({"pipelines": [""]}, ".pipelines[0]: is blank; write a text or leave the key out"),
    (
        {"pipelines": ["a", 0]},
        ".pipelines[1]: '0' is not the id of a pipeline; write the number in the pipeline's "
        "address (definitionId=…)",
    ),
    (
        {"pipelines": [["a"]]},
        ".pipelines[0]: is a list where a pipeline belongs; write its name, its id or {project: …, name: …}",
    ),
    (
        {"pipelines": [True]},
        ".pipelines[0]: is true where a pipeline belongs; write its name, its id or {project: …, name: …}",
    ),
    ({"pipelines": [{"project": "Platform"}]}, ".pipelines[0]: has no pipeline; write one of name or id"),
    (
        {"pipelines": [{"name": "a", "id": 7}]},
        ".pipelines[0].id: Only one of name and id can be given; keep the one you mean",
    ),
    (
        {"pipelines": [{"id": 7, "folder": "\\Team"}]},
        ".pipelines[0].folder: goes with `name` only; write `name` too or remove it",
    ),
    (
        {"pipelines": [{"nmae": "a"}]},
        ".pipelines[0].nmae: 'nmae' is not known here; write 'name'",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[sentence[:70] for _, sentence in CASES])
def test_a_mistake_is_one_sentence_with_its_path(
    cloud: Cloud, changes: dict[str, Any], sentence: str
) -> None:
    said = mistakes_of({"payments-prod": connection(**changes)})
    assert f"connections.payments-prod{sentence}" in said
    assert len(said) == 1 or "nmae" in sentence
    assert "hunter2" not in str(said)
    assert cloud.resources == []


def test_a_key_without_a_value_is_a_mistake_of_its_own() -> None:
    assert mistakes_of({"a": {**connection(), "roles": None}}) == [
        "connections.a.roles: is empty; write a value or remove the key"
    ]


def test_all_mistakes_of_a_stack_are_in_one_report_in_the_order_of_the_stack() -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(
            {
                "first": connection(project=None, subscription={"id": "x", "name": "s"}),
                "second": connection(appRegistration=None, roles={"look": {"role": "Raeder"}}),
            }
        )
    assert str(raised.value).splitlines() == [
        "4 mistakes in the stack's connections, nothing was changed:",
        "  connections.first.project: is missing; write the name or the id of the project",
        f"  connections.first.subscription.id: 'x' is not a GUID; {GUID}",
        "  connections.second.roles.look.role: 'Raeder' is not a known role; write 'Reader' or "
        "the role's GUID",
        f"  connections.second: has no identity; write one of {ANY_IDENTITY}",
    ]


def test_two_connections_of_one_name_in_one_project_are_a_mistake() -> None:
    assert mistakes_of({"a": connection(), "b": connection(connectionName="A", project="payments")}) == [
        "connections.b.connectionName: the name 'A' in project 'payments' is that of "
        "connections.a too; write "
        "another connectionName"
    ]


def test_the_same_name_in_another_project_or_organization_is_none() -> None:
    other = connection(connectionName="a", organization="https://dev.azure.com/fabrikam")
    assert len(load({"a": connection(), "b": connection(connectionName="a", project="P"), "c": other})) == 3


def test_one_managed_identity_made_twice_is_a_mistake() -> None:
    identity = {"name": "id-a", "resourceGroup": "rg"}
    first = connection(appRegistration=None, managedIdentity=identity)
    second = connection(
        appRegistration=None,
        managedIdentity={**identity, "name": "ID-A", "subscriptionId": SUBSCRIPTION.upper()},
    )
    assert mistakes_of({"a": first, "b": second}) == [
        "connections.b.managedIdentity.name: connections.a.managedIdentity makes this identity "
        "already; make it in "
        "another stack and write its resourceId in both, or choose another name"
    ]


def test_a_key_that_names_a_connection_has_to_be_a_name() -> None:
    said = "starts or ends with a blank or holds a line break; write it without"
    assert mistakes_of({"a ": connection()}) == [f"connections[\"a \"]: 'a ' {said}"]
    assert load({"a ": connection(connectionName="a")}).keys() == {"a "}


def test_a_former_key_is_gone_from_the_stack_and_was_that_of_one_connection() -> None:
    assert mistakes_of(
        {
            "a": connection(formerKeys=["b", "old"]),
            "b": connection(),
            "c": connection(formerKeys=["c", "old"]),
        }
    ) == [
        "connections.a.formerKeys[0]: 'b' is a connection of this stack still; write a key that is gone",
        "connections.c.formerKeys[0]: 'c' is a connection of this stack still; write a key that is gone",
        "connections.c.formerKeys[1]: is the same as connections.a.formerKeys[1]; only one can take over, "
        "so remove one",
    ]


def test_a_key_whose_children_spell_it_in_another_way_takes_over_nothing() -> None:
    said = "holds a slash or a tilde, and what lies below it is not found again; keep the key and set "
    assert mistakes_of({"a": connection(formerKeys=["b/c"]), "d~e": connection(formerKeys=["f"])}) == [
        f"connections.a.formerKeys[0]: 'b/c' {said}connectionName",
        f"connections[\"d~e\"].formerKeys[0]: 'd~e' {said}connectionName",
    ]
    assert load({"a": connection(formerKeys=["b", "c"])})["a"].former_keys == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            None,
            "connections: the stack has no azure-service-connections:connections; write it under "
            "`config:` in the "
            "stack's file, as in stacks/Pulumi.dev.yaml",
        ),
        ("payments", "connections: is the text 'payments' where a map belongs; write `key: value` pairs"),
        ("[]", "connections: is a list where a map belongs; write `key: value` pairs"),
        ("7", "connections: is the number 7 where a map belongs; write `key: value` pairs"),
        ("null", "connections: is empty where a map belongs; write `key: value` pairs"),
        ('{"a": 1}', "connections.a: is the number 1 where a map belongs; write `key: value` pairs"),
    ],
)
def test_a_configuration_that_is_no_map_is_one_sentence(text: str | None, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_text(text)
    assert [str(mistake) for mistake in raised.value.mistakes] == [sentence]


def test_a_secret_that_the_stacks_file_does_not_encrypt_is_refused_and_not_shown() -> None:
    written = {
        "a": connection(**without(servicePrincipal=PRINCIPAL, credential={"secret": {"value": "hunter2"}}))
    }
    assert "a" in load_text(json.dumps(written), encrypted=True)
    with pytest.raises(ConfigurationError) as raised:
        load_text(json.dumps(written), encrypted=False)
    assert [str(mistake) for mistake in raised.value.mistakes] == [
        "connections.a.credential.secret.value: stands in the stack's file for everybody to read; write "
        "it with `pulumi config set --secret --path "
        "'azure-service-connections:connections.a.credential.secret.value'`"
    ]


def test_a_stack_without_connections_may_say_so() -> None:
    assert load_text("{}") == {}


def test_what_is_right_is_read_as_it_was_written() -> None:
    written = connection(
        roles={"look": {"role": "Reader"}}, pipelines=["deploy", 7, {"project": "P", "name": "x"}]
    )
    read = load_text(json.dumps({"payments": written}))["payments"]
    assert read.model_dump(by_alias=True, exclude_unset=True) == {
        **written,
        "pipelines": written["pipelines"],
    }
