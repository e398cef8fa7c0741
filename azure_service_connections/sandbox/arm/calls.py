"""One authenticated request to Azure Resource Manager, as the handlers see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure_service_connections.sandbox.arm.addresses import Address
from azure_service_connections.sandbox.arm.authentication import Caller
from azure_service_connections.sandbox.arm.authorization import Rights
from azure_service_connections.sandbox.arm.errors import ArmError, bad_request
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request
from azure_service_connections.sandbox.routes import Handler
from azure_service_connections.sandbox.store import Document

_OWN_RULES: set[Handler] = set()


@dataclass(frozen=True)
class Call:
    """A request, who makes it and what that principal may do."""

    cloud: Cloud
    request: Request
    caller: Caller
    rights: Rights
    address: Address

    def require(
        self, action: str, scope: str, attributes: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Raise 403 where the caller may not carry the action out at the scope.

        The code is `AuthorizationFailed`, or `DenyAssignmentAuthorizationFailed` by a deny assignment.

        `attributes` are what conditions of role assignments can ask about.
        """
        if self.rights.allows(action, scope, attributes=attributes):
            return
        if (denial := self.rights.denied(action, scope)) and self.rights.granted(action, scope):
            raise ArmError(
                403,
                "DenyAssignmentAuthorizationFailed",
                f"The client '{self.caller.name}' with object id '{self.caller.object_id}' has permission to "
                f"perform action '{action}' on scope '{scope}'; however, the access is denied because of the "
                f"deny assignment with name '{denial['denyAssignmentName']}' and Id '{denial['name']}' at "
                f"scope '{denial['scope']}'.",
            )
        condition = " or an ABAC condition not fulfilled" if self.rights.conditioned(action, scope) else ""
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{self.caller.name}' with object id '{self.caller.object_id}' does not have "
            f"authorization{condition} to perform action '{action}' over scope '{scope}' or the scope is "
            "invalid. If access was recently granted, please refresh your credentials.",
        )

    def body(self) -> Document:
        """The body, which must be a JSON object. Raises 400 `InvalidRequestContent`."""
        try:
            body = self.request.json()
        except ValueError as error:
            raise bad_request(
                "InvalidRequestContent",
                f"The request content was invalid and could not be deserialized: '{error}'.",
            ) from error
        if not isinstance(body, dict):
            raise bad_request(
                "InvalidRequestContent", "The request content is not valid: a JSON object is expected."
            )
        return body

    def properties(self) -> Document:
        """The `properties` of the body; empty where they are missing."""
        properties: Any = self.body().get("properties")
        return properties if isinstance(properties, dict) else {}


def decides_itself(handler: Handler) -> Handler:
    """Mark a handler that asks for its rights by itself: lists of what is readable, and special rules.

    For every other handler the right that its address names is required before it runs.
    """
    _OWN_RULES.add(handler)
    return handler


def decides(handler: Handler) -> bool:
    """Whether a handler is marked so."""
    return handler in _OWN_RULES
