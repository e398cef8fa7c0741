"""Documents in memory and on disk: all of a transaction or none, and nothing lost by a restart."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azure_service_connections.sandbox.store import Store

Documents = dict[str, dict[str, Any]]

keys = st.sampled_from(["a", "b", "c"])
collections = st.sampled_from(["users", "groups"])
documents = st.dictionaries(st.sampled_from(["name", "tags"]), st.integers() | st.lists(st.text(max_size=3)))
writes = st.tuples(st.just("put"), collections, keys, documents) | st.tuples(
    st.just("remove"), collections, keys, st.just({})
)
transactions = st.tuples(st.booleans(), st.lists(writes, max_size=6))


class RefusalError(Exception):
    """Ends a transaction."""


def apply(target: dict[str, Documents], write: tuple[str, str, str, dict[str, Any]]) -> None:
    kind, collection, key, document = write
    if kind == "put":
        target.setdefault(collection, {})[key] = document
    else:
        target.get(collection, {}).pop(key, None)


def apply_to_store(store: Store, write: tuple[str, str, str, dict[str, Any]]) -> None:
    kind, collection, key, document = write
    if kind == "put":
        store.put(collection, key, document)
    else:
        store.remove(collection, key)


def refused(store: Store, *changes: tuple[str, str, str, dict[str, Any]]) -> None:
    """Writes in an inner transaction, which ends well, inside of one that does not."""
    with store.transaction():
        with store.transaction():
            for change in changes:
                apply_to_store(store, change)
        raise RefusalError


@given(st.lists(transactions, max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_is_on_disk_is_every_kept_transaction_and_no_refused_one(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[bool, list[Any]]]
) -> None:
    file = tmp_path_factory.mktemp("store") / "state.db"
    store = Store(file)
    expected: dict[str, Documents] = {}
    for kept, changes in plan:
        proposed = json.loads(json.dumps(expected))
        try:
            with store.transaction():
                for change in changes:
                    apply(proposed, change)
                    apply_to_store(store, change)
                if not kept:
                    raise RefusalError
            expected = proposed
        except RefusalError:
            pass
        # Another process that opens the file now sees what one sees after a crash now.
        reader = Store(file)
        assert reader.dump() == store.dump()
        reader.close()
    assert store.dump() == {name: held for name, held in sorted(expected.items()) if held}
    store.close()


def test_a_refused_transaction_restores_what_it_replaced_and_removed() -> None:
    store = Store()
    store.put("users", "ada", {"name": "Ada"})
    store.put("users", "sam", {"name": "Sam"})
    with pytest.raises(RefusalError):
        refused(
            store,
            ("put", "users", "ada", {"name": "Eve"}),
            ("remove", "users", "sam", {}),
            ("put", "users", "new", {"name": "New"}),
        )
    assert store.dump() == {"users": {"ada": {"name": "Ada"}, "sam": {"name": "Sam"}}}
    store.close()


def test_an_inner_transaction_falls_with_the_outer_one() -> None:
    store = Store()
    with pytest.raises(RefusalError):
        refused(store, ("put", "users", "ada", {}))
    assert store.dump() == {}
    store.close()


def test_nobody_changes_what_is_stored_through_a_document_that_was_given_or_got() -> None:
    store = Store()
    given_document = {"tags": ["one"]}
    store.put("users", "ada", given_document)
    given_document["tags"].append("two")
    got = store.get("users", "ada")
    assert got == {"tags": ["one"]}
    got["tags"].append("three")
    store.find("users")[0]["tags"].append("four")
    store.dump()["users"]["ada"]["tags"].append("five")
    assert store.get("users", "ada") == {"tags": ["one"]}
    store.close()


def test_documents_are_found_by_their_keys_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    for name in ("zoe", "ada", "sam"):
        store.put("users", name, {"name": name, "team": "payments"})
    store.put("users", "eve", {"name": "eve", "team": "platform"})
    store.put("users", "zoe", {"name": "zoe", "team": "payments", "changed": True})
    store.close()
    store = Store(tmp_path / "state.db")
    assert [user["name"] for user in store.find("users", team="payments")] == ["zoe", "ada", "sam"]
    assert store.one("users", team="platform") == {"name": "eve", "team": "platform"}
    assert store.one("users", team="nobody") is None
    assert store.keys("users") == ["zoe", "ada", "sam", "eve"]
    store.close()


def test_removing_says_whether_there_was_anything() -> None:
    store = Store()
    store.put("users", "ada", {})
    assert store.remove("users", "ada") is True
    assert store.remove("users", "ada") is False
    assert store.remove("nothing", "ada") is False
    store.close()


def test_a_document_that_cannot_be_kept_is_refused_and_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    with pytest.raises(TypeError):
        store.put("users", "ada", {"name": object()})
    assert store.get("users", "ada") is None
    store.put("users", "sam", {"name": "Sam"})
    store.close()
    store = Store(tmp_path / "state.db")
    assert store.dump() == {"users": {"sam": {"name": "Sam"}}}
    store.close()


@given(st.lists(transactions, max_size=8), st.integers() | st.text(max_size=2))
@settings(max_examples=60, deadline=None)
def test_a_search_finds_what_a_look_at_every_document_finds_in_order_of_creation(
    plan: list[tuple[bool, list[Any]]], name: Any
) -> None:
    store = Store()
    named = {"name": name}
    for kept, changes in plan:
        store.find("users", **named)
        labelled = [
            (kind, place, key, {**body, **named} if key == "a" else body)
            for kind, place, key, body in changes
        ]
        if kept:
            with store.transaction():
                for change in labelled:
                    apply_to_store(store, change)
        else:
            with pytest.raises(RefusalError):
                refused(store, *labelled)
        for collection in ("users", "groups"):
            held = [store.get(collection, key) for key in store.keys(collection)]
            wanted = [each for each in held if each is not None and each.get("name") == name]
            assert store.find(collection, **named) == wanted
            assert store.one(collection, **named) == (wanted[0] if wanted else None)
    store.close()


def test_a_search_by_two_fields_takes_both_into_account() -> None:
    store = Store()
    for number in range(4):
        document = {"owner": "ab"[number % 2], "kind": "xy"[number // 2], "number": number}
        store.put("things", str(number), document)
    assert [each["number"] for each in store.find("things", owner="a", kind="y")] == [2]
    assert [each["number"] for each in store.find("things", owner="a", number=0)] == [0]
    store.put("things", "2", {"owner": "b", "kind": "y", "number": 2})
    assert store.find("things", owner="a", kind="y") == []
    assert [each["number"] for each in store.find("things", owner="b")] == [1, 2, 3]
    store.close()
