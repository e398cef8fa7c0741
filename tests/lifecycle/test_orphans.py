"""What has lost its other half, and what only looks so."""

import gc
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from inventory_world import Organizations

from azure_service_connections.cli.main import main
from azure_service_connections.cli.outcomes import report
from azure_service_connections.lifecycle.apply.outcome import Outcome
from azure_service_connections.lifecycle.inventory.identity import Trust
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.inventory.orphans import find_orphans
from azure_service_connections.lifecycle.inventory.trusted_connection import trusted_connection


def orphans_of(estate: Organizations, *names: str, told: list[str] | None = None) -> list[Orphan]:
    names = names or ("fabrikam", "fabrikam-old")
    addresses = [estate.address(name) for name in names]
    connections = list(estate.read(*names).values())
    say = None if told is None else told.append
    return list(find_orphans(estate.services, addresses, connections, told=say))


def lose(estate: Organizations, name: str) -> dict[str, Any]:
    """Take a connection away behind the service's back, which leaves what trusts it; what it was."""
    endpoint = estate.endpoint(name)
    estate.cloud.store.remove("endpoints", endpoint["id"])
    return endpoint


def test_where_everything_has_its_other_half_nothing_is_found(estate: Organizations) -> None:
    told: list[str] = []
    assert orphans_of(estate, told=told) == []
    assert told == []


def test_an_application_that_is_only_for_a_lost_connection_is_found(estate: Organizations) -> None:
    endpoint = lose(estate, "payments")
    [found] = orphans_of(estate)
    application = estate.world.one("applications", displayName="payments")
    assert found == Orphan(
        kind="application",
        id=application["id"],
        name="payments",
        organization=estate.address("fabrikam"),
        reason=f"it is only for the service connection {endpoint['id']}, which does not exist",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"web": {"redirectUris": ["https://shop.example/signed-in"]}},
        {"identifierUris": ["api://payments"]},
        {"passwordCredentials": [{"keyId": "k", "endDateTime": "2027-01-01T00:00:00Z"}]},
    ],
)
def test_only_the_credential_is_found_where_the_application_is_more(
    estate: Organizations, more: dict[str, Any]
) -> None:
    lose(estate, "payments")
    application = estate.world.one("applications", displayName="payments")
    estate.world.put("applications", {**application, **more})
    credential = estate.world.one("federated-credentials", parent=application["id"])
    [found] = orphans_of(estate)
    assert (found.kind, found.id) == ("federatedCredential", f"{application['id']}/{credential['id']}")
    assert found.name == f"payments/{credential['name']}"


def test_only_the_credential_is_found_where_another_connection_uses_the_application(
    estate: Organizations,
) -> None:
    estate.connect("payments-again", application="payments")
    lose(estate, "payments")
    assert [each.kind for each in orphans_of(estate)] == ["federatedCredential"]


def test_a_credential_of_a_managed_identity_is_found_by_the_names_in_its_subject(
    estate: Organizations,
) -> None:
    lose(estate, "stock")
    [found] = orphans_of(estate)
    assert found.kind == "federatedCredential"
    assert "/userAssignedIdentities/id-stock/federatedIdentityCredentials/" in found.id
    assert (found.organization, found.project) == (estate.address("fabrikam-old"), "Stock")
    assert found.reason == "it is for the service connection Stock/stock, which does not exist"


def test_credentials_of_other_organizations_and_issuers_are_left_alone(estate: Organizations) -> None:
    lose(estate, "stock")
    assert orphans_of(estate, "fabrikam") == []


def test_a_connection_of_another_type_is_not_taken_for_lost(estate: Organizations) -> None:
    endpoint = estate.endpoint("payments")
    estate.world.put("endpoints", {**endpoint, "type": "dockerregistry"})
    assert list(estate.read()) == ["fabrikam/Web shop/reports"]
    assert orphans_of(estate) == []


def test_a_connection_of_a_project_that_was_not_read_is_not_taken_for_lost(estate: Organizations) -> None:
    addresses = [estate.address("fabrikam")]
    connections = list(estate.read(projects=["Reports"]).values())
    assert connections == []
    assert find_orphans(estate.services, addresses, connections) == ()


@pytest.mark.parametrize("hidden", ["rights", "project"])
def test_nothing_is_called_lost_by_who_may_not_see_every_connection(
    estate: Organizations, hidden: str
) -> None:
    lose(estate, "payments")
    if hidden == "rights":
        organization = estate.world.one("organizations", name="fabrikam")
        estate.world.put("organizations", {**organization, "administrators": []}, "fabrikam")
        begins = "What is orphaned of fabrikam cannot be told: only an administrator of the organization sees"
    else:
        connections = list(estate.read().values())
        estate.cloud.faults.fail_next(
            "devops", 403, path=f"{estate.project('Reports')}/_apis/serviceendpoint"
        )
        told: list[str] = []
        addresses = [estate.address("fabrikam")]
        assert find_orphans(estate.services, addresses, connections, told=told.append) == ()
        assert told[0].startswith("The connections of fabrikam could not be read: Listing the service conn")
        return
    told = []
    assert orphans_of(estate, told=told) == []
    assert told[0].startswith(begins)


def test_nothing_is_called_lost_where_identities_are_hidden(estate: Organizations) -> None:
    lose(estate, "payments")
    connections = list(estate.read().values())
    estate.cloud.faults.fail_next("graph", 403, path="/v1.0/applications$")
    told: list[str] = []
    assert find_orphans(estate.services, [estate.address("fabrikam")], connections, told=told.append) == ()
    assert told[0].startswith("The applications of Entra ID could not be read: ")


