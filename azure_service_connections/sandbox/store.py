"""The state of the sandbox: JSON documents in named collections, in memory and in SQLite.

One process serves one sandbox and answers one request at a time, so memory is the truth and SQLite makes it
last: a request's writes are committed before its answer leaves, and undone when the request is refused.

A search by the text of a field looks into an index, which is made at the first search by that field: an
estate of hundreds of connections asks for the same few fields all the time.
"""

import copy
import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Store:
    """Documents by collection and id. Documents are copied on the way in and on the way out."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or create the database file; without a path the state lives in memory only."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(
            path if path is not None else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS documents (collection TEXT, id TEXT, position INTEGER, body TEXT, "
            "PRIMARY KEY (collection, id))"
        )
        self._collections: dict[str, dict[str, Document]] = {}
        self._indexes: dict[str, dict[str, dict[str, set[str]]]] = {}
        """By collection, field and text: the ids of the documents that have this text there."""
        self._ages: dict[str, dict[str, int]] = {}
        """By collection and id: a number that grows with each new document, for the order of creation."""
        self._age = itertools.count()
        self._undo: list[tuple[str, str, Document | None]] | None = None
        self._position = 0
        rows = self._database.execute(
            "SELECT collection, id, position, body FROM documents ORDER BY position"
        )
        for collection, identifier, position, body in rows:
            self._hold(collection, identifier, json.loads(body))
            self._position = position

    def close(self) -> None:
        """Close the database file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none of them when an exception leaves the block."""
        if self._undo is not None:
            yield
            return
        self._undo = []
        try:
            yield
            self._commit(self._undo)
        except BaseException:
            self._roll_back(self._undo)
            raise
        finally:
            self._undo = None

    def get(self, collection: str, identifier: str) -> Document | None:
        """A copy of one document, or None."""
        document = self._collections.get(collection, {}).get(identifier)
        return _copy_of(document) if document is not None else None

    def put(self, collection: str, identifier: str, document: Document) -> None:
        """Create or replace one document."""
        self._write(collection, identifier, _copy_of(document))

    def remove(self, collection: str, identifier: str) -> bool:
        """Delete one document; False where there was none."""
        if identifier not in self._collections.get(collection, {}):
            return False
        self._write(collection, identifier, None)
        return True

    def keys(self, collection: str) -> list[str]:
        """The ids of a collection, in order of creation."""
        return list(self._collections.get(collection, {}))

    def find(self, collection: str, **equal: Any) -> list[Document]:
        """Copies of the documents whose top-level keys have the given values, in order of creation."""
        return [_copy_of(document) for document in self._matching(collection, equal)]

    def one(self, collection: str, **equal: Any) -> Document | None:
        """The first document that `find` would give, or None."""
        document = next(self._matching(collection, equal), None)
        return _copy_of(document) if document is not None else None

    def dump(self) -> dict[str, dict[str, Document]]:
        """A copy of everything, collections and ids sorted."""
        return {
            collection: {key: _copy_of(documents[key]) for key in sorted(documents)}
            for collection, documents in sorted(self._collections.items())
            if documents
        }

    def clear(self) -> None:
        """Delete everything."""
        for collection, documents in list(self._collections.items()):
            for identifier in list(documents):
                self._write(collection, identifier, None)

    def _write(self, collection: str, identifier: str, document: Document | None) -> None:
        if self._undo is None:
            with self.transaction():
                self._write(collection, identifier, document)
            return
        self._undo.append((collection, identifier, self._collections.get(collection, {}).get(identifier)))
        self._hold(collection, identifier, document)

    def _commit(self, undo: list[tuple[str, str, Document | None]]) -> None:
        if not undo:
            return
        self._database.execute("BEGIN")
        try:
            for collection, identifier in dict.fromkeys((entry[0], entry[1]) for entry in undo):
                document = self._collections[collection].get(identifier)
                if document is None:
                    self._database.execute(
                        "DELETE FROM documents WHERE collection = ? AND id = ?", (collection, identifier)
                    )
                else:
                    self._position += 1
                    self._database.execute(
                        "INSERT INTO documents VALUES (?, ?, ?, ?) "
                        "ON CONFLICT (collection, id) DO UPDATE SET body = excluded.body",
                        (collection, identifier, self._position, json.dumps(document)),
                    )
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def _roll_back(self, undo: list[tuple[str, str, Document | None]]) -> None:
        for collection, identifier, before in reversed(undo):
            self._hold(collection, identifier, before)

    def _hold(self, collection: str, identifier: str, document: Document | None) -> None:
        """Put a document into memory, or take it out, with what finds it."""
        documents = self._collections.setdefault(collection, {})
        ages = self._ages.setdefault(collection, {})
        before = documents.get(identifier)
        if document is None:
            documents.pop(identifier, None)
            ages.pop(identifier, None)
        else:
            documents[identifier] = document
            ages.setdefault(identifier, next(self._age))
        for field, index in self._indexes.get(collection, {}).items():
            old, new = (before or {}).get(field), (document or {}).get(field)
            if isinstance(old, str) and old != new:
                index[old].discard(identifier)
            if isinstance(new, str):
                index.setdefault(new, set()).add(identifier)

    def _matching(self, collection: str, equal: dict[str, Any]) -> Iterator[Document]:
        documents = self._collections.get(collection, {})
        fewest: set[str] | None = None
        for field, text in equal.items():
            if isinstance(text, str):
                found = self._index(collection, field).get(text, set())
                fewest = found if fewest is None or len(found) < len(fewest) else fewest
        candidates = (
            list(documents)
            if fewest is None
            else sorted(fewest, key=self._ages.get(collection, {}).__getitem__)
        )
        for identifier in candidates:
            document = documents[identifier]
            if all(document.get(key) == value for key, value in equal.items()):
                yield document

    def _index(self, collection: str, field: str) -> dict[str, set[str]]:
        indexes = self._indexes.setdefault(collection, {})
        if field not in indexes:
            index = indexes[field] = {}
            for identifier, document in self._collections.get(collection, {}).items():
                text = document.get(field)
                if isinstance(text, str):
                    index.setdefault(text, set()).add(identifier)
        return indexes[field]


def _copy_of(value: Any) -> Any:
    """A deep copy; documents are JSON, for which this is several times as fast as `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: _copy_of(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copy_of(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else copy.deepcopy(value)
