"""Whatever is done to an automatic connection in whatever order: it keeps a way to sign in."""

from contextlib import closing
from typing import Any

from devops_world import OTHER_PROJECT, PROJECT, World, in_process
from hypothesis import given, settings
from hypothesis import strategies as st
from test_devops_conversion import DAY, FEDERATED, convert, secret_of_its_own, tried
from test_devops_migration import migrate, operator

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

ENDPOINTS = "_apis/serviceendpoint/endpoints"

operations = st.one_of(
    st.sampled_from(["convert", "revert", "share", "unshare", "migrate", "new issuer", "old issuer"]),
    st.integers(1, 5),
)
"""What is done; a number is so many days that pass."""


def model() -> dict[str, Any]:
    """What the rules say of the connection."""
    return {"scheme": "ServicePrincipal", "shared": False, "converted": None, "day": 0, "issuer": "entra"}


def apply(world: World, held: dict[str, Any], endpoint: Any, bearer: str, operation: str | int) -> None:
    """Do it, and hold the answer to the rules."""
    path = f"{ENDPOINTS}/{endpoint['id']}"
    federated = held["scheme"] == FEDERATED
    if isinstance(operation, int):
        world.cloud.clock.advance(operation * DAY)
        held["day"] += operation
    elif operation == "convert":
        possible = not federated and not held["shared"]
        assert (convert(world, endpoint).status == 200) is possible
        if possible:
            held |= {"scheme": FEDERATED, "converted": held["day"], "trusted": held["issuer"]}
    elif operation == "revert":
        in_time = held["converted"] is not None and held["day"] - held["converted"] < 7
        possible = federated and not held["shared"] and in_time
        assert (convert(world, endpoint, "ServicePrincipal").status == 200) is possible
        if possible:
            held |= {"scheme": "ServicePrincipal", "converted": None}
    elif operation == "share":
        answer = world.ask("PATCH", path, [{"projectReference": {"id": OTHER_PROJECT}}])
        assert answer.status == 204
        held["shared"] = True
    elif operation == "unshare":
        status = world.ask("DELETE", path, projectIds=OTHER_PROJECT).status
        assert status == (204 if held["shared"] else 404)
        held["shared"] = False
    elif operation == "migrate":
        answer = migrate(world, "sc://contoso/payments/auto", bearer)
        assert (answer.status == 200) is federated
        if federated:
            held["trusted"] = "entra"
    else:
        held["issuer"] = "entra" if operation == "new issuer" else "devops"
        world.issuer(held["issuer"])


@given(st.lists(operations, max_size=12))
@settings(max_examples=20, deadline=None)
def test_it_signs_in_after_every_step_and_says_how_it_can_go_back(
    devops_signing_keys: dict[str, Document], plan: list[str | int]
) -> None:
    with closing(Cloud()) as cloud:
        for issuer, key in devops_signing_keys.items():
            cloud.store.put("signing-keys", issuer, key)
        world = World(cloud, in_process(cloud))
        held, endpoint = model(), secret_of_its_own(world)
        operator(world)
        for operation in plan:
            (application,) = cloud.store.find("applications", displayName="operator")
            apply(world, held, endpoint, world.devops_bearer(application), operation)
            read = world.read(endpoint, PROJECT).body
            assert tried(world, endpoint)["statusCode"] == "ok"
            assert read["authorization"]["scheme"] == held["scheme"]
            in_time = held["converted"] is not None and held["day"] - held["converted"] < 7
            assert ("revertSchemeDeadline" in read["data"]) is in_time
            parameters = read["authorization"]["parameters"]
            if held["scheme"] == FEDERATED:
                of_entra = parameters["workloadIdentityFederationIssuerType"] == "EntraID"
                assert of_entra is (held["trusted"] == "entra")
            credentials = cloud.store.find("federated-credentials", parent=endpoint["data"]["appObjectId"])
            assert len(credentials) <= 2
            assert bool(credentials) is (held["scheme"] == FEDERATED)
