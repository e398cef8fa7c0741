"""Which connections are adopted, in which form, and why the others are not."""

from collections.abc import Callable
from typing import Any

import pytest
from adopted_connections import (
    CONTRIBUTOR,
    GROUP,
    MANAGED,
    READER,
    SCOPE,
    SUBSCRIPTION,
    TENANT,
    WEB,
    application,
    candidate,
    existing,
    facts,
    managed,
    role,
    selected,
    trust,
)
from planned_connections import guid

from azure_service_connections.components.names import child_name
from azure_service_connections.configuration.loader import load
from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.part_names import key_of, part_name
from azure_service_connections.lifecycle.adopt.selection import REFERENCE
from azure_service_connections.lifecycle.inventory.existing_connection import (
    ExistingConnection,
    Pipeline,
    Project,
)

PLATFORM = Project(id=guid("Platform"), name="Platform", connection_name="shop")
SECRET = {"scheme": "ServicePrincipal", "credential_kind": "secret"}
AUTOMATIC = {"creation_mode": "Automatic"}


def reason(connection: ExistingConnection, **more: Any) -> str:
    """Why a connection is left out."""
    made = selected(connection, **more)
    assert made.candidates == []
    (left,) = made.left_out
    return left.reason


LEFT_OUT: list[tuple[Callable[[], ExistingConnection], str]] = [
    (lambda: existing(**SECRET), "it signs in with a secret, which no service tells again"),
    (
        lambda: existing(scheme="ServicePrincipal", credential_kind="certificate"),
        "it signs in with a certificate, which no service tells again",
    ),
    (
        lambda: existing(scheme="PublishProfile", credential_kind="publishProfile"),
        "it signs in with a publish profile, which no service tells again and a stack has to hold; declare",
    ),
    (lambda: existing(scheme="Kerberos", credential_kind="none"), "its scheme 'Kerberos' is none"),
    (lambda: existing(subscription_gone=True), "what it is for is gone"),
    (lambda: existing(scope_level="Galaxy"), "its scope 'Galaxy' is none that a stack can say"),
    (
        lambda: existing(projects=(WEB, PLATFORM.model_copy(update={"connection_name": "other"}))),
        "project 'Platform' calls it 'other', and the provider can give a shared connection one name only",
    ),
    (
        lambda: existing(projects=(WEB, PLATFORM.model_copy(update={"description": "other"}))),
        "project 'Platform' describes it otherwise",
    ),
    (
        lambda: existing(projects=(WEB, PLATFORM), **AUTOMATIC),
        "Azure DevOps made its identity and it is shared",
    ),
    (
        lambda: existing(ready=False, status="No rights", **AUTOMATIC),
        "Azure DevOps has not finished it (No rights)",
    ),
    (
        lambda: existing(scope_level="AzureMLWorkspace", **AUTOMATIC),
        "a stack cannot declare a workspace with an identity of this kind",
    ),
    (lambda: existing(identity=application("shop", state="deleted")), "its application was deleted"),
    (lambda: existing(identity=application("shop", state="missing")), "its identity is gone"),
    (lambda: existing(identity=application("shop", state="notVisible")), "its identity is in another tenant"),
    (
        lambda: existing(identity=application("shop", object_id="")),
        "its application is registered in another tenant",
    ),
    (
        lambda: existing(identity=managed("shop", resource_id="")),
        "its managed identity is none of its own kind",
    ),
    (lambda: existing(identity=application("shop", principal_id="")), "its service principal is not there"),
    (lambda: existing(identity=application("shop", trusts=())), "its identity does not trust it"),
    (lambda: existing(subject="sc://contoso/Web/other"), "its identity does not trust it"),
    (
        lambda: existing(identity=application("shop", trusts=(trust("shop", audiences=("api://other",)),))),
        "its federated credential 'shop' has another audience than its cloud asks for",
    ),
    (
        lambda: existing(identity=application("shop", trusts=(trust("shop", name="a b"),))),
        "the name of its federated credential 'a b' cannot name a federated credential",
    ),
    (
        lambda: existing(subscription_name=""),
        "a stack would not take it (connections.shop.subscription.name: is blank",
    ),
    (lambda: existing(cloud="AzureMoon"), "its cloud 'AzureMoon' is none that a stack can say"),
]


@pytest.mark.parametrize(("made", "words"), LEFT_OUT)
def test_what_cannot_be_adopted_has_its_reason(made: Callable[[], ExistingConnection], words: str) -> None:
    assert reason(made()).startswith(words)


def test_one_that_the_stack_has_is_adopted_already() -> None:
    (left,) = selected(existing(), connections=[guid("shop")]).left_out
    assert (left.reason, left.already) == ("the stack has it already", True)


