"""What holds of every plan, whatever connections there are."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from planned_connections import CONTOSO, NOW, application, connection, federated, guid, trusts

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection, Project
from azure_service_connections.lifecycle.inventory.verdicts import MOST_TRUSTS, judged
from azure_service_connections.lifecycle.plan.choices import Choices
from azure_service_connections.lifecycle.plan.consumers import key_of
from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights
from azure_service_connections.lifecycle.plan.plan_file import Consumer
from azure_service_connections.lifecycle.plan.plan_reading import plan_of
from azure_service_connections.lifecycle.plan.plan_writing import write_plan
from azure_service_connections.lifecycle.plan.planning import plan_for

FAILING = Consumer(project="Web", pipeline="p", tasks=("Old@1",), unsupported=("Old@1",))
BOOKS = Project(id=guid("Books"), name="Books", connection_name="")


@st.composite
def connections(draw: st.DrawFn) -> list[ExistingConnection]:
    """Connections of every kind, several of which may sign in as one identity; verdicts are the real ones."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        identity = application(
            draw(st.sampled_from("ab")),
            trusts=trusts(draw(st.sampled_from([0, 17, 19, 20, 21]))),
            state=draw(
                st.sampled_from(["present", "present", "missing", "deleted", "disabled", "notVisible"])
            ),
            multi_tenant=draw(st.booleans()),
            owners=draw(st.sampled_from([(), ("me",), ("others",)])),
        )
        more: dict[str, Any] = {
            "identity": identity,
            "creation_mode": draw(st.sampled_from(["Automatic", "Manual", ""])),
            "cloud": draw(st.sampled_from(["AzureCloud", "AzureCloud", "AzureStack", "AzureChinaCloud"])),
            "disabled": draw(st.booleans()),
            "organization_id": draw(st.sampled_from(["", guid("contoso")])),
            "issuer_kind": draw(st.sampled_from(["devops", "entra", ""])),
            "scheme": draw(
                st.sampled_from(["ServicePrincipal", "WorkloadIdentityFederation", "ManagedServiceIdentity"])
            ),
            "revert_deadline": draw(st.sampled_from([None, NOW, NOW + timedelta(days=3)])),
        }
        make = federated if more["scheme"] == "WorkloadIdentityFederation" else connection
        if draw(st.booleans()):
            more["projects"] = (*connection(f"c{number}").projects, BOOKS)
        found.append(judged(make(f"c{number}", **more), NOW))
    return found


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(connections(), st.data())
def test_a_plan_can_be_read_and_asks_for_nothing_that_cannot_be(
    found: list[ExistingConnection], data: st.DataObject
) -> None:
    names = st.sets(st.sampled_from([each.name for each in found])).map(tuple)
    forced = data.draw(names)
    reverted = tuple(each for each in data.draw(names) if each not in forced)
    choices = Choices(
        convert=forced,
        revert=reverted,
        handoff=data.draw(st.booleans()),
        accept_unsupported=data.draw(st.booleans()),
        retire=data.draw(st.sampled_from([(), ("secrets",), ("secrets", "old-credential")])),
    )
    consumers = {key_of(each): (FAILING,) for each in found if data.draw(st.booleans())}
    rights = OperatorRights(frozenset({"me"}), every_application=data.draw(st.booleans()))
    plan = plan_for(found, consumers, (), NOW, [CONTOSO], choices, rights)
    assert plan_of(write_plan(plan), "plan.yaml") == plan
    by_name = {each.name: each for each in found}
    assert sorted(each.connection for each in plan.entries) == sorted(by_name)
    placed: Counter[str] = Counter()
    for entry in plan.entries:
        about = by_name[entry.connection]
        fails = bool(entry.consumers) and not choices.accept_unsupported and entry.connection not in forced
        if entry.action == "convert":
            assert about.conversion.possible
            assert not about.shared
            assert not fails
        elif entry.action == "migrate-issuer":
            assert about.migration.possible
        elif entry.action == "revert":
            assert entry.connection in reverted
            assert about.reversion.possible
        if entry.credential == "place":
            assert rights.may_place(about.identity)
        if entry.credential == "handoff":
            assert choices.handoff
        assert set(entry.retire) <= set(choices.retire)
        assert entry.reason
        assert not entry.reason.endswith(".")
        if entry.credential != "none":
            placed[about.identity.object_id] += 1
            assert len(about.identity.trusts) < MOST_TRUSTS
            assert placed[about.identity.object_id] <= MOST_TRUSTS
