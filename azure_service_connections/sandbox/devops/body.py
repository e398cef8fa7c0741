"""The JSON body of a request."""

from typing import Any

from azure_service_connections.sandbox.devops.errors import invalid
from azure_service_connections.sandbox.message import Request


def json_of(request: Request) -> Any:
    """The body as JSON, None for an empty one. Raises 400 where it is not JSON."""
    try:
        return request.json()
    except ValueError as error:
        raise invalid(f"VS403357: The request body is not valid JSON: {error}.") from error


def object_of(request: Request, parameter: str) -> dict[str, Any]:
    """The body, which must be an object. Raises 400 naming the service's parameter otherwise."""
    body = json_of(request)
    if not isinstance(body, dict):
        raise invalid(f"Value cannot be null. (Parameter '{parameter}')", "ArgumentNullException")
    return body


def whole_number(request: Request, name: str, default: int) -> int:
    """A query argument that is a whole number. Raises 400 where it is another text."""
    text = request.argument(name)
    if not text:
        return default
    if not text.isdecimal():
        raise invalid(f"The value '{text}' of the argument {name} is not a whole number.")
    return int(text)