def test_one_whose_application_another_stack_marks_is_refused() -> None:
    known = {guid("object of shop"): facts(tags=("team", "pulumi:network/prod/shop"))}
    assert reason(existing(), applications=known) == (
        "the stack 'network/prod' manages its application; remove it there first"
    )


def test_one_that_this_stack_marked_itself_is_adopted_with_its_tag() -> None:
    tag = "pulumi:shop-connections/prod/shop"
    made = candidate(existing(), applications={guid("object of shop"): facts(tags=(tag,))})
    assert made.entry["appRegistration"]["tags"] == [tag]


def test_an_application_of_one_connection_becomes_part_of_the_stack() -> None:
    known = facts(
        notes="Ask Ada",
        tags=("team",),
        service_management_reference="1234",
        owners=(guid("ada"), guid("sam")),
    )
    made = candidate(existing(), applications={guid("object of shop"): known})
    assert made.entry["appRegistration"] == {
        "adopted": True,
        "displayName": "svc-shop",
        "owners": [guid("ada"), guid("sam")],
        "notes": "Ask Ada",
        "tags": ["team"],
        "serviceManagementReference": "1234",
    }
    assert made.ids[part_names.APPLICATION, "shop"] == f"/applications/{guid('object of shop')}"
    assert made.ids[part_names.SERVICE_PRINCIPAL, "shop"] == f"/servicePrincipals/{guid('principal of shop')}"


@pytest.mark.parametrize(
    "case",
    [
        {"identity": application("shop", shared_by=2)},
        {"identity": application("shop", trusts=(trust("shop"), trust("not-read")))},
    ],
)
def test_an_application_of_several_connections_stays_outside(case: dict[str, Any]) -> None:
    made = candidate(existing(**case))
    assert made.entry["servicePrincipal"] == {
        "clientId": guid("client of shop"),
        "tenantId": TENANT,
        "principalId": guid("principal of shop"),
    }
    assert part_names.APPLICATION not in {kind for kind, _ in made.ids}


def test_an_application_that_the_stack_has_or_is_told_to_leave_stays_outside() -> None:
    assert candidate(existing(), identities=REFERENCE).identity == "servicePrincipal"
    assert (
        candidate(existing(), applications={guid("object of shop"): "refused"}).identity == "servicePrincipal"
    )
    made = selected(existing(), **{"applications": {}, "identities": "import"})
    assert made.candidates[0].identity == "appRegistration"


def test_a_managed_identity_stays_outside_and_its_trust_does_not() -> None:
    made = candidate(existing(identity=managed("shop")))
    assert made.entry["managedIdentity"] == {"resourceId": MANAGED}
    assert made.entry["federatedCredential"] == {"name": "shop"}
    assert made.ids[part_names.IDENTITY_CREDENTIAL, "shop"].startswith(MANAGED)


def test_an_automatic_one_leaves_its_own_role_to_azure_devops() -> None:
    connection = existing(scope=GROUP, resource_group="rg-shop", **AUTOMATIC)
    held = (role(connection, CONTRIBUTOR, GROUP), role(connection, READER, SCOPE))
    made = candidate(connection.model_copy(update={"roles": held}))
    assert made.entry["automatic"] == {"tenantId": TENANT}
    assert made.entry["resourceGroup"]["name"] == "rg-shop"
    assert made.entry["roles"]["reader"]["scope"] == SCOPE
    assert list(made.entry["roles"]) == ["reader"]


def test_an_automatic_one_with_a_secret_keeps_it() -> None:
    assert candidate(existing(**SECRET, **AUTOMATIC)).entry["credential"] == {"secret": {}}


def test_further_trust_of_an_adopted_application_is_adopted_and_that_of_others_is_not() -> None:
    github = trust("github", issuer="https://token.actions.githubusercontent.com", subject="repo:a/b:ref:c")
    claims = trust(
        "claims", issuer=github.issuer, subject="", expression="claims['sub'] matches 'x'", description="X"
    )
    identity = application("shop", trusts=(trust("shop"), github, claims))
    made = candidate(existing(identity=identity))
    assert made.entry["trusts"] == {
        "claims": {"issuer": github.issuer, "matching": "claims['sub'] matches 'x'", "description": "X"},
        "github": {"issuer": github.issuer, "subject": "repo:a/b:ref:c"},
    }
    assert "trusts" not in candidate(existing(identity=identity), identities=REFERENCE).entry


def test_a_role_of_several_connections_goes_to_the_one_that_is_for_its_scope() -> None:
    both = application("one", trusts=(trust("one"), trust("two")), shared_by=2)
    one = existing("one", identity=both)
    two = existing("two", identity=both, subject=trust("two").subject, scope=GROUP)
    held = (role(one, READER, GROUP), role(one, CONTRIBUTOR, SCOPE))
    first, second = selected(
        one.model_copy(update={"roles": held}), two.model_copy(update={"roles": held})
    ).candidates
    assert {key: each.get("scope") for key, each in first.entry["roles"].items()} == {"contributor": None}
    assert {key: each.get("scope") for key, each in second.entry["roles"].items()} == {"reader": None}


