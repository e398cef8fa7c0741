"""One HTTP request and its answer, independent of the server that carries them."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """What a client sent. Header names and query keys are looked up without regard to case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header, or an empty string."""
        return self.headers.get(name.lower(), "")

    def argument(self, name: str) -> str | None:
        """The value of a query argument, or None."""
        for key, value in self.query.items():
            if key.lower() == name.lower():
                return value
        return None

    def json(self) -> Any:
        """The body as JSON; an empty body is None. Raises `ValueError` where it is not JSON."""
        return json.loads(self.body) if self.body.strip() else None

    def form(self) -> dict[str, str]:
        """The body as a form, the first value of each field."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {key: values[0] for key, values in fields.items()}


@dataclass(frozen=True)
class Response:
    """What a service answers; `body` is JSON unless it is None (no body at all) or bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    null: bool = False
    """True where the answer is the JSON value `null` and not an empty body."""

    def content(self) -> bytes:
        """The bytes on the wire."""
        if isinstance(self.body, bytes):
            return self.body
        if self.body is None and not self.null:
            return b""
        return json.dumps(self.body).encode()
