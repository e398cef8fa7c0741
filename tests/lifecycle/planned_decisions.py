"""Plans for connections of tests."""

from typing import Any

from planned_connections import CONTOSO, NOW, connection

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.inventory.orphan import Orphan
from azure_service_connections.lifecycle.plan.choices import Choices
from azure_service_connections.lifecycle.plan.consumers import key_of
from azure_service_connections.lifecycle.plan.operator_rights import OperatorRights
from azure_service_connections.lifecycle.plan.plan_file import Consumer, Entry, Plan
from azure_service_connections.lifecycle.plan.plan_reading import plan_of
from azure_service_connections.lifecycle.plan.plan_writing import write_plan
from azure_service_connections.lifecycle.plan.planning import plan_for

EVERY_APPLICATION = OperatorRights(every_application=True)


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
    """The one entry of a plan."""
    (entry,) = planned(*connections, **more).entries
    return entry


def by_hand(name: str, **more: Any) -> ExistingConnection:
    """A connection with a secret that a person made."""
    return connection(name, **{"creation_mode": "Manual", **more})
