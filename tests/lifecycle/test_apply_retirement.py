"""What is removed once the new way is proven, and what stays because something needs it."""

from pathlib import Path

from old_connections import OldConnections, apply, apply_until, entry

from azure_service_connections.lifecycle.plan.plan_file import Removal
from azure_service_connections.sandbox.devops import service_connections

SECRETS = ("secret-of-store", "secret-of-press", "secret-of-the-operator", "personal-access-token")


def test_secrets_stay_as_long_as_another_connection_signs_in_with_one(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place", retire=("secrets",)))
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert outcome.note.endswith("its secrets stay, 'northwind/Tills/tills' still sign in with one")
    assert old.one("applications", appId=store.client_id)["passwordCredentials"]
    assert old.works("tills")
    service_connections.remove(old.cloud, old.endpoint("tills"))
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.note == "proven by an earlier run; removed 1 secret of its application"
    assert old.one("applications", appId=store.client_id)["passwordCredentials"] == []


def test_secrets_go_once_all_connections_of_an_application_are_converted(
    old: OldConnections, tmp_path: Path
) -> None:
    first, second = old.read("press-a", "press-b")
    outcomes = apply(
        old,
        old.plan(
            entry(first, "convert", "place", retire=("secrets",)),
            entry(second, "convert", "place", retire=("secrets",)),
        ),
        tmp_path,
    )
    assert [each.state for each in outcomes] == ["done", "done"]
    assert old.one("applications", appId=first.client_id)["passwordCredentials"] == []
    assert old.asked("POST", "removePassword") == 1
    assert old.works("press-a")
    assert old.works("press-b")


def test_nothing_is_retired_unless_the_plan_says_so(old: OldConnections, tmp_path: Path) -> None:
    store, legacy = old.read("store", "legacy")
    apply(old, old.plan(entry(store, "convert", "place"), entry(legacy, "migrate-issuer", "place")), tmp_path)
    assert old.one("applications", appId=store.client_id)["passwordCredentials"]
    assert len(old.trusts(legacy.client_id)) == 2


def test_orphans_are_removed_only_while_they_are_orphans(old: OldConnections, tmp_path: Path) -> None:
    application = old.one("applications", displayName="legacy")
    assignment = next(
        each
        for each in old.cloud.store.find("role-assignments")
        if each["principalId"] == old.one("service-principals", displayName="press")["id"]
    )
    plan = old.plan(
        removals=[
            Removal(
                kind="application",
                id=application["id"],
                name="legacy",
                action="remove",
                reason="nothing uses it",
            ),
            Removal(
                kind="roleAssignment",
                id=assignment["id"],
                name="Reader",
                action="remove",
                reason="nobody has it",
            ),
        ]
    )
    orphans = {("application", application["id"])}
    outcomes, _ = apply_until(old, plan, tmp_path, still_orphaned=lambda removals: orphans)
    assert {each.connection: each.state for each in outcomes} == {"legacy": "done", "Reader": "refused"}
    assert old.cloud.store.one("applications", displayName="legacy") is None
    assert old.cloud.store.get("role-assignments", assignment["id"].lower()) is not None


def test_an_orphan_that_is_gone_already_is_done_and_needs_no_request_to_remove_it(
    old: OldConnections, tmp_path: Path
) -> None:
    application = old.one("applications", displayName="legacy")
    identifier = f"{application['id']}/{application['id']}"
    plan = old.plan(
        removals=[
            Removal(
                kind="federatedCredential",
                id=identifier,
                name="gone",
                action="remove",
                reason="nothing uses it",
            )
        ]
    )
    outcomes, _ = apply_until(old, plan, tmp_path, still_orphaned=lambda removals: set())
    assert [(each.state, each.note, each.changed) for each in outcomes] == [("done", "gone already", False)]
    assert old.asked("DELETE", "") == 0


def test_secrets_stay_where_an_organization_of_the_plan_cannot_be_looked_at(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place", retire=("secrets",)))
    services = old.services(AZDO_PERSONAL_ACCESS_TOKEN_NORTHWIND="no-token-of-northwind")
    (outcome,), stopped = apply_until(old, plan, tmp_path, services=services)
    assert (outcome.state, stopped) == ("failed", "")
    assert "secrets stay, as nobody can tell who needs them in northwind: The organization" in outcome.note
    assert old.one("applications", appId=store.client_id)["passwordCredentials"]