def test_a_role_of_a_group_or_of_the_stack_already_is_not_adopted() -> None:
    connection = existing()
    through_group = role(connection, READER, SCOPE, principal_id=guid("group"))
    own = role(connection, CONTRIBUTOR, SCOPE)
    with_roles = connection.model_copy(update={"roles": (through_group, own)})
    assert "roles" not in candidate(with_roles, roles=[own.assignment_id]).entry
    assert list(candidate(with_roles).entry["roles"]) == ["contributor"]


def test_a_role_assignment_keeps_a_name_that_does_not_follow_from_it() -> None:
    connection = existing()
    own = role(connection, READER, f"{GROUP}/", name=guid("portal"), condition="C", description="D")
    made = candidate(connection.model_copy(update={"roles": (own,)}))
    assert made.entry["roles"]["reader"] == {
        "role": "Reader",
        "scope": GROUP,
        "condition": "C",
        "description": "D",
        "assignmentName": guid("portal"),
    }


def test_pipelines_of_all_projects_are_adopted_by_their_ids() -> None:
    pipelines = (
        Pipeline(id=7, name="deploy", project_id=WEB.id, project="Web"),
        Pipeline(id=9, name="network", project_id=PLATFORM.id, project="Platform"),
    )
    made = candidate(existing(projects=(WEB, PLATFORM), pipelines=pipelines))
    assert made.entry["pipelines"] == [7, {"project": "Platform", "id": 9}]
    prefix = f"{WEB.id}/endpoint/{guid('shop')}"
    authorizations = [
        each for (kind, _), each in made.ids.items() if kind == part_names.PIPELINE_AUTHORIZATION
    ]
    assert authorizations == [
        f"{prefix};pipeline_id=7",
        f"{prefix};pipeline_project_id={PLATFORM.id};pipeline_id=9",
    ]


def test_the_right_of_all_pipelines_stands_for_those_of_single_ones() -> None:
    pipelines = (Pipeline(id=7, name="deploy", project_id=WEB.id, project="Web"),)
    made = candidate(existing(all_pipelines=True, pipelines=pipelines))
    assert made.entry["allPipelines"] is True
    assert "pipelines" not in made.entry
    assert made.notes == ["The rights of 1 single pipeline stay outside the stack: all may use it."]


def test_what_could_not_be_read_is_said() -> None:
    assert candidate(existing(unseen=("Its checks could not be read.",))).notes == [
        "Its checks could not be read."
    ]


def test_keys_are_names_and_no_two_are_the_same() -> None:
    made = selected(
        existing("Shop Deploy"), existing("shop-deploy"), existing("audit"), existing("a/b~c"), keys=["audit"]
    )
    assert [each.key for each in made.candidates] == ["shop-deploy", "Web-shop-deploy", "Web-audit", "a-b-c"]
    assert [each.entry.get("connectionName") for each in made.candidates] == [
        "Shop Deploy",
        "shop-deploy",
        "audit",
        "a/b~c",
    ]


@pytest.mark.parametrize(
    "connection",
    [
        existing(),
        existing(description="D", identity=managed("shop")),
        existing(scope=GROUP, resource_group="rg-shop", **AUTOMATIC),
        existing(projects=(WEB, PLATFORM)),
        existing(
            scope="/providers/Microsoft.Management/managementGroups/corp",
            scope_level="ManagementGroup",
            management_group_name="Corp",
        ),
        existing(
            scope=f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml-fraud",
            scope_level="AzureMLWorkspace",
            resource_group="rg-shop",
            workspace="ml-fraud",
            workspace_location="westeurope",
        ),
        existing(scheme="ManagedServiceIdentity", credential_kind="none", creation_mode=""),
        existing(organization="https://dev.azure.com/fabrikam"),
        existing(cloud="AzureStack", server_url="https://management.local.azurestack.external"),
    ],
)
def test_what_is_written_is_what_a_stack_takes(connection: ExistingConnection) -> None:
    made = candidate(connection)
    assert list(load({made.key: made.entry})) == [made.key]
    if connection.scope_level == "Subscription" and made.identity != "automatic":
        assert made.entry["subscription"] == {"id": SUBSCRIPTION, "name": "Shop"}
    assert made.entry.get("organization") == (
        None if connection.organization.endswith("contoso") else connection.organization
    )


def test_parts_are_called_what_the_components_call_them() -> None:
    for parts in (("shop",), ("a/b", "c"), ("a~b", "trusts", "c/d")):
        assert part_name(*parts) == child_name(*parts)
        assert key_of(child_name(*parts), ["a/b", "a~b", "shop"]) == parts[0]
    assert key_of("other/reader", ["shop"]) is None
