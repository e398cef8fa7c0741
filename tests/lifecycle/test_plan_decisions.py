"""What a plan does to which connection, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest
from planned_connections import (
    CONTOSO,
    NO,
    NOW,
    YES,
    application,
    connection,
    federated,
    guid,
    trusts,
)

from azure_service_connections.lifecycle.inventory.existing_connection import (
    ExistingConnection,
    Project,
    Verdict,
)
from azure_service_connections.lifecycle.inventory.identity import Identity, Trust
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.plan.choices import Choices
from azure_service_connections.lifecycle.plan.consumers import key_of
from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights
from azure_service_connections.lifecycle.plan.plan_file import Consumer, Entry, Plan
from azure_service_connections.lifecycle.plan.plan_reading import plan_of
from azure_service_connections.lifecycle.plan.plan_writing import write_plan
from azure_service_connections.lifecycle.plan.planning import plan_for
from azure_service_connections.lifecycle.subject_prediction import predicted_trust

EVERY_APPLICATION = OperatorRights(every_application=True)
FAILING = Consumer(
    project="Web",
    pipeline="deploy",
    tasks=("AzureCLI@2", "ServiceFabricDeploy@1"),
    unsupported=("ServiceFabricDeploy@1",),
)
BOOKS = Project(id=guid("Books"), name="Books", connection_name="books-in-books")


def planned(
    *connections: ExistingConnection,
    rights: OperatorRights = OperatorRights(),  # noqa: B008 - it is unchangeable
    consumers: dict[str, tuple[Consumer, ...]] | None = None,
    orphans: tuple[Orphan, ...] = (),
    **choices: Any,
) -> Plan:
    """A plan; every one that is made can be read again."""
    by_key = {key_of(each): (consumers or {}).get(each.name, ()) for each in connections}
    plan = plan_for(connections, by_key, orphans, NOW, [CONTOSO], Choices(**choices), rights)
    assert plan_of(write_plan(plan), "plan.yaml") == plan
    return plan


def only(*connections: ExistingConnection, **more: Any) -> Entry:
    (entry,) = planned(*connections, **more).entries
    return entry


def by_hand(name: str, **more: Any) -> ExistingConnection:
    """A connection with a secret that a person made."""
    return connection(name, **{"creation_mode": "Manual", **more})


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


@pytest.mark.parametrize(
    ("identity", "rights", "credential"),
    [
        (application("shop"), EVERY_APPLICATION, "place"),
        (
            application("shop", owners=("Ada@contoso.example",)),
            OperatorRights(frozenset({"ada@contoso.example"})),
            "place",
        ),
        (application("shop", owners=("bo@contoso.example",)), OperatorRights(frozenset({"ada"})), "none"),
        (application("shop", state="notVisible", object_id=""), EVERY_APPLICATION, "none"),
        (
            application("shop", kind="managedIdentity", object_id="", resource_id="/subscriptions/S/id"),
            OperatorRights(managed_identities=frozenset({"/subscriptions/s/id"})),
            "place",
        ),
        (
            application("shop", kind="managedIdentity", object_id="", resource_id="/subscriptions/S/id"),
            EVERY_APPLICATION,
            "none",
        ),
    ],
)
def test_what_was_made_by_hand_is_converted_where_the_operator_may_place_its_credential(
    identity: Identity, rights: OperatorRights, credential: str
) -> None:
    entry = only(by_hand("shop", identity=identity), rights=rights)
    assert entry.credential == credential
    assert entry.action == ("convert" if credential == "place" else "keep")
    asked = only(by_hand("shop", identity=identity), rights=rights, handoff=True)
    assert (asked.action, asked.credential) == ("convert", "place" if credential == "place" else "handoff")


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (
            application("shop", owners=("bo@contoso.example", "Ann", "Cy", "Di")),
            "it was made by hand, and the application 'app-shop' belongs to others (bo@contoso.example, Ann, "
            "Cy and 1 more); with --handoff its owner is asked",
        ),
        (
            application("shop", state="notVisible"),
            "it was made by hand, and this operator may not look at its identity; with --handoff its owner "
            "is asked",
        ),
        (
            application("shop", kind="managedIdentity", resource_id="/subscriptions/s/id"),
            "it was made by hand, and this operator may not place credentials on the managed identity "
            "'app-shop'; with --handoff its owner is asked",
        ),
    ],
)
def test_where_the_operator_may_not_the_reason_says_whose_it_is(identity: Identity, reason: str) -> None:
    entry = only(by_hand("shop", identity=identity))
    assert (entry.action, entry.reason) == ("keep", reason)
    assert entry.identity is not None


def test_what_the_operator_does_not_change_is_written_by_the_owner() -> None:
    entry = only(by_hand("shop"), handoff=True)
    first = "In Entra ID, the owner of the application 'app-shop' adds a federated credential on request."
    assert entry.writes[0] == first


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


def test_an_identity_with_twenty_credentials_keeps_its_connections() -> None:
    full = application("shop", trusts=trusts(20))
    for each in (connection("shop", identity=full), by_hand("shop", identity=full)):
        entry = only(each, rights=EVERY_APPLICATION)
        assert entry.action == "keep"
        assert entry.reason == (
            "the application 'app-shop' has 20 federated credentials, and 20 is the most; give the "
            "connection an identity of its own, or remove credentials that nothing uses"
        )


def test_connections_of_one_identity_get_a_credential_each_as_far_as_it_has_room() -> None:
    both = application("both", trusts=trusts(18), shared_by=3)
    connections = [by_hand(name, identity=both) for name in ("c", "b", "a")]
    entries = planned(*connections, rights=EVERY_APPLICATION).entries
    assert [(each.connection, each.action) for each in entries] == [
        *(("a", "convert"), ("b", "convert"), ("c", "keep")),
    ]
    assert entries[2].reason.startswith(
        "the application 'app-both' has 18 federated credentials and 2 more in this plan, and 20 is the most"
    )


def test_a_credential_that_is_in_place_needs_no_more_room() -> None:
    before = by_hand("shop", organization_id=guid("contoso"))
    trust = predicted_trust(before)
    held = Trust(
        id=guid("placed"),
        name="placed",
        issuer=trust.issuer,
        subject=trust.subject,
        audiences=(trust.audience,),
    )
    full = before.model_copy(
        update={"identity": before.identity.model_copy(update={"trusts": (*trusts(19), held)})}
    )
    assert only(full, rights=EVERY_APPLICATION).action == "convert"


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
