"""Asking a sandbox in process and over https, and what comes back of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx

from azure_service_connections.sandbox import application
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request


@dataclass(frozen=True)
class Answer:
    """A status, a body (JSON, text where it is a page, None where it is empty) and headers in lower case."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


Kind = TypeVar("Kind", bound=Answer)


def in_process(cloud: Cloud, kind: type[Kind]) -> Callable[[str, str, dict[str, str], bytes], Kind]:
    """Asks a cloud without a network."""

    def send(method: str, path: str, headers: dict[str, str], content: bytes) -> Kind:
        address = urlsplit(path)
        request = Request(
            method,
            address.path,
            dict(parse_qsl(address.query)),
            {name.lower(): value for name, value in headers.items()},
            content,
        )
        service = next((each for each in application.SERVICES if each.owns(cloud, request)), None)
        response = (
            application.unknown_route(request)
            if service is None
            else application.answer_once(cloud, service, request)
        )
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return kind(response.status, _body(response.content()), lowered)

    return send


def over_https(
    client: httpx.Client, url: str, kind: type[Kind]
) -> Callable[[str, str, dict[str, str], bytes], Kind]:
    """Asks a served cloud through a real client."""

    def send(method: str, path: str, headers: dict[str, str], content: bytes) -> Kind:
        return answered(client.request(method, url + path, headers=headers, content=content), kind)

    return send


def answered(response: httpx.Response, kind: type[Kind]) -> Kind:
    """What a client was answered."""
    return kind(response.status_code, _body(response.content), dict(response.headers))


def _body(content: bytes) -> Any:
    if not content:
        return None
    return content.decode() if content.startswith(b"<") else json.loads(content)
