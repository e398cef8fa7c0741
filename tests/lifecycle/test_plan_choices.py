"""How the command line names connections."""

from typing import Any

import pytest
from planned_connections import CONTOSO, NOW, connection, guid

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection, Project
from azure_service_connections.lifecycle.plan.choices import Choices
from azure_service_connections.lifecycle.plan.planning import plan_for

BOOKS = Project(id=guid("Books"), name="Books", connection_name="books-in-books")


def names_of(*connections: ExistingConnection, **choices: Any) -> list[str]:
    """The names of the connections that a plan is about."""
    plan = plan_for(connections, {}, (), NOW, [CONTOSO], Choices(**choices))
    return [each.connection for each in plan.entries]


@pytest.mark.parametrize("name", ["shop", "SHOP", "Web/shop", "contoso/web/shop", guid("shop")])
def test_a_connection_is_named_in_several_ways(name: str) -> None:
    assert names_of(connection("shop"), connection("audit"), only=(name,)) == ["shop"]


def test_a_shared_connection_may_have_the_name_that_another_project_gives_it() -> None:
    shared = connection("shop", projects=(*connection("shop").projects, BOOKS))
    assert names_of(shared, connection("audit"), only=("Books/books-in-books",)) == ["shop"]


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (
            {"only": ("shpo",)},
            "There is no connection 'shpo' among those that were read; did you mean 'shop'?",
        ),
        ({"convert": ("Web/shpo",)}, "did you mean 'Web/shop'?"),
        ({"revert": ("zebra",)}, "`connections inventory` lists them all."),
        (
            {"convert": ("twice",)},
            "'twice' is the name of several connections: 'contoso/Books/twice' and 'contoso/Web/twice'; "
            "write the one that you mean in full.",
        ),
        (
            {"convert": ("shop",), "revert": ("Web/shop",)},
            "'contoso/Web/shop' is to be converted and reverted",
        ),
    ],
)
def test_a_name_that_does_not_mean_one_connection_is_a_sentence(choices: dict[str, Any], said: str) -> None:
    books = Project(id=guid("Books"), name="Books", connection_name="twice")
    connections = [
        connection("shop"),
        connection("twice", id=guid("other"), projects=(books,)),
        connection("twice"),
    ]
    with pytest.raises(LifecycleError) as refused:
        names_of(*connections, **choices)
    assert said in str(refused.value)


def test_only_one_of_a_name_that_several_have_plans_for_all_of_them() -> None:
    books = Project(id=guid("Books"), name="Books", connection_name="twice")
    connections = [connection("twice", id=guid("other"), projects=(books,)), connection("twice")]
    assert names_of(*connections, connection("shop"), only=("twice",)) == ["twice", "twice"]


def test_what_is_to_be_converted_is_planned_beside_the_only_ones() -> None:
    connections = [connection("a"), connection("b"), connection("c")]
    assert names_of(*connections, only=("a",), convert=("c",)) == ["a", "c"]
