"""What a caller lacks for exactly one stack, told before it is up."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from served_cloud import ROLES, World

from azure_service_connections.cli.verify import verify
from azure_service_connections.configuration.loader import load
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.kinds import KINDS
from azure_service_connections.lifecycle.preflight.preflight import look_ahead
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.sandbox.arm import role_assignment
from azure_service_connections.sandbox.entra.access_tokens import DIRECTORY_ROLE_TEMPLATES

CREATOR = "Application.ReadWrite.OwnedBy"


def stack(world: World, **more: Any) -> dict[str, Any]:
    """A stack of one connection that can be made as it is."""
    connection = {
        "project": "Web",
        "appRegistration": {},
        "subscription": {"id": world.subscription("Shop"), "name": "Shop"},
        "roles": {"deploy": {"role": "Reader"}},
        "pipelines": ["deploy"],
        **more,
    }
    return {"new": {key: value for key, value in connection.items() if value is not None}}


def looked(world: World, connections: dict[str, Any]) -> list[Finding]:
    with Services(world.environment) as services:
        found = look_ahead(services, load(connections))
    told = [finding for row in found.rows.values() for finding in row]
    assert all(not each.code or each.code in KINDS[each.kind].codes for each in told)
    return told


def one(world: World, connections: dict[str, Any]) -> Finding:
    (found,) = looked(world, connections)
    return found


def operator(world: World) -> dict[str, Any]:
    return world.one("service-principals", displayName="operator")


def hold(world: World, *rights: str) -> None:
    """Let the operator hold these rights in the directory and no others."""
    world.put("service-principals", {**operator(world), "directoryRoles": list(rights)})


def give(world: World, role: str, scope: str, condition: str | None = None) -> None:
    """Let the operator hold this role in Azure and no other."""
    own = operator(world)
    for each in world.cloud.store.find("role-assignments", principalId=own["id"]):
        world.cloud.store.remove("role-assignments", each["id"].lower())
    role_assignment.make(
        world.cloud,
        own["tenantId"],
        scope=scope,
        name=world.cloud.identifiers.guid("given", scope),
        role=role,
        principal_id=own["id"],
        principal_type="ServicePrincipal",
        condition=condition,
    )


def test_who_may_do_all_that_a_stack_needs_lacks_nothing(world: World) -> None:
    assert looked(world, stack(world)) == []
    hold(world, CREATOR)
    assert looked(world, stack(world)) == []


def test_who_may_make_no_application_is_told_the_least_role(world: World) -> None:
    hold(world, "Directory Readers")
    found = one(world, stack(world))
    assert (found.kind, found.code) == ("right-lacking", "Authorization_RequestDenied")
    assert found.what == "'operator' makes its application and may make none"
    assert "Application Developer" in found.fix
    assert DIRECTORY_ROLE_TEMPLATES["Application Developer"] in found.fix
    identity = {"name": "id-new", "resourceGroup": "rg-shop"}
    assert looked(world, stack(world, appRegistration=None, managedIdentity=identity)) == []


def test_who_may_give_no_roles_at_a_scope_is_told_there(world: World) -> None:
    give(world, ROLES["Contributor"], "/")
    found = one(world, stack(world))
    scope = f"/subscriptions/{world.subscription('Shop')}"
    assert (found.kind, found.code) == ("right-lacking", "AuthorizationFailed")
    assert found.what == (
        f"'operator' gives the roles and lacks Microsoft.Authorization/roleAssignments/write at {scope}"
    )
    assert f"--role 'Role Based Access Control Administrator' --scope {scope}" in found.fix
    assert f"--assignee-object-id {operator(world)['id']}" in found.fix
    assert looked(world, stack(world, roles={})) == []


def test_each_scope_is_looked_at_by_itself(world: World) -> None:
    administrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
    give(world, administrator, f"/subscriptions/{world.subscription('Shop')}")
    elsewhere = world.group("Elsewhere", "rg-elsewhere")
    roles = {"deploy": {"role": "Reader"}, "other": {"role": "Reader", "scope": elsewhere}}
    assert [each.what.endswith(f"at {elsewhere}") for each in looked(world, stack(world, roles=roles))] == [
        True
    ]


def test_a_condition_on_the_callers_own_role_is_said_not_to_be_known(world: World) -> None:
    condition = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})))"
    administrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
    give(world, administrator, f"/subscriptions/{world.subscription('Shop')}", condition)
    with Services(world.environment) as services:
        found = look_ahead(services, load(stack(world)))
    assert found.rows == {"new": ()}
    assert any("condition of the caller's role" in each for each in found.unseen)


def test_who_may_make_no_managed_identity_is_told(world: World) -> None:
    reader_and_giver = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
    give(world, reader_and_giver, "/")
    identity = {"name": "id-new", "resourceGroup": "rg-shop"}
    found = one(world, stack(world, appRegistration=None, managedIdentity=identity))
    assert "lacks Microsoft.ManagedIdentity/userAssignedIdentities/write" in found.what
    assert "--role 'Managed Identity Contributor'" in found.fix
    resource = world.one("service-principals", displayName="id-network")["resourceId"]
    found = one(world, stack(world, appRegistration=None, managedIdentity={"resourceId": resource}))
    assert "federatedIdentityCredentials/write" in found.what


def test_who_may_not_change_a_named_application_is_told(world: World) -> None:
    audit = world.one("applications", displayName="audit")
    principal = {"clientId": audit["appId"], "tenantId": audit["tenantId"]}
    connections = stack(world, appRegistration=None, servicePrincipal=principal)
    assert looked(world, connections) == []
    hold(world, CREATOR)
    found = one(world, connections)
    assert (found.kind, found.code) == ("right-lacking", "Authorization_RequestDenied")
    assert "the application 'audit' and may not change it" in found.what
    assert f"az ad app owner add --id {audit['appId']} --owner-object-id" in found.fix
    assert "connections handoff" in found.fix
    world.put("applications", {**audit, "owners": [operator(world)["id"]]})
    assert looked(world, connections) == []


def test_who_may_not_make_connections_in_a_project_is_told(world: World) -> None:
    project = world.one("projects", name="Web")
    world.put("projects", {**project, "endpointAdministrators": []})
    found = one(world, stack(world))
    assert (found.kind, found.code) == ("right-lacking", "AccessCheckException")
    assert found.what == (
        "whoever signs in to fabrikam makes connections in 'Web' and lacks the right Create of service "
        "connections there"
    )
    assert found.fix.endswith("the group [Web]\\Endpoint Creators")
    # Whoever made a connection administers it, until the role is taken away.
    assert looked(world, {"shop": stack(world)["new"]}) == []
    for key in world.cloud.store.keys("connection-roles"):
        world.cloud.store.remove("connection-roles", key)
    found = one(world, {"shop": stack(world)["new"]})
    assert "lacks the right Administer" in found.what


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"project": "Nowhere"}, "fabrikam has no project 'Nowhere' (`project`)"),
        ({"pipelines": ["nothing"]}, "the project 'Web' has no pipeline 'nothing' (`pipelines[0]`)"),
        ({"pipelines": [4711]}, "the project 'Web' has no pipeline '4711' (`pipelines[0]`)"),
        ({"sharedWith": ["Nowhere"]}, "fabrikam has no project 'Nowhere' (`sharedWith`)"),
        (
            {"appRegistration": {"owners": ["nobody@fabrikam.example"]}},
            "the directory has nobody with the user principal name 'nobody@fabrikam.example'",
        ),
        (
            {"subscription": {"id": "00000000-0000-4000-8000-00000000000d", "name": "Gone"}},
            "the subscription /subscriptions/00000000-0000-4000-8000-00000000000d is not there",
        ),
        (
            {"roles": {"own": {"role": "00000000-0000-4000-8000-00000000000e"}}},
            "there is no role '00000000-0000-4000-8000-00000000000e' at /subscriptions/SHOP",
        ),
        (
            {"appRegistration": None, "managedIdentity": {"name": "id-new", "resourceGroup": "rg-gone"}},
            "the scope /subscriptions/SHOP/resourceGroups/rg-gone is not there",
        ),
        (
            {
                "appRegistration": None,
                "managedIdentity": {"name": "id-new", "resourceGroup": "rg-shop", "location": "atlantis"},
            },
            "the subscription SHOP has no region 'atlantis'",
        ),
        (
            {
                "appRegistration": None,
                "servicePrincipal": {
                    "clientId": "00000000-0000-4000-8000-00000000000f",
                    "tenantId": "00000000-0000-4000-8000-00000000000f",
                },
            },
            "the tenant has no service principal of the client id 00000000-0000-4000-8000-00000000000f",
        ),
    ],
)
def test_what_a_stack_refers_to_and_is_not_there_is_told(
    world: World, changed: dict[str, Any], what: str
) -> None:
    found = one(world, stack(world, **changed))
    assert (found.kind, found.what) == ("not-there", what.replace("SHOP", world.subscription("Shop")))


def test_an_identity_without_room_for_more_credentials_is_told(world: World) -> None:
    held = world.one("federated-credentials", name="connection-network")
    for number in range(18):
        identifier = (
            f"{held['id']}-{number}" if "/" in held["id"] else f"{number:08d}-0000-4000-8000-000000000000"
        )
        world.put(
            "federated-credentials",
            {**held, "id": identifier, "name": f"more-{number}", "subject": f"{number}"},
        )
    identity = {"resourceId": held["parent"]}
    both = {
        name: stack(world, appRegistration=None, managedIdentity=identity)["new"] for name in ("one", "two")
    }
    assert looked(world, {"one": both["one"]}) == []
    found = one(world, both)
    assert (found.connection, found.kind) == ("one", "no-room")
    assert "holds 19 of 20 federated credentials, and the stack would add 2" in found.what


def test_an_automatic_identity_needs_a_person(world: World) -> None:
    connections = stack(world, appRegistration=None, automatic={}, roles={})
    assert looked(world, connections) == []
    del world.environment["AZDO_PERSONAL_ACCESS_TOKEN"]
    assert "no personal access token is set" in one(world, connections).what


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, ["--preflight", *arguments])


def test_the_command_reads_the_stacks_file_and_nothing_has_to_be_up(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    path = tmp_path / "stacks" / "Pulumi.new.yaml"
    config = {"azure-service-connections:connections": stack(world)}
    path.write_text(yaml.safe_dump({"config": config}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("--stack", "new")
    assert done.exit_code == 0, done.output
    assert done.stdout == "operator may do all that the stack new needs.\n"
    hold(world, "Directory Readers")
    done = run("--stack", "new", "--json")
    assert done.exit_code == 3
    (row,) = json.loads(done.stdout)
    assert (row["connection"], [each["kind"] for each in row["findings"]]) == ("new", ["right-lacking"])
    path.write_text(yaml.safe_dump({"config": {"azure-service-connections:connections": {"new": {}}}}))
    done = run("--stack", "new")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Pulumi.new.yaml: " in done.stderr
    done = run("--stack", "other")
    assert done.exit_code == 1
    assert "Pulumi.other.yaml is not there" in done.stderr
    assert run("--file", "x").exit_code == 2