def test_a_role_of_a_principal_that_is_gone_is_found_after_it_cannot_come_back(
    estate: Organizations,
) -> None:
    application = estate.world.one("applications", displayName="reports")
    principal = estate.world.one("service-principals", displayName="reports")["id"]
    assert estate.services.graph("DELETE", f"/applications/{application['id']}").status == 204
    kinds = [each.kind for each in orphans_of(estate)]
    assert kinds == ["serviceConnection"], "both can be restored"
    estate.cloud.clock.advance(timedelta(days=31).total_seconds())
    connection, assignment = orphans_of(estate)
    assert (connection.name, connection.project) == ("reports", "Web shop")
    assert connection.reason == "its identity is gone from Entra ID"
    assert (assignment.kind, assignment.name) == ("roleAssignment", "Reader")
    assert assignment.id == estate.world.one("role-assignments", principalId=principal)["id"]
    assert assignment.reason == f"the service principal {principal}, which it is for, is gone"


def test_roles_of_people_and_groups_are_left_alone(estate: Organizations) -> None:
    for assignment in estate.cloud.store.find("role-assignments"):
        if assignment["principalType"] != "ServicePrincipal":
            assignment["principalId"] = "00000000-0000-4000-8000-00000000dead"
            estate.world.put("role-assignments", assignment)
    assert orphans_of(estate) == []


def test_a_connection_to_a_subscription_that_is_gone_is_found(estate: Organizations) -> None:
    lab = estate.world.subscription("Lab")
    identifier = estate.connect("lab", application="payments", data={"subscriptionId": lab})
    estate.cloud.store.remove("subscriptions", lab)
    [found] = orphans_of(estate)
    assert (found.kind, found.id) == ("serviceConnection", identifier)
    assert found.reason == f"what it is for is gone: /subscriptions/{lab}"


def test_what_was_read_with_connections_is_not_read_again(estate: Organizations) -> None:
    connections = list(estate.read().values())
    estate.cloud.traffic.clear()
    assert find_orphans(estate.services, [estate.address("fabrikam")], connections) == ()
    asked = estate.asked()
    for name in ("payments", "reports"):
        application = estate.world.one("applications", displayName=name)["id"]
        credentials = f"GET /beta/applications/{application}/federatedIdentityCredentials"
        assert asked[credentials] == (0 if name == "payments" else 1), "that of reports was empty"
    assert max(asked.values()) == 1
    assert not any("/fabrikam/" in request for request in asked), "no connection is looked for in vain"


@pytest.mark.parametrize(
    ("issuer", "subject", "text"),
    [
        (
            "https://login.microsoftonline.com/t/v2.0",
            "/eid1/c/pub/t/AAAA/a/rISbSSETf0KqFyZ8ppdXmA/sc/11111111-2222-4333-8444-555555555555/"
            "AAAAAAAA-2222-4333-8444-555555555555",
            "aaaaaaaa-2222-4333-8444-555555555555",
        ),
        (
            "https://vstoken.dev.azure.com/11111111-2222-4333-8444-555555555555",
            "sc://contoso/Web shop/deploy/to production",
            "Web shop/deploy/to production",
        ),
        ("https://app.vstoken.visualstudio.com", "sc://contoso/Web/deploy", "Web/deploy"),
    ],
)
def test_a_subject_tells_its_connection(issuer: str, subject: str, text: str) -> None:
    trust = Trust(id="t", name="t", issuer=issuer, subject=subject, audiences=())
    assert str(trusted_connection(trust)) == text


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [
        ("https://token.actions.githubusercontent.com", "sc://contoso/Web/deploy"),
        ("https://login.microsoftonline.com/t/v2.0", "sc://contoso/Web/deploy"),
        ("https://vstoken.dev.azure.com/o", "p://contoso/Web/pipeline"),
        ("https://login.microsoftonline.com/t/v2.0", "/eid1/c/pub/t/A/a/B/sc/organization/connection"),
        ("https://login.microsoftonline.com/t/v2.0", ""),
    ],
)
def test_another_subject_is_no_connections(issuer: str, subject: str) -> None:
    trust = Trust(id="t", name="t", issuer=issuer, subject=subject, audiences=())
    assert trusted_connection(trust) is None


def test_the_command_shows_what_it_found_and_says_so_in_its_code(
    estate: Organizations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["orphans", "-o", "fabrikam", "-o", "fabrikam-old"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "no orphans"
    lose(estate, "stock")
    assert main(["orphans", "-o", "fabrikam", "-o", "fabrikam-old"]) == 3
    shown, said = capsys.readouterr()
    assert max(len(line) for line in shown.splitlines()) <= 120
    assert "federated credential" in shown
    assert "fabrikam-old/Stock" in shown
    assert "id-stock/" in shown
    assert said.splitlines()[-1] == "1 orphan"
    assert main(["orphans", "-o", "fabrikam-old", "--json"]) == 3
    [record] = json.loads(capsys.readouterr().out)
    assert Orphan.model_validate(record).kind == "federatedCredential"


def test_the_command_says_what_it_could_not_look_at(
    estate: Organizations,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose(estate, "payments")
    monkeypatch.setenv("ARM_CLIENT_SECRET", "wrong")
    # A record of the log would hold the answer to the refused sign-in, and the answer its connection.
    caplog.set_level(logging.CRITICAL, "azure.identity")
    assert main(["orphans"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("not looked at: What Entra ID and Azure hold could not be read: The operator ")
    gc.collect()


def test_what_was_removed_of_no_project_is_told_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    removed = Outcome(
        connection="old-application",
        organization="https://dev.azure.com/fabrikam",
        project="",
        id="1",
        action="remove",
        state="done",
        note="removed",
    )
    report([removed], "", as_json=False)
    shown = capsys.readouterr().out.split()
    assert "fabrikam" in shown
    assert "fabrikam/" not in shown
