"""Asking the owner of an identity: what is written, and how a plan goes on once it is done."""

import json
import shlex
from pathlib import Path

import pytest
import yaml
from old_connections import OldConnections, apply, apply_until, entry, place, save, steps

from azure_service_connections.cli.main import main
from azure_service_connections.lifecycle.subject_prediction import predicted_trust
from azure_service_connections.sandbox.entra import federated_credentials


def test_a_request_says_letter_by_letter_what_to_place_and_who_may(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, network = old.read("store", "network")
    plan = save(
        old.plan(entry(store, "convert", "handoff"), entry(network, "migrate-issuer", "handoff")), tmp_path
    )
    assert main(["handoff", str(plan)]) == 3
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [str(tmp_path / "plan.handoff.yaml"), str(tmp_path / "plan.handoff.md")]
    assert shown.err.endswith("2 credentials to place, 0 placed already\n")
    document = yaml.safe_load((tmp_path / "plan.handoff.yaml").read_text())
    of_store, of_network = document["requests"]
    trust = predicted_trust(store)
    assert of_store["credential"] == {
        "name": f"azure-devops-{store.id}",
        "issuer": trust.issuer,
        "subject": trust.subject,
        "audience": trust.audience,
        "description": "Service connection fabrikam/Web/store",
    }
    assert of_store["identity"] == {
        "kind": "application",
        "name": "store",
        "tenantId": store.tenant_id,
        "clientId": store.client_id,
        "objectId": store.identity.object_id,
        "resourceId": "",
        "owners": [],
    }
    assert of_store["who"][0] == "owner of the application"
    assert of_store["reach"] == [{"role": "Contributor", "scope": store.scope}]
    assert of_store["pipelines"] == ["Web/deploy"]
    assert of_network["identity"]["resourceId"].endswith("/userAssignedIdentities/id-network")
    assert of_network["who"][0] == "Managed Identity Contributor on the managed identity"
    assert "secret" not in (tmp_path / "plan.handoff.yaml").read_text()


def test_the_page_for_people_holds_commands_that_place_exactly_that(
    old: OldConnections, tmp_path: Path
) -> None:
    store, network = old.read("store", "network")
    plan = save(
        old.plan(entry(store, "convert", "handoff"), entry(network, "migrate-issuer", "handoff")), tmp_path
    )
    assert main(["handoff", str(plan), "--output", str(tmp_path / "request.yaml")]) == 3
    page = (tmp_path / "request.md").read_text()
    commands = [
        shlex.split(each.split("```")[0].replace("\\\n", " ")) for each in page.split("```bash\n")[1:]
    ]
    of_application, of_identity = commands
    assert of_application[:5] == ["az", "ad", "app", "federated-credential", "create"]
    options = dict(zip(of_application[5::2], of_application[6::2], strict=True))
    assert options["--id"] == store.identity.object_id
    # The command's own argument is what Graph takes: the directory accepts it as it is.
    federated_credentials.add(
        old.cloud,
        old.one("applications", appId=store.client_id),
        json.loads(options["--parameters"]),
    )
    assert old.trusts(store.client_id) == [(predicted_trust(store).issuer, predicted_trust(store).subject)]
    assert of_identity[:4] == ["az", "identity", "federated-credential", "create"]
    options = dict(zip(of_identity[4::2], of_identity[5::2], strict=True))
    wanted = predicted_trust(network)
    assert options == {
        "--subscription": network.scope.split("/")[2],
        "--resource-group": "rg-shop",
        "--identity-name": "id-network",
        "--name": f"azure-devops-{network.id}",
        "--issuer": wanted.issuer,
        "--subject": wanted.subject,
        "--audiences": wanted.audience,
    }
    for connection in (store, network):
        assert f"## {connection.address}" in page


def test_an_entry_waits_until_its_credential_is_there_and_is_then_carried_out(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, first = old.read("store", "press-a")
    plan = old.plan(entry(store, "convert", "handoff"), entry(first, "convert", "place"))
    path = save(plan, tmp_path)
    assert main(["apply", str(path), "--yes"]) == 3
    shown = capsys.readouterr()
    assert "it waits for the owner of its identity to place the federated credential" in shown.err
    assert shown.err.endswith("2 entries: 1 done, 1 waiting\n")
    assert old.scheme("store") == "ServicePrincipal"
    assert steps(tmp_path, store.id) == [("checked", "done"), ("credential-placed", "waiting")]
    place(old, store)
    assert main(["apply", str(path), "--yes"]) == 0
    assert old.scheme("store") == "WorkloadIdentityFederation"
    assert old.works("store")
    assert old.asked("POST", f"{store.identity.object_id}/federatedIdentityCredentials") == 0


def test_a_credential_that_was_placed_before_the_first_run_is_no_change_of_the_world(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = old.read("press-a", "press-b")
    plan = old.plan(entry(first, "convert", "handoff"), entry(second, "convert", "handoff"))
    path = save(plan, tmp_path)
    place(old, first)
    assert main(["handoff", str(path), "--json"]) == 3
    requests = json.loads(capsys.readouterr().out)
    assert [each["placed"] for each in requests] == [True, False]
    assert [each.state for each in apply(old, plan, tmp_path)] == ["done", "waiting"]
    place(old, second, name="another")
    assert main(["handoff", str(path)]) == 0
    assert "It is placed already." in (tmp_path / "plan.handoff.md").read_text()
    assert [each.state for each in apply(old, plan, tmp_path)] == ["done", "done"]


def test_with_wait_the_run_looks_again_until_the_credential_is_there(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "handoff"))
    looks = old.pauses

    class Owner(list[float]):
        def append(self, seconds: float) -> None:
            looks_so_far = len(self)
            super().append(seconds)
            if looks_so_far == 2:
                place(old, store)

    old.pauses = Owner(looks)
    (outcome,) = apply(old, plan, tmp_path, wait_seconds=600.0)
    assert outcome.state == "done"
    assert old.pauses == [15.0] * 3


def test_waiting_ends(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    (outcome,) = apply(old, old.plan(entry(store, "convert", "handoff")), tmp_path, wait_seconds=40.0)
    assert outcome.state == "waiting"
    assert old.pauses == [15.0, 15.0, 10.0]


def test_where_nobody_can_look_the_owners_word_is_taken_if_that_is_said(
    old: OldConnections, tmp_path: Path
) -> None:
    principal = old.one("service-principals", appId=old.environment["ARM_CLIENT_ID"])
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "handoff"))
    place(old, store)
    old.put("service-principals", {**principal, "directoryRoles": []})
    (unseen,) = old.read("store")
    assert unseen.identity.state == "notVisible"
    plan = old.plan(
        plan.entries[0].model_copy(
            update={"expects": unseen.fingerprint(), "identity": entry(unseen, "keep").identity}
        )
    )
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "waiting"
    assert outcome.note.endswith("once the owner says so, run the command with --credentials-placed")
    (outcome,) = apply(old, plan, tmp_path, credentials_placed=True)
    assert outcome.state == "done"
    assert old.works("store")


def test_where_another_issuer_signs_than_was_asked_for_the_next_request_asks_for_the_right_one(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tills,) = old.read("tills")
    plan = old.plan(entry(tills, "convert", "handoff"))
    path = save(plan, tmp_path)
    place(old, tills)
    outcomes, _ = apply_until(old, plan, tmp_path)
    assert outcomes[0].state == "waiting"
    assert "run `connections handoff` again" in outcomes[0].note
    assert old.works("tills")
    assert main(["handoff", str(path), "--json"]) == 3
    (request,) = json.loads(capsys.readouterr().out)
    assert request["credential"]["subject"] == "sc://northwind/Tills/tills"
    federated_credentials.add(
        old.cloud,
        old.one("applications", appId=tills.client_id),
        {
            "name": "right",
            "issuer": request["credential"]["issuer"],
            "subject": request["credential"]["subject"],
            "audiences": [request["credential"]["audience"]],
        },
    )
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert old.works("tills")


def test_connections_may_be_named_and_a_wrong_name_is_told(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, first = old.read("store", "press-a")
    plan = save(old.plan(entry(store, "convert", "place"), entry(first, "convert", "handoff")), tmp_path)
    assert main(["handoff", str(plan), "store", "--json"]) == 3
    assert [each["connection"] for each in json.loads(capsys.readouterr().out)] == ["fabrikam/Web/store"]
    assert main(["handoff", str(plan), "shop"]) == 1
    assert "converts or moves no connection 'shop'; correct the name." in capsys.readouterr().err


def test_a_plan_without_handoffs_says_so(
    old: OldConnections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store,) = old.read("store")
    plan = save(old.plan(entry(store, "convert", "place")), tmp_path)
    assert main(["handoff", str(plan)]) == 0
    assert "no entry of the plan has `credential: handoff`" in capsys.readouterr().err
    assert not (tmp_path / "plan.handoff.yaml").exists()
