"""Every pair of inputs of which only one can be given, with its sentence."""

from itertools import permutations
from typing import Any

import pytest
from complete_connections import END, GROUPS, HUB, MANAGED, said_of, written
from mock_cloud import TENANT

from azure_service_connections.catalogue.combinations import IDENTITIES, SCOPES
from components.errors import InputError
from components.federated_credential import FederatedCredential
from components.managed_identity import ManagedIdentity


@pytest.mark.parametrize(("first", "second"), list(permutations(IDENTITIES, 2)))
def test_of_two_identities_only_one_can_be_given(first: str, second: str) -> None:
    scope = () if "webApp" in (first, second) else ("subscription",)
    assert (
        f"connections.a.{second}: Only one of {first} and {second} can be given; keep the one you mean"
        in said_of(written(first, second, *scope))
    )


@pytest.mark.parametrize(("first", "second"), list(permutations(SCOPES, 2)))
def test_of_two_scopes_only_one_can_be_given(first: str, second: str) -> None:
    identity = () if "webApp" in (first, second) else ("appRegistration",)
    assert said_of(written(*identity, first, second)) == [
        f"connections.a.{second}: Only one of {first} and {second} can be given; keep the one you mean"
    ]


@pytest.mark.parametrize(
    ("connection", "place", "pair"),
    [
        (
            written("subscription", managedIdentity={"resourceId": MANAGED, "name": "id-a"}),
            "managedIdentity.name",
            "resourceId and name",
        ),
        (
            written(
                "appRegistration",
                "subscription",
                credential={"secret": {"expires": END}, **GROUPS["credential"]},
            ),
            "credential.certificate",
            "secret and certificate",
        ),
        (
            written("appRegistration", "subscription", pipelines=["a"], allPipelines=True),
            "allPipelines",
            "pipelines and allPipelines",
        ),
        (
            written("appRegistration", "subscription", pipelines=[{"name": "a", "id": 7}]),
            "pipelines[0].id",
            "name and id",
        ),
        (
            written(
                "appRegistration",
                "subscription",
                trusts={"hub": {"issuer": HUB, "subject": "s", "matching": "m"}},
            ),
            "trusts.hub.matching",
            "subject and matching",
        ),
    ],
)
def test_of_two_keys_that_say_the_same_only_one_can_be_given(
    connection: dict[str, Any], place: str, pair: str
) -> None:
    assert said_of(connection) == [
        f"connections.a.{place}: Only one of {pair} can be given; keep the one you mean"
    ]


@pytest.mark.parametrize(
    ("component", "given", "sentence"),
    [
        (
            FederatedCredential,
            {"application_id": f"/applications/{TENANT}", "managed_identity_id": MANAGED, "subject": "s"},
            "managedIdentityId: Only one of applicationId and managedIdentityId can be given; keep the one "
            "you mean",
        ),
        (
            FederatedCredential,
            {"application_id": f"/applications/{TENANT}", "subject": "s", "matching": "m"},
            "matching: Only one of subject and matching can be given; keep the one you mean",
        ),
        (
            FederatedCredential,
            {"managed_identity_id": MANAGED, "matching": "m"},
            "matching: goes with `applicationId` only; write `applicationId` too or remove it",
        ),
        (
            FederatedCredential,
            {"managed_identity_id": MANAGED, "subject": "s", "description": "d"},
            "description: goes with `applicationId` only; write `applicationId` too or remove it",
        ),
        (
            FederatedCredential,
            {"subject": "s"},
            "args: has no identity; write one of applicationId or managedIdentityId",
        ),
        (
            FederatedCredential,
            {"application_id": f"/applications/{TENANT}"},
            "args: has no subject; write one of subject or matching",
        ),
        (
            ManagedIdentity,
            {"resource_id": MANAGED, "name": "id-a"},
            "name: Only one of resourceId and name can be given; keep the one you mean",
        ),
        (ManagedIdentity, {}, "args: has no identity; write one of resourceId or name"),
    ],
)
def test_a_component_says_the_same_of_what_excludes_each_other(
    component: Any, given: dict[str, Any], sentence: str
) -> None:
    common = {} if component is ManagedIdentity else {"credential_name": "hub", "issuer": HUB}
    with pytest.raises(InputError) as raised:
        component("a", {**common, **given})
    assert [str(raised.value)] == [f"{component.__name__} 'a': {sentence}"]
