"""The state of the sandbox: JSON documents in named collections, in memory and in SQLite.

One process serves one sandbox and answers one request at a time, so memory is the truth and SQLite makes it
last: a request's writes are committed before its answer leaves, and undone when the request is refused.
"""

import copy
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
        self._undo: list[tuple[str, str, Document | None]] | None = None
        self._position = 0
        rows = self._database.execute(
            "SELECT collection, id, position, body FROM documents ORDER BY position"
        )
        for collection, identifier, position, body in rows:
            self._collections.setdefault(collection, {})[identifier] = json.loads(body)
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
        return copy.deepcopy(document) if document is not None else None

    def put(self, collection: str, identifier: str, document: Document) -> None:
        """Create or replace one document."""
        self._write(collection, identifier, copy.deepcopy(document))

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
        return [
            copy.deepcopy(document)
            for document in self._collections.get(collection, {}).values()
            if all(document.get(key) == value for key, value in equal.items())
        ]

    def one(self, collection: str, **equal: Any) -> Document | None:
        """The first document that `find` would give, or None."""
        for document in self._collections.get(collection, {}).values():
            if all(document.get(key) == value for key, value in equal.items()):
                return copy.deepcopy(document)
        return None

    def dump(self) -> dict[str, dict[str, Document]]:
        """A copy of everything, collections and ids sorted."""
        return {
            collection: {key: copy.deepcopy(documents[key]) for key in sorted(documents)}
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
        documents = self._collections.setdefault(collection, {})
        self._undo.append((collection, identifier, documents.get(identifier)))
        if document is None:
            documents.pop(identifier, None)
        else:
            documents[identifier] = document

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
            documents = self._collections.setdefault(collection, {})
            if before is None:
                documents.pop(identifier, None)
            else:
                documents[identifier] = before
