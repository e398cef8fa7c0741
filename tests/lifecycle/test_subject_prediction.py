"""Issuer and subject in advance, compared with public samples and with what the service says."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from old_connections import OldConnections
from planned_connections import application, connection

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.subject_prediction import (
    FederatedTrust,
    issuer_after,
    predicted_trust,
    subject_by_name,
    trust_of,
)

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ORGANIZATION = "5a6f2c0e-3c1d-4c55-9d5f-0a4fd1f9f5a1"


def made(**more: object) -> ExistingConnection:
    return connection("store", organization_id=ORGANIZATION, tenant_id=TENANT, **more)


def test_the_subject_of_entra_holds_the_ids_as_the_public_samples_write_them() -> None:
    # The tenant is Microsoft's own: its short form is in many public logs of pipelines.
    store = made()
    assert predicted_trust(store) == FederatedTrust(
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"/eid1/c/pub/t/v4j5cvGGr0GRqy180BHbRw/a/rISbSSETf0KqFyZ8ppdXmA/sc/{ORGANIZATION}/{store.id}",
        "api://AzureADTokenExchange",
    )


def test_the_application_of_azure_devops_in_the_subject_is_its_own() -> None:
    subject = predicted_trust(made()).subject
    short = subject.split("/")[7]
    assert uuid.UUID(bytes_le=base64.urlsafe_b64decode(short + "==")) == uuid.UUID(
        "499b84ac-1321-427f-aa17-267ca6975798"
    )


@given(st.uuids(), st.uuids(), st.uuids())
def test_every_id_can_be_read_back_from_the_subject(
    tenant: uuid.UUID, organization: uuid.UUID, own: uuid.UUID
) -> None:
    trust = predicted_trust(
        connection("store", organization_id=str(organization), tenant_id=str(tenant).upper(), id=str(own))
    )
    parts = trust.subject.split("/")
    assert uuid.UUID(bytes_le=base64.urlsafe_b64decode(parts[5] + "==")) == tenant
    assert parts[9:] == [str(organization), str(own)]
    assert "=" not in trust.subject
    assert trust.issuer.split("/")[3] == str(tenant)


@pytest.mark.parametrize(
    ("cloud", "audience"),
    [
        ("AzureUSGovernment", "api://AzureADTokenExchangeUSGov"),
        ("AzureChinaCloud", "api://AzureADTokenExchangeChina"),
        ("AzureStack", "api://AzureADTokenExchange"),
    ],
)
def test_outside_the_public_cloud_azure_devops_itself_issues(cloud: str, audience: str) -> None:
    store = made(cloud=cloud)
    assert issuer_after(store) is Issuer.DEVOPS
    assert predicted_trust(store) == FederatedTrust(
        f"https://vstoken.dev.azure.com/{ORGANIZATION}", "sc://contoso/Web/store", audience
    )


def test_a_multi_tenant_application_stays_with_azure_devops_own_issuer() -> None:
    store = made(identity=application("store", multi_tenant=True))
    assert predicted_trust(store).subject == "sc://contoso/Web/store" == subject_by_name(store)
    assert trust_of(store, Issuer.ENTRA).issuer.startswith("https://login.microsoftonline.com/")


def test_an_id_that_is_not_known_is_said_and_nothing_is_made_up() -> None:
    with pytest.raises(LifecycleError, match="contoso/Web/store: the id of its organization is unknown"):
        predicted_trust(connection("store", tenant_id=TENANT))


def test_what_is_predicted_is_what_the_service_then_says(old: OldConnections) -> None:
    for name in ("legacy", "network"):
        (read,) = old.read(name)
        assert trust_of(read, Issuer.DEVOPS) == FederatedTrust(
            read.issuer, read.subject, "api://AzureADTokenExchange"
        )
    old.make_automatic("shelf", "WorkloadIdentityFederation")
    (shelf,) = old.read("shelf")
    assert predicted_trust(shelf) == FederatedTrust(shelf.issuer, shelf.subject, "api://AzureADTokenExchange")
