"""Microsoft's own Python clients, unmodified, against the sandbox over https."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud

TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
PRODUCTION = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01"
DEVELOPMENT = "6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c02"
LEGACY = ("0a4b5c6d-1e2f-4a3b-8c4d-5e6f7a8b9c01", "legacy-deployer-secret")


class Azure:
    """Clients of the sample estate, signed in with a secret."""

    def __init__(self, cloud: Cloud, authority_file: Path) -> None:
        self.cloud = cloud
        self._authority_file = str(authority_file)
        self._open: list[Any] = []

    def resources(
        self, subscription: str, identity: tuple[str, str] | None = None, scope: str = ""
    ) -> ResourceManagementClient:
        """A client of one subscription, as the operator or another application."""
        operator = estate.operator(self.cloud)
        client_id, secret = identity or (operator["clientId"], operator["secret"])
        credential = ClientSecretCredential(
            TENANT,
            client_id,
            secret,
            authority=self.cloud.url,
            disable_instance_discovery=True,
            connection_verify=self._authority_file,
        )
        client = ResourceManagementClient(
            credential,
            subscription,
            base_url=self.cloud.url,
            credential_scopes=[scope or f"{self.cloud.url}/.default"],
            connection_verify=self._authority_file,
        )
        self._open += [client, credential]
        return client

    def close(self) -> None:
        """Close all clients."""
        for each in self._open:
            each.close()


@pytest.fixture
def azure(https_server: Any, tmp_path: Path) -> Iterator[Azure]:
    """The sample estate behind https."""
    cloud = https_server.cloud = Cloud(url=https_server.url)
    estate.replant(cloud, estate.sample())
    authority_file = tmp_path / "ca.pem"
    (certificate,) = https_server.verify.get_ca_certs(binary_form=True)
    authority_file.write_text(ssl.DER_cert_to_PEM_cert(certificate))
    clients = Azure(cloud, authority_file)
    yield clients
    clients.close()
    https_server.cloud = None
    cloud.close()


def test_resource_groups_live_and_end_through_the_client(azure: Azure) -> None:
    client = azure.resources(PRODUCTION)
    assert sorted(group.name for group in client.resource_groups.list()) == ["rg-other", "rg-payments"]
    assert client.resource_groups.check_existence("rg-new") is False
    made = client.resource_groups.create_or_update(
        "rg-new", {"location": "northeurope", "tags": {"team": "x"}}
    )
    assert (made.name, made.location, made.properties.provisioning_state) == (
        "rg-new",
        "northeurope",
        "Succeeded",
    )
    assert client.resource_groups.get("RG-NEW").id == made.id
    assert client.resource_groups.check_existence("rg-new") is True
    assert [
        group.name for group in client.resource_groups.list(filter="tagName eq 'team' and tagValue eq 'x'")
    ] == ["rg-new"]
    client.resource_groups.begin_delete("rg-new").result(30)
    assert client.resource_groups.check_existence("rg-new") is False
    with pytest.raises(ResourceNotFoundError) as missing:
        client.resource_groups.get("rg-new")
    assert missing.value.error.code == "ResourceGroupNotFound"


def test_resources_are_made_by_their_id_and_listed_through_the_client(azure: Azure) -> None:
    client = azure.resources(PRODUCTION)
    group = f"/subscriptions/{PRODUCTION}/resourceGroups/rg-payments"
    identifier = f"{group}/providers/Microsoft.Storage/storageAccounts/st"
    made = client.resources.begin_create_or_update_by_id(
        identifier, {"location": "westeurope", "kind": "StorageV2"}, api_version="2023-01-01"
    ).result(30)
    assert (made.id, made.kind) == (identifier, "StorageV2")
    only = "resourceType eq 'Microsoft.Storage/storageAccounts'"
    assert [each.name for each in client.resources.list(filter=only)] == ["st"]
    listed = {each.name: each.type for each in client.resources.list_by_resource_group("rg-payments")}
    assert listed["ml-fraud"] == "Microsoft.MachineLearningServices/workspaces"
    assert listed["st"] == "Microsoft.Storage/storageAccounts"
    assert client.resources.check_existence_by_id(identifier, api_version="2023-01-01") is True
    client.resources.begin_delete_by_id(identifier, api_version="2023-01-01").result(30)
    assert client.resources.check_existence_by_id(identifier, api_version="2023-01-01") is False


def test_a_workspace_is_waited_for_by_the_client(azure: Azure) -> None:
    client = azure.resources(PRODUCTION)
    identifier = (
        f"/subscriptions/{PRODUCTION}/resourceGroups/rg-payments"
        "/providers/Microsoft.MachineLearningServices/workspaces/ml-new"
    )
    made = client.resources.begin_create_or_update_by_id(
        identifier, {"location": "westeurope"}, api_version="2025-12-01"
    ).result(30)
    assert (made.id, made.properties["provisioningState"]) == (identifier, "Succeeded")
    client.resources.begin_delete_by_id(identifier, api_version="2025-12-01").result(30)
    with pytest.raises(ResourceNotFoundError):
        client.resources.get_by_id(identifier, api_version="2025-12-01")


def test_an_application_reaches_through_the_client_only_what_its_role_covers(azure: Azure) -> None:
    allowed = azure.resources(DEVELOPMENT, LEGACY)
    assert [group.name for group in allowed.resource_groups.list()] == ["rg-payments"]
    refused = azure.resources(PRODUCTION, LEGACY)
    with pytest.raises(HttpResponseError) as refusal:
        list(refused.resource_groups.list())
    assert refusal.value.status_code == 403
    assert refusal.value.error.code == "AuthorizationFailed"
    assert LEGACY[0] in refusal.value.error.message


def test_a_token_for_graph_is_a_failure_of_authentication_to_the_client(azure: Azure) -> None:
    client = azure.resources(PRODUCTION, scope="https://graph.microsoft.com/.default")
    with pytest.raises(ClientAuthenticationError) as refusal:
        client.resource_groups.get("rg-payments")
    assert refusal.value.status_code == 401
    assert "InvalidAuthenticationTokenAudience" in str(refusal.value)


def test_a_resource_provider_is_registered_through_the_client(azure: Azure) -> None:
    client = azure.resources(PRODUCTION)
    assert client.providers.get("Microsoft.Storage").registration_state == "Registered"
    assert client.providers.unregister("Microsoft.Storage").registration_state == "Unregistered"
    assert client.providers.register("Microsoft.Storage").registration_state == "Registered"
