"""A cloud that writes down every request and echoes what it is sent, behind the plugins' HTTP client."""

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx

HOST = "cloud.example:18443"
ADDRESS = f"https://{HOST}"
TENANT = "10000000-0000-0000-0000-000000000001"
CLIENT = "20000000-0000-0000-0000-000000000002"
CALLER = "30000000-0000-0000-0000-000000000003"
SUBSCRIPTION = "40000000-0000-0000-0000-000000000004"


class RecordingCloud(httpx.BaseTransport):
    """Answers Graph and ARM from a dictionary of paths; `requests` are `METHOD path`, without the host."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.bodies: list[Any] = []
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.objects: dict[str, dict[str, Any]] = {}
        self.token_claims: dict[str, Any] = {"oid": CALLER, "tid": TENANT, "appid": CLIENT}
        self._planned: list[tuple[str, re.Pattern[str], httpx.Response]] = []
        self._lock = threading.Lock()
        self._counter = 0

    def plan(
        self, method: str, pattern: str, status: int, body: Any = None, times: int = 1, **headers: str
    ) -> None:
        """Answer the next `times` matching requests so, before the echo gets them."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(times):
            content = b"" if body is None else json.dumps(body).encode()
            response = httpx.Response(status, content=content, headers={**_JSON, **named})
            self._planned.append((method, re.compile(pattern), response))

    def clear(self) -> None:
        """Forget what was sent so far."""
        self.requests, self.bodies, self.headers = [], [], []

    def sent(self, request: str) -> Any:
        """The body of the only request of that line."""
        return self.bodies[self.requests.index(request)]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        content = request.read()
        with self._lock:
            if path.startswith("/metadata/"):
                return _answer(200, _METADATA)
            if path.endswith("/oauth2/v2.0/token"):
                self.forms.append({key: values[0] for key, values in parse_qs(content.decode()).items()})
                return _answer(200, {"access_token": _jwt(self.token_claims), "expires_in": 3600})
            self.requests.append(f"{request.method} {path}")
            self.bodies.append(json.loads(content) if content else None)
            self.headers.append(dict(request.headers))
            for index, (method, pattern, response) in enumerate(self._planned):
                if method == request.method and pattern.search(path):
                    del self._planned[index]
                    return response
            return self._echo(request.method, request.url, self.bodies[-1])

    def _echo(self, method: str, url: httpx.URL, body: Any) -> httpx.Response:
        path = url.path
        if path.startswith(("/v1.0/", "/beta/")):
            return self._graph(method, path.removeprefix("/v1.0").removeprefix("/beta"), url, body)
        return self._arm(method, path, body)

    def _arm(self, method: str, path: str, body: Any) -> httpx.Response:
        key = path.lower()
        if method == "PUT":
            present = key in self.objects
            stored = {"id": path, "name": path.rsplit("/", 1)[-1], "type": "kind", **(body or {})}
            if "/userassignedidentities/" in key and "/federatedidentitycredentials/" not in key:
                stored["properties"] = {"clientId": CLIENT, "principalId": CALLER, "tenantId": TENANT}
            self.objects[key] = stored
            return _answer(200 if present else 201, stored)
        if method == "DELETE":
            return _answer(200 if self.objects.pop(key, None) else 204)
        found = self.objects.get(key)
        if found is None:
            return _answer(404, {"error": {"code": "ResourceNotFound", "message": f"{path} was not found."}})
        return _answer(200, found)

    def _graph(self, method: str, path: str, url: httpx.URL, body: Any) -> httpx.Response:
        for matches, respond in _GRAPH_CALLS:
            match = matches.fullmatch(path)
            if match:
                return respond(self, method, match.group(1), body)
        if method == "GET" and path in ("/applications", "/servicePrincipals", "/users", "/groups"):
            return _answer(200, {"value": self._filtered(path, url.params.get("$filter", ""))})
        if method == "GET" and path.endswith(("/owners", "/members", "/transitiveMembers")):
            parent, _, collection = path.rpartition("/")
            return _answer(
                200, {"value": [{"id": o} for o in self.objects.get(parent, {}).get(collection, [])]}
            )
        if method == "POST":
            return _answer(201, self._made(path, dict(body)))
        found = self.objects.get(path)
        if found is None:
            return _answer(
                404, {"error": {"code": "Request_ResourceNotFound", "message": f"{path} is missing"}}
            )
        if method == "DELETE":
            del self.objects[path]
            return _answer(204)
        if method == "PATCH":
            found.update({name: value for name, value in body.items() if not name.startswith("@")})
            return _answer(204)
        return _answer(200, {name: value for name, value in found.items() if name != "owners"})

    def _filtered(self, path: str, text: str) -> list[dict[str, Any]]:
        inside = [o for p, o in self.objects.items() if p.rpartition("/")[0] == path]
        match = re.match(r"(\w+) eq '(.*?)'", text)
        if not match:
            return inside
        return [found for found in inside if str(found.get(match.group(1))) == match.group(2)]

    def _made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._counter += 1
        object_id = str(uuid.UUID(int=self._counter))
        bound = body.pop("owners@odata.bind", [])
        made = {"id": object_id, "owners": [address.rpartition("/")[2] for address in bound], **body}
        if path == "/applications":
            made |= {"appId": str(uuid.UUID(int=1000 + self._counter)), "publisherDomain": "contoso.example"}
        self.objects[f"{path}/{object_id}"] = made
        return {name: value for name, value in made.items() if name != "owners"}

    def _remove_owner(self, method: str, path: str, body: Any) -> httpx.Response:
        parent, _, owner = path.rpartition("/owners/")
        self.objects[parent]["owners"].remove(owner)
        return _answer(204)

    def _add_owner(self, method: str, path: str, body: Any) -> httpx.Response:
        self.objects[path]["owners"].append(body["@odata.id"].rpartition("/")[2])
        return _answer(204)

    def _add_password(self, method: str, path: str, body: Any) -> httpx.Response:
        self._counter += 1
        made = {**body["passwordCredential"], "keyId": str(uuid.UUID(int=self._counter)), "hint": "abc"}
        made.setdefault("startDateTime", "2026-01-01T00:00:00Z")
        made.setdefault("endDateTime", "2028-01-01T00:00:00Z")
        self.objects[path].setdefault("passwordCredentials", []).append(made)
        return _answer(200, {**made, "secretText": "s3cret-text"})

    def _remove_password(self, method: str, path: str, body: Any) -> httpx.Response:
        kept = [p for p in self.objects[path]["passwordCredentials"] if p["keyId"] != body["keyId"]]
        self.objects[path]["passwordCredentials"] = kept
        return _answer(204)


_GRAPH_CALLS: list[tuple[re.Pattern[str], Callable[..., httpx.Response]]] = [
    (re.compile(r"(.+/owners/[^$]+)/\$ref"), RecordingCloud._remove_owner),
    (re.compile(r"(.+)/owners/\$ref"), RecordingCloud._add_owner),
    (re.compile(r"(.+)/addPassword"), RecordingCloud._add_password),
    (re.compile(r"(.+)/removePassword"), RecordingCloud._remove_password),
]
_JSON = {"Content-Type": "application/json"}
_METADATA = {
    "name": "Recording",
    "authentication": {"loginEndpoint": ADDRESS, "audiences": [ADDRESS]},
    "resourceManager": ADDRESS,
    "microsoftGraphResourceId": f"{ADDRESS}/",
    "suffixes": {},
}


def _answer(status: int, body: Any = None) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers=_JSON)


def _jwt(claims: dict[str, Any]) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2ln"
