"""New objects that cannot be seen at once, where a test asks for that."""

from entra_world import AUDIENCE, ENTRA_ISSUER, World


def test_nothing_lags_unless_it_is_asked_for(world: World) -> None:
    made = world.app_with_principal()
    credential = world.trust(made)

    for address in (
        f"applications/{made['id']}",
        f"servicePrincipals(appId='{made['appId']}')",
        f"applications/{made['id']}/federatedIdentityCredentials/{credential['id']}",
    ):
        assert world.graph("GET", address).status == 200


def test_a_new_application_is_not_found_for_so_many_reads(world: World) -> None:
    world.cloud.faults.set_visibility("applications", 3)
    made = world.made("applications", {"displayName": "slow"})

    answers = [
        world.graph("GET", f"applications/{made['id']}"),
        world.graph("PATCH", f"applications/{made['id']}", {"notes": "x"}),
        world.graph("GET", f"applications(appId='{made['appId']}')"),
        world.graph("GET", f"applications/{made['id']}"),
    ]

    assert [answer.status for answer in answers] == [404, 404, 404, 200]
    assert answers[0].code == "Request_ResourceNotFound"


def test_a_new_application_is_missing_in_lists_too(world: World) -> None:
    world.cloud.faults.set_visibility("applications", 1)
    made = world.made("applications", {"displayName": "slow"})
    address = f"applications?$filter=appId eq '{made['appId']}'"

    assert [len(world.graph("GET", address).body["value"]) for _ in range(2)] == [0, 1]


def test_a_service_principal_waits_for_its_application(world: World) -> None:
    world.cloud.faults.set_visibility("applications", 1)
    made = world.made("applications", {"displayName": "slow"})

    first = world.graph("POST", "servicePrincipals", {"appId": made["appId"]})
    second = world.graph("POST", "servicePrincipals", {"appId": made["appId"]})

    assert (first.status, first.code) == (400, "Request_BadRequest")
    assert "does not reference a valid application object" in first.body["error"]["message"]
    assert second.status == 201


def test_a_new_federated_credential_is_not_found_for_so_many_reads(world: World) -> None:
    world.cloud.faults.set_visibility("federated-credentials", 2)
    made = world.app_with_principal()
    credential = world.trust(made)
    address = f"applications/{made['id']}/federatedIdentityCredentials/{credential['id']}"

    assert [world.graph("GET", address).status for _ in range(3)] == [404, 404, 200]


def test_a_name_is_taken_although_its_credential_cannot_be_seen_yet(world: World) -> None:
    world.cloud.faults.set_visibility("federated-credentials", 9)
    made = world.app_with_principal()
    world.trust(made)

    again = world.graph(
        "POST",
        f"applications/{made['id']}/federatedIdentityCredentials",
        {"name": "pipeline", "issuer": ENTRA_ISSUER, "subject": "other", "audiences": [AUDIENCE]},
    )

    assert again.status == 409


def test_a_new_service_principal_is_not_found_for_so_many_reads(world: World) -> None:
    world.cloud.faults.set_visibility("service-principals", 2)
    made = world.made("applications", {"displayName": "slow"})
    principal = world.made("servicePrincipals", {"appId": made["appId"]})

    statuses = [world.graph("GET", f"servicePrincipals/{principal['id']}").status for _ in range(3)]

    assert statuses == [404, 404, 200]
