"""Carrying out plans: what is sent, what the services then hold, and what is said."""

from pathlib import Path

from old_connections import OldConnections, apply, apply_until, entry, lines, place, steps

SECRETS = ("secret-of-store", "secret-of-press", "secret-of-the-operator", "personal-access-token")


def test_a_manual_connection_gets_its_credential_before_it_is_converted_and_is_proven_after(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    old.cloud.traffic.clear()
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert (outcome.state, outcome.changed) == ("done", True)
    assert outcome.note == "converted; signs in and reads its scope"
    assert old.scheme("store") == "WorkloadIdentityFederation"
    changing = [
        f"{each.method} {each.path.rpartition('/')[2]}"
        for each in old.cloud.traffic.entries
        if each.method != "GET" and "oauth2" not in each.path and "checks" not in each.path
    ]
    assert changing == ["POST federatedIdentityCredentials", f"PUT {store.id}", "POST endpointproxy"]
    ((issuer, subject),) = old.trusts(store.client_id)
    assert issuer == f"https://login.microsoftonline.com/{store.tenant_id}/v2.0"
    assert subject.endswith(f"/sc/{store.organization_id}/{store.id}")
    assert steps(tmp_path, store.id) == [
        ("checked", "done"),
        ("credential-placed", "begun"),
        ("credential-placed", "done"),
        ("converted", "begun"),
        ("converted", "done"),
        ("proven", "done"),
    ]


def test_an_automatic_connection_gets_its_credential_from_the_service(
    old: OldConnections, tmp_path: Path
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    (outcome,) = apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    assert outcome.state == "done"
    assert outcome.revert_deadline is not None
    assert old.scheme("shelf") == "WorkloadIdentityFederation"
    assert old.asked("POST", "federatedIdentityCredentials") == 0
    assert len(old.trusts(shelf.client_id)) == 1


def test_a_plan_that_was_carried_out_is_not_carried_out_again(old: OldConnections, tmp_path: Path) -> None:
    store, legacy = old.read("store", "legacy")
    plan = old.plan(
        entry(store, "convert", "place"),
        entry(legacy, "migrate-issuer", "place", retire=("old-credential",)),
    )
    apply(old, plan, tmp_path)
    old.cloud.traffic.clear()
    for outcome in apply(old, plan, tmp_path):
        assert (outcome.state, outcome.note, outcome.changed) == ("done", "done by an earlier run", False)
    assert list(old.cloud.traffic.entries) == []


def test_no_secret_reaches_the_journal(old: OldConnections, tmp_path: Path) -> None:
    old.make_automatic("shelf")
    store, shelf = old.read("store", "shelf")
    apply(
        old,
        old.plan(entry(store, "convert", "place", retire=("secrets",)), entry(shelf, "convert", "service")),
        tmp_path,
    )
    kept = [
        each["secretText"]
        for application in old.cloud.store.find("applications")
        for each in application["passwordCredentials"]
    ]
    written = (tmp_path / "plan.yaml.journal.jsonl").read_text()
    assert kept
    for secret in (*SECRETS, *kept):
        assert secret not in written
    assert all(line.time.tzinfo is not None for line in lines(tmp_path))


def test_entries_that_share_an_identity_do_not_take_each_others_credential_for_a_change(
    old: OldConnections, tmp_path: Path
) -> None:
    first, second = old.read("press-a", "press-b")
    plan = old.plan(entry(first, "convert", "place"), entry(second, "convert", "place"))
    outcomes, _ = apply_until(old, plan.model_copy(update={"entries": plan.entries[:1]}), tmp_path)
    assert [each.state for each in outcomes] == ["done"]
    outcomes = apply(old, plan, tmp_path)
    assert [each.note for each in outcomes] == [
        "done by an earlier run",
        "converted; signs in and reads its scope",
    ]
    assert len(old.trusts(first.client_id)) == 2


def test_a_connection_moves_to_entra_beside_its_old_trust_which_is_retired_after_the_proof(
    old: OldConnections, tmp_path: Path
) -> None:
    (legacy,) = old.read("legacy")
    old.cloud.traffic.clear()
    plan = old.plan(entry(legacy, "migrate-issuer", "place", retire=("old-credential",)))
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert outcome.note == (
        "moved to Entra's issuer; signs in and reads its scope; removed its old credential"
    )
    ((issuer, _),) = old.trusts(legacy.client_id)
    assert issuer.startswith("https://login.microsoftonline.com/")
    changing = [
        f"{each.method} {each.path.split('/')[-1] if each.method == 'POST' else '…'}"
        for each in old.cloud.traffic.entries
        if each.method != "GET" and "oauth2" not in each.path and "checks" not in each.path
    ]
    assert changing == [
        "POST federatedIdentityCredentials",
        "POST externalfederatedcredentialmigration",
        "POST endpointproxy",
        "POST endpointproxy",
        "DELETE …",
    ]


def test_the_credentials_of_one_managed_identity_are_written_one_after_another(
    old: OldConnections, tmp_path: Path
) -> None:
    (network,) = old.read("network")
    endpoint = old.endpoint("network")
    for number in range(5):
        reference = {**endpoint["references"][0], "name": f"network-{number}"}
        copy = {**endpoint, "id": f"{endpoint['id'][:-2]}{number:02x}", "references": [reference]}
        old.keep(copy)
    names = [f"network-{number}" for number in range(5)]
    connections = old.read(*names)
    plan = old.plan(*(entry(each, "migrate-issuer", "place") for each in connections))
    outcomes = apply(old, plan, tmp_path, at_a_time=5)
    assert [each.state for each in outcomes] == ["done"] * 5
    assert old.asked("PUT", "federatedIdentityCredentials") == 5
    assert not [each for each in old.cloud.traffic.entries if each.status == 409]
    assert len(old.trusts(network.client_id)) == 6


def test_what_is_there_already_is_taken_as_the_credential_to_place(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place"))
    place(old, store)
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert old.asked("POST", "federatedIdentityCredentials") == 0


def test_a_name_that_another_credential_has_gets_a_number(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    place(old, store, name=f"azure-devops-{store.id}", subject="repo:fabrikam/store")
    (store,) = old.read("store")
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "done"
    names = {each["name"] for each in old.cloud.store.find("federated-credentials", clientId=store.client_id)}
    assert names == {f"azure-devops-{store.id}", f"azure-devops-{store.id}-2"}


def test_an_identity_without_room_is_told_before_anything_is_written(
    old: OldConnections, tmp_path: Path
) -> None:
    (first,) = old.read("press-a")
    for number in range(19):
        place(old, first, name=f"other-{number}", subject=f"repo:fabrikam/{number}")
    first, second = old.read("press-a", "press-b")
    old.cloud.traffic.clear()
    plan = old.plan(entry(first, "convert", "place"), entry(second, "convert", "place"))
    outcomes = apply(old, plan, tmp_path)
    assert [each.state for each in outcomes] == ["done", "refused"]
    assert outcomes[1].note == (
        "the application 'press' has 19 of at most 20 federated credentials and needs 2 more; remove some "
        "that nothing uses, or give the connection an identity of its own"
    )
    assert old.scheme("press-b") == "ServicePrincipal"
    assert old.asked("POST", "federatedIdentityCredentials") == 1


def test_a_credential_for_another_audience_is_not_taken_for_the_right_one(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    place(old, store, audience="api://somebody-else")
    (store,) = old.read("store")
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "failed"
    assert (
        "audience 'api://somebody-else'; set it to 'api://AzureADTokenExchange' or delete it" in outcome.note
    )
    assert old.works("store")


def test_where_another_issuer_signs_than_was_expected_its_credential_is_placed_and_the_first_goes(
    old: OldConnections, tmp_path: Path
) -> None:
    (tills,) = old.read("tills")
    (outcome,) = apply(old, old.plan(entry(tills, "convert", "place")), tmp_path)
    assert outcome.state == "done", outcome.note
    ((issuer, subject),) = old.trusts(tills.client_id)
    assert issuer == f"https://vstoken.dev.azure.com/{tills.organization_id}"
    assert subject == "sc://northwind/Tills/tills"
    assert old.works("tills")


def test_with_stop_nothing_is_begun_after_a_failure(old: OldConnections, tmp_path: Path) -> None:
    store, first = old.read("store", "press-a")
    plan = old.plan(
        entry(store, "convert", "place").model_copy(update={"expects": "0" * 16}),
        entry(first, "convert", "place"),
    )
    outcomes, _ = apply_until(old, plan, tmp_path, stop_at_failure=True)
    assert [each.state for each in outcomes] == ["refused", "notStarted"]
    assert old.scheme("press-a") == "ServicePrincipal"
    outcomes = apply(old, plan, tmp_path)
    assert [each.state for each in outcomes] == ["refused", "done"]
