"""The addresses of a service: a table of methods and path templates, matched without regard to case.

Azure compares paths without regard to case while it keeps the spelling of names, which the usual routers
cannot do; hence this small one.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from azure_service_connections.sandbox.message import Request, Response

if TYPE_CHECKING:
    from azure_service_connections.sandbox.cloud import Cloud

Handler = Callable[..., Response]
"""Called as `handler(cloud, request, **path_parameters)`."""

_PARAMETER = re.compile(r"\{(\*?)(\w+)\}")


@dataclass(frozen=True)
class Route:
    """One address: `{name}` stands for one path segment, `{*name}` for one or more."""

    method: str
    template: str
    handler: Handler
    pattern: re.Pattern[str]


class Routes:
    """The addresses of one service, in the order in which they are tried."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def add(self, method: str, template: str) -> Callable[[Handler], Handler]:
        """Register the decorated function for a method and a path template."""

        def register(handler: Handler) -> Handler:
            self._routes.append(Route(method.upper(), template, handler, _compile(template)))
            return handler

        return register

    def get(self, template: str) -> Callable[[Handler], Handler]:
        """Register for GET."""
        return self.add("GET", template)

    def post(self, template: str) -> Callable[[Handler], Handler]:
        """Register for POST."""
        return self.add("POST", template)

    def put(self, template: str) -> Callable[[Handler], Handler]:
        """Register for PUT."""
        return self.add("PUT", template)

    def patch(self, template: str) -> Callable[[Handler], Handler]:
        """Register for PATCH."""
        return self.add("PATCH", template)

    def delete(self, template: str) -> Callable[[Handler], Handler]:
        """Register for DELETE."""
        return self.add("DELETE", template)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        """The first address that fits, with its path parameters decoded; None where there is none."""
        for route in self._routes:
            if route.method != request.method:
                continue
            match = route.pattern.fullmatch(request.path)
            if match:
                return route, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def handle(self, cloud: "Cloud", request: Request) -> Response | None:
        """Answer the request, or None where no address of this service fits."""
        found = self.find(request)
        if found is None:
            return None
        route, parameters = found
        return route.handler(cloud, request, **parameters)


def answer_from(tables: Iterable[Routes], cloud: "Cloud", request: Request) -> Response | None:
    """Answer the request from the first table that has its address; None where none has."""
    for routes in tables:
        answer = routes.handle(cloud, request)
        if answer is not None:
            return answer
    return None


def _compile(template: str) -> re.Pattern[str]:
    parts: list[str] = []
    position = 0
    for match in _PARAMETER.finditer(template):
        parts.append(re.escape(template[position : match.start()]))
        parts.append(f"(?P<{match[2]}>.+?)" if match[1] else f"(?P<{match[2]}>[^/]+)")
        position = match.end()
    parts.append(re.escape(template[position:]))
    return re.compile("".join(parts) + "/?", re.IGNORECASE)
