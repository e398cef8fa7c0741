"""Who places the federated credential of a planned connection, and whether its identity has room for it."""

import pytest
from planned_connections import application, connection, guid, trusts
from planned_decisions import EVERY_APPLICATION, by_hand, only, planned

from azure_service_connections.lifecycle.inventory.identity import Identity, Trust
from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights
from azure_service_connections.lifecycle.subject_prediction import predicted_trust


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
