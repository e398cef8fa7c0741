"""Service principals in Graph."""

from typing import Any

import pytest
from entra_world import OTHER_TENANT, TENANT, World

from azure_service_connections.sandbox.entra.principals import create_managed_identity

IDENTITY = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Id"


def test_a_service_principal_takes_name_and_type_from_its_application(world: World) -> None:
    made = world.made("applications", {"displayName": "deployer"})

    answer = world.graph(
        "POST",
        "servicePrincipals",
        {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "accountEnabled": True,
            "alternativeNames": [],
            "appId": made["appId"],
            "appRoleAssignmentRequired": False,
            "description": "TERRAFORM_UPDATE_1",
            "loginUrl": None,
            "notes": None,
            "notificationEmailAddresses": [],
            "owners@odata.bind": [f"{world.cloud.url}/v1.0/directoryObjects/{world.operator['id']}"],
            "preferredSingleSignOnMode": None,
            "samlSingleSignOnSettings": {},
            "tags": [],
        },
    )

    assert answer.status == 201
    shown = world.graph("GET", f"servicePrincipals/{answer.body['id']}").body
    assert shown["appId"] == made["appId"]
    assert (shown["displayName"], shown["accountEnabled"]) == ("deployer", True)
    assert (shown["servicePrincipalType"], shown["appOwnerOrganizationId"]) == ("Application", TENANT)
    assert shown["servicePrincipalNames"] == [made["appId"]]
    assert shown["description"] == "TERRAFORM_UPDATE_1"
    assert world.graph("GET", f"/beta/servicePrincipals/{shown['id']}?$select=samlMetadataUrl").status == 200


def test_an_unknown_application_cannot_get_a_service_principal(world: World) -> None:
    unknown = "99999999-9999-4999-8999-999999999999"

    answer = world.graph("POST", "servicePrincipals", {"appId": unknown})

    assert (answer.status, answer.code) == (400, "Request_BadRequest")
    assert answer.body["error"]["message"] == (
        f"The appId '{unknown}' of the service principal does not reference a valid application object."
    )


def test_an_app_id_is_required(world: World) -> None:
    assert world.graph("POST", "servicePrincipals", {}).code == "Request_BadRequest"


def test_an_application_has_one_service_principal_in_a_tenant(world: World) -> None:
    made = world.app_with_principal()

    answer = world.graph("POST", "servicePrincipals", {"appId": made["appId"]})

    assert (answer.status, answer.code) == (409, "Request_MultipleObjectsWithSameKeyValue")
    found = world.graph("GET", f"servicePrincipals?$filter=appId eq '{made['appId']}'").body["value"]
    assert len(found) == 1


def test_a_single_tenant_application_gets_no_service_principal_elsewhere(world: World) -> None:
    foreign = world.client("foreign", tenant=OTHER_TENANT)
    assert world.graph("POST", "servicePrincipals", {"appId": foreign["appId"]}).status == 400

    application = world.cloud.store.one("applications", appId=foreign["appId"])
    assert application is not None
    application["signInAudience"] = "AzureADMultipleOrgs"
    world.cloud.store.put("applications", application["id"], application)

    made = world.made("servicePrincipals", {"appId": foreign["appId"]})
    assert made["appOwnerOrganizationId"] == OTHER_TENANT


def test_an_application_of_microsoft_may_get_a_service_principal(world: World) -> None:
    made = world.made("servicePrincipals", {"appId": "00000003-0000-0000-c000-000000000000"})

    assert made["displayName"] == "Microsoft Graph"


def test_a_patch_changes_only_what_it_names_and_null_is_kept(world: World) -> None:
    made = world.app_with_principal()
    address = f"servicePrincipals(appId='{made['appId']}')"
    before = world.graph("GET", address).body

    answer = world.graph(
        "PATCH", address, {"description": "x", "samlSingleSignOnSettings": {"relayState": ""}}
    )

    assert answer.status == 204
    after = world.graph("GET", address).body
    assert after == {**before, "description": "x", "samlSingleSignOnSettings": {"relayState": ""}}
    assert world.graph("PATCH", address, {"description": None}).status == 204
    assert world.graph("GET", address).body["description"] is None


@pytest.mark.parametrize("changes", [{"appId": "another"}, {"nothing": 1}, {"directoryRoles": ["Owner"]}])
def test_what_may_not_be_changed_is_refused(world: World, changes: dict[str, Any]) -> None:
    made = world.app_with_principal()

    answer = world.graph("PATCH", f"servicePrincipals(appId='{made['appId']}')", changes)

    assert (answer.status, answer.code) == (400, "Request_BadRequest")


def test_deleting_a_service_principal_leaves_the_application(world: World) -> None:
    made = world.app_with_principal()
    principal = world.graph("GET", f"servicePrincipals(appId='{made['appId']}')").body

    assert world.graph("DELETE", f"servicePrincipals/{principal['id']}").status == 204

    assert world.graph("GET", f"servicePrincipals/{principal['id']}").status == 404
    assert world.graph("GET", f"applications/{made['id']}").status == 200
    assert world.made("servicePrincipals", {"appId": made["appId"]})["id"] != principal["id"]


def test_a_managed_identity_is_a_service_principal_of_its_own_type(world: World) -> None:
    principal_id, client_id = create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)

    shown = world.graph("GET", f"servicePrincipals(appId='{client_id}')").body

    assert (shown["id"], shown["displayName"]) == (principal_id, "Id")
    assert shown["servicePrincipalType"] == "ManagedIdentity"
    assert shown["alternativeNames"] == ["isExplicit=True", IDENTITY]
    assert shown["accountEnabled"] is True
    filtered = world.graph("GET", "servicePrincipals?$filter=servicePrincipalType eq 'ManagedIdentity'")
    assert [each["id"] for each in filtered.body["value"]] == [principal_id]


def test_a_managed_identity_is_not_deleted_through_graph_and_holds_no_password(world: World) -> None:
    principal_id, _ = create_managed_identity(world.cloud, TENANT, "Id", IDENTITY)

    assert world.graph("DELETE", f"servicePrincipals/{principal_id}").status == 400
    assert world.graph("POST", f"servicePrincipals/{principal_id}/addPassword").status == 400
    assert world.graph("GET", f"servicePrincipals/{principal_id}").status == 200
