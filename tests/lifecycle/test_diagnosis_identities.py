"""What is told of identities that are gone, disabled, of the wrong kind, or hold what has ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from diagnosed import change_endpoint, code_of_sign_in, diagnoses, finding, findings, parameters
from served_cloud import World

from azure_service_connections.lifecycle.services import Services
from azure_service_connections.sandbox.entra import deleted_items


def application(world: World, name: str) -> dict[str, Any]:
    return world.one("applications", displayName=name)


def principal(world: World, name: str) -> dict[str, Any]:
    return world.one("service-principals", displayName=name)


def test_an_application_that_was_deleted_can_be_restored_for_the_days_that_are_left(
    world: World, services: Services
) -> None:
    deleted = datetime.now(UTC) - timedelta(days=9, hours=1)
    held, declared = application(world, "shop"), world.shop()
    deleted_items.delete_application(world.cloud, held, deleted.strftime("%Y-%m-%dT%H:%M:%SZ"))
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("application-deleted", "AADSTS700016")
    assert found.what == (
        f"the application 'shop' was deleted on {deleted:%Y-%m-%d} and can be restored for 20 days more"
    )
    restore = f"https://graph.microsoft.com/v1.0/directory/deletedItems/{held['id']}/restore"
    assert found.fix == f"run `az rest --method post --url {restore}`"
    assert finding(world, services, "shop", declared).fix == found.fix
    assert code_of_sign_in(world, services, "shop") == "AADSTS700016"
    assert services.graph("POST", f"/directory/deletedItems/{held['id']}/restore").successful
    assert findings(world, services, "shop") == ()


def test_an_identity_that_the_tenant_does_not_know_is_told(world: World, services: Services) -> None:
    unknown = "00000000-0000-4000-8000-00000000000a"
    shown = {**parameters(world, "shop"), "serviceprincipalid": unknown}
    change_endpoint(
        world, "shop", authorization={"scheme": "WorkloadIdentityFederation", "parameters": shown}
    )
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("identity-missing", "AADSTS700016")
    assert unknown in found.what
    assert code_of_sign_in(world, services, "shop") == "AADSTS700016"


def test_an_application_without_a_service_principal_is_told(world: World, services: Services) -> None:
    world.cloud.store.remove("service-principals", principal(world, "shop")["id"])
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("no-principal", "AADSTS7000229")
    assert found.fix == f"run `az ad sp create --id {application(world, 'shop')['appId']}`"
    assert code_of_sign_in(world, services, "shop") == "AADSTS7000229"


def test_a_disabled_service_principal_is_told(world: World, services: Services) -> None:
    held = principal(world, "shop")
    world.put("service-principals", {**held, "accountEnabled": False})
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("principal-disabled", "AADSTS7000112")
    assert found.fix == f"run `az ad sp update --id {held['id']} --set accountEnabled=true`"
    assert code_of_sign_in(world, services, "shop") == "AADSTS7000112"


def test_a_multi_tenant_application_is_told_where_entra_is_the_issuer(
    world: World, services: Services
) -> None:
    world.put("applications", {**application(world, "shop"), "signInAudience": "AzureADMultipleOrgs"})
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("multi-tenant", "AADSTS70052")
    assert "--sign-in-audience AzureADMyOrg" in found.fix
    assert code_of_sign_in(world, services, "shop") == "AADSTS70052"


def test_a_tenant_whose_policy_blocks_federation_is_told(world: World, services: Services) -> None:
    tenant = world.one("tenants", name="fabrikam")
    world.put("tenants", {**tenant, "federationBlocked": True})
    found = finding(world, services, "shop")
    assert (found.kind, found.code) == ("federation-blocked", "AADSTS700238")
    assert "administrators" in found.fix
    assert findings(world, services, "old") == ()


def test_a_secret_that_has_ended_and_one_that_ends_soon_are_told(world: World, services: Services) -> None:
    ends = expire(world, timedelta(days=12, hours=1))
    found = finding(world, services, "old")
    assert (found.kind, found.code, found.stops) == ("credential-expiring", "AADSTS7000222", False)
    assert found.what == f"the secret of the application 'old' expires on {ends:%Y-%m-%d}, in 12 days"
    assert "connections plan" in found.fix
    assert diagnoses(world, services, "old", soon=timedelta(days=12))[0].findings == ()
    ends = expire(world, timedelta(days=-1))
    found = finding(world, services, "old")
    assert (found.kind, found.code, found.stops) == ("credential-expired", "AADSTS7000222", True)
    assert found.what == f"the secret of the application 'old' expired on {ends:%Y-%m-%d}"
    assert code_of_sign_in(world, services, "old") == "AADSTS7000222"


def test_a_secret_that_is_not_there_is_told(world: World, services: Services) -> None:
    world.put("applications", {**application(world, "old"), "passwordCredentials": []})
    found = finding(world, services, "old")
    assert (found.kind, found.code) == ("no-secret", "AADSTS7000215")
    assert code_of_sign_in(world, services, "old") == "AADSTS7000215"


@pytest.mark.parametrize("left", [timedelta(days=200), timedelta(days=31)])
def test_a_secret_that_ends_later_is_not(world: World, services: Services, left: timedelta) -> None:
    expire(world, left)
    assert findings(world, services, "old") == ()


def expire(world: World, left: timedelta) -> datetime:
    """Let the secret of the application old end so long from now."""
    held = application(world, "old")
    ends = datetime.now(UTC) + left
    (secret,) = held["passwordCredentials"]
    start = (datetime.now(UTC) - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    changed = {**secret, "startDateTime": start, "endDateTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}
    world.put("applications", {**held, "passwordCredentials": [changed]})
    return ends
