"""Carrying out plans: what is sent, what the services then hold, and what is said."""

from pathlib import Path

from old_connections import OldConnections, apply, entry, lines, steps

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
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place", retire=("secrets",)))
    apply(old, plan, tmp_path)
    old.cloud.traffic.clear()
    (outcome,) = apply(old, plan, tmp_path)
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
