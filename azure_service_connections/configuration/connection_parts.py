"""What the parts of one connection mean for its component, where no name has to be looked up."""

from typing import Any

import pulumi

from azure_service_connections.catalogue.combinations import IDENTITIES
from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.configuration.credential_models import Credential
from azure_service_connections.configuration.models import Connection

_FIELDS = {field.alias or name: name for name, field in Connection.model_fields.items()}


def scope_of(connection: Connection) -> tuple[str | None, str, dict[str, Any]]:
    """Subscription if there is one, full id, and the component's input of what the connection reaches."""
    if (subscription := connection.subscription) is not None:
        path = f"/subscriptions/{subscription.id.lower()}"
        return subscription.id, path, {"subscription": subscription.model_dump()}
    if (group := connection.resource_group) is not None:
        path = f"/subscriptions/{group.subscription_id.lower()}/resourceGroups/{group.name}"
        return group.subscription_id, path, {"resource_group": group.model_dump()}
    if (management_group := connection.management_group) is not None:
        path = f"/providers/Microsoft.Management/managementGroups/{management_group.id}"
        return None, path, {"management_group": management_group.model_dump()}
    if (web_app := connection.web_app) is not None:
        return subscription_of(web_app.resource_id), web_app.resource_id, {}
    workspace = connection.workspace
    assert workspace is not None, "the loader lets no connection without a scope through"
    path = (
        f"/subscriptions/{workspace.subscription_id.lower()}/resourceGroups/{workspace.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace.name}"
    )
    return workspace.subscription_id, path, {"workspace": workspace.model_dump()}


def foreign_identity_of(connection: Connection) -> dict[str, Any] | None:
    """The component's input of an identity that is neither made nor found here, or None for another kind."""
    if connection.automatic is not None:
        return {"automatic": connection.automatic.model_dump(exclude_none=True)}
    if connection.agent_identity is not None:
        return {"agent_identity": connection.agent_identity.model_dump(exclude_none=True)}
    if connection.web_app is not None:
        given = connection.web_app.model_dump(exclude_none=True)
        return {"web_app": {**given, "publish_profile": pulumi.Output.secret(given["publish_profile"])}}
    return None


def kind_of_identity(connection: Connection) -> str:
    """What the stack's file calls the identity of a connection."""
    return next(name for name in IDENTITIES if getattr(connection, _FIELDS[name]) is not None)


def kind_of_credential(connection: Connection) -> str:
    """How a connection signs in: federated, secret, certificate, agent or publishProfile."""
    if connection.agent_identity is not None:
        return "agent"
    if connection.web_app is not None:
        return "publishProfile"
    credential = connection.credential
    if not isinstance(credential, Credential):
        return credential
    return "secret" if credential.secret is not None else "certificate"


def credential_of(credential: Credential) -> dict[str, Any]:
    """The credential with every secret marked as one: the stack's configuration hands all out in clear."""
    given: dict[str, Any] = credential.model_dump(exclude_none=True)
    for group, name in (("secret", "value"), ("certificate", "private_key")):
        if name in given.get(group, {}):
            given[group][name] = pulumi.Output.secret(given[group][name])
    return given
