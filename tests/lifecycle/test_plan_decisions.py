"""What a plan does to which connection, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest
from planned_connections import (
    CONTOSO,
    NO,
    YES,
    application,
    connection,
    federated,
    guid,
)
from planned_decisions import EVERY_APPLICATION, only, planned

from azure_service_connections.lifecycle.inventory.existing_connection import (
    Project,
    Verdict,
)
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.plan.plan_file import Consumer
from azure_service_connections.lifecycle.plan.plan_writing import write_plan

FAILING = Consumer(
    project="Web",
    pipeline="deploy",
    tasks=("AzureCLI@2", "ServiceFabricDeploy@1"),
    unsupported=("ServiceFabricDeploy@1",),
)
BOOKS = Project(id=guid("Books"), name="Books", connection_name="books-in-books")


def test_what_azure_devops_made_is_converted_by_azure_devops() -> None:
    entry = only(connection("shop"))
    assert (entry.action, entry.credential, entry.retire) == ("convert", "service", ())
    assert entry.reason == YES.reason
    assert entry.deadline == datetime(2027, 1, 31, tzinfo=UTC)
    assert entry.expects == connection("shop").fingerprint()
    assert entry.identity is not None
    assert (entry.identity.client_id, entry.identity.object_id) == (
        guid("client of shop"),
        guid("object of shop"),
    )
    assert entry.writes == (
        "In Azure DevOps, the connection signs in by federation, and no more with its secret.",
        "In Entra ID, Azure DevOps itself gives the application 'app-shop' a federated credential.",
    )


def test_what_cannot_be_converted_is_kept_for_the_reason_that_the_inventory_gives() -> None:
    entry = only(
        connection("shop", conversion=Verdict(possible=False, reason="it is disabled; enable it first"))
    )
    assert (entry.action, entry.credential, entry.reason) == (
        "keep",
        "none",
        "it is disabled; enable it first",
    )
    assert (entry.identity, entry.writes, entry.deadline) == (None, (), None)


@pytest.mark.parametrize("make", [connection, federated])
def test_what_could_not_be_proven_to_work_is_kept_whatever_is_asked(make: Any) -> None:
    gone = make("shop", subscription_gone=True, scope="/subscriptions/lost")
    failed = make("shop", ready=False, status="Failed to create an app.")
    for told in ({}, {"accept_unsupported": True, "handoff": True}):
        assert only(failed, **told).reason == "it is not ready: Failed to create an app"
        assert only(gone, **told).reason == (
            "what it is for is gone (/subscriptions/lost); `connections orphans` lists such connections"
        )


def test_of_an_identity_that_could_not_be_looked_at_that_is_said() -> None:
    hidden = connection("shop", identity=application("shop", state="notVisible"))
    entry = only(hidden)
    assert (entry.action, entry.credential) == ("convert", "service")
    assert entry.reason == f"{YES.reason}; its identity could not be looked at"


def test_a_shared_connection_is_kept_and_also_where_it_is_named_the_reason_says_how() -> None:
    shared = connection("shop", projects=(*connection("shop").projects, BOOKS), conversion=NO)
    entry = only(shared)
    assert entry.action == "keep"
    assert entry.reason.startswith(
        "it is shared with Books, and Azure DevOps converts what one project has alone"
    )
    assert "take it from the other projects first" in entry.reason
    assert "also to convert it as asked" in only(shared, convert=("shop",)).reason


def test_of_a_shared_connection_that_could_not_be_converted_anyway_that_is_said() -> None:
    shared = connection(
        "shop", projects=(*connection("shop").projects, BOOKS), conversion=NO, cloud="AzureStack"
    )
    assert only(shared).reason == "Azure DevOps does not convert connections to Azure Stack"


def test_tasks_that_fail_with_federation_keep_a_connection_unless_told_otherwise() -> None:
    consumers = {"shop": (FAILING,)}
    entry = only(connection("shop"), consumers=consumers)
    assert entry.action == "keep"
    assert entry.consumers == (FAILING,)
    assert entry.reason == (
        "ServiceFabricDeploy@1 does not work with federation (in deploy); replace what fails, or plan with "
        "--convert shop"
    )
    although = f"{YES.reason}; as asked for although ServiceFabricDeploy@1 does not work with federation"
    for told in ({"convert": ("shop",)}, {"accept_unsupported": True}):
        entry = only(connection("shop"), consumers=consumers, **told)
        assert (entry.action, entry.reason, entry.consumers) == ("convert", although, (FAILING,))


def test_tasks_of_which_nothing_is_known_do_not_keep_a_connection_and_are_named() -> None:
    own = Consumer(project="Web", pipeline="own", tasks=("B@1", "A@1"), unknown=("B@1", "A@1"))
    entry = only(connection("shop"), consumers={"shop": (own,)})
    assert entry.action == "convert"
    assert entry.reason == f"{YES.reason}; whether A@1 and B@1 work with federation is not known"


def test_pipelines_that_cannot_be_looked_into_are_said() -> None:
    classic = Consumer(project="Web", pipeline="old", note="it is a classic pipeline")
    entry = only(connection("shop"), consumers={"shop": (classic,)})
    assert entry.action == "convert"
    assert entry.reason.endswith("; not every pipeline could be looked into")


def test_azure_devops_own_issuer_is_left_before_it_ends() -> None:
    entry = only(federated("shop"), consumers={"shop": (FAILING,)})
    assert (entry.action, entry.credential) == ("migrate-issuer", "service")
    assert entry.deadline == datetime(2027, 7, 1, tzinfo=UTC)
    assert entry.writes == (
        "In Azure DevOps, the connection's tokens come from Entra ID's issuer.",
        "In Entra ID, Azure DevOps itself gives the application 'app-shop' a federated credential.",
    )
    placed = only(federated("shop", creation_mode="Manual"), rights=EVERY_APPLICATION)
    assert (placed.action, placed.credential) == ("migrate-issuer", "place")


def test_what_stays_with_the_old_issuer_is_kept_with_the_reason() -> None:
    stays = Verdict(possible=False, reason="connections to AzureStack stay")
    assert only(federated("shop", migration=stays)).reason == stays.reason


def test_what_can_be_reverted_is_kept_with_its_deadline_and_reverted_where_asked_for() -> None:
    until = datetime(2026, 11, 30, tzinfo=UTC)
    back = Verdict(possible=True, reason="until 2026-11-30 00:00 UTC, 5 days left")
    converted = federated(
        "shop",
        issuer_kind="entra",
        migration=Verdict(possible=False, reason="it trusts Entra's issuer already"),
        reversion=back,
        revert_deadline=until,
    )
    entry = only(converted)
    assert (entry.action, entry.deadline) == ("keep", until)
    assert entry.reason == f"it trusts Entra's issuer already; it can be reverted {back.reason}"
    entry = only(converted, revert=("shop",))
    assert (entry.action, entry.credential, entry.deadline) == ("revert", "none", until)
    assert entry.reason == f"it was asked for; {back.reason}"
    assert entry.writes == ("In Azure DevOps, the connection signs in with its secret again.",)
    entry = only(federated("shop", reversion=Verdict(possible=False, reason="too late")), revert=("shop",))
    assert (entry.action, entry.reason) == ("keep", "it cannot be reverted: too late")


def test_what_is_to_be_retired_is_named_where_there_is_something() -> None:
    entries = planned(
        connection("a"), federated("b"), connection("c", conversion=NO), retire=("secrets", "old-credential")
    ).entries
    assert [each.retire for each in entries] == [("secrets",), ("old-credential",), ()]
    lost = "the application 'app-a' loses its 1 secret, after which there is no way back."
    assert entries[0].writes[-1] == f"In Entra ID, once that is proven, {lost}"
    assert entries[1].writes[-1] == (
        "In Entra ID, once that is proven, the application 'app-b' loses its credential for the old issuer."
    )
    sharing = connection("a", identity=application("a", shared_by=2))
    assert "unless another connection needs them" in only(sharing, retire=("secrets",)).writes[-1]


def test_what_is_orphaned_is_kept_unless_it_is_to_be_removed() -> None:
    lost = Orphan(kind="application", id=guid("lost"), name="lost", reason="no connection signs in as it")
    (kept,) = planned(orphans=(lost,)).removals
    assert (kept.action, kept.id, kept.reason) == ("keep", guid("lost"), "no connection signs in as it")
    (removed,) = planned(orphans=(lost,), remove_orphans=True).removals
    assert removed.action == "remove"


def test_what_is_removed_is_not_changed_before() -> None:
    lost = Orphan(
        kind="serviceConnection",
        id=guid("shop"),
        name="shop",
        organization=CONTOSO,
        project="Web",
        reason="what it is for is gone",
    )
    for told in ({}, {"convert": ("shop",)}):
        plan = planned(connection("shop"), orphans=(lost,), remove_orphans=True, **told)
        (entry,) = plan.entries
        assert (entry.action, entry.credential) == ("keep", "none")
        assert entry.reason == "this plan removes it below, because what it is for is gone"
    assert only(connection("shop"), orphans=(lost,)).action == "convert"


def test_entries_stand_in_the_order_of_their_addresses_whatever_was_read_first() -> None:
    names = ["b", "C", "a"]
    entries = planned(*(connection(each) for each in names)).entries
    assert [each.connection for each in entries] == ["a", "b", "C"]
    assert write_plan(planned(*(connection(each) for each in names))) == write_plan(
        planned(*(connection(each) for each in reversed(names)))
    )
