"""Why a connection cannot be taken into a stack as it is."""

from azure_service_connections.catalogue import clouds, rules
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.adopt.role_shares import AUTOMATIC
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import Trust

AGENT = "ManagedServiceIdentity"
_GONE = {
    "deleted": "its application was deleted; restore it or remove the connection (`connections orphans`)",
    "missing": "its identity is gone; remove the connection (`connections orphans`)",
    "notVisible": "its identity is in another tenant or hidden from you; sign in as who sees it",
}
_NO_SECRET = (
    "it signs in with a {what}, which no service tells again and a stack has to hold; convert it to "
    "federation first (`connections plan`), or declare a new connection"
)
_SCOPE_LEVELS = ("subscription", "managementgroup", "azuremlworkspace")


def trust_of(connection: ExistingConnection) -> Trust | None:
    """The federated credential of the identity that trusts this connection, or None."""
    return next(
        (
            each
            for each in connection.identity.trusts
            if each.issuer == connection.issuer and each.subject == connection.subject and each.subject
        ),
        None,
    )


def is_automatic(connection: ExistingConnection) -> bool:
    """Whether Azure DevOps made the identity together with the connection, and removes it with it."""
    return connection.creation_mode.lower() == AUTOMATIC


def audience_of(connection: ExistingConnection) -> str:
    """The audience of the connection's assertions, which its cloud decides."""
    return clouds.CLOUDS.get(connection.cloud, clouds.PUBLIC).audience


def obstacle(connection: ExistingConnection) -> str:
    """Why it cannot be taken over, a sentence without its full stop; empty where it can."""
    for look in (_secret, _scope, _sharing, _automatic, _identity, _trust, _words):
        if reason := look(connection):
            return reason
    return ""


def _secret(connection: ExistingConnection) -> str:
    if connection.credential_kind == "publishProfile":
        return _NO_SECRET.format(what="publish profile").replace(
            "convert it to federation first (`connections plan`), or declare", "declare"
        )
    if connection.credential_kind in ("secret", "certificate") and not is_automatic(connection):
        return _NO_SECRET.format(what=connection.credential_kind)
    if connection.scheme not in (FEDERATED, AGENT, "ServicePrincipal"):
        return f"its scheme {quoted(connection.scheme)} is none that a stack can declare"
    return ""


def _scope(connection: ExistingConnection) -> str:
    if connection.subscription_gone:
        return "what it is for is gone; remove it (`connections plan --remove-orphans`)"
    level = connection.scope_level.lower()
    if level not in _SCOPE_LEVELS or not connection.scope:
        return f"its scope {quoted(connection.scope_level or connection.scope)} is none that a stack can say"
    if level == "azuremlworkspace" and (is_automatic(connection) or connection.scheme == AGENT):
        return "a stack cannot declare a workspace with an identity of this kind"
    return ""


def _sharing(connection: ExistingConnection) -> str:
    for project in connection.projects[1:]:
        if project.connection_name != connection.name:
            return (
                f"project {quoted(project.name)} calls it {quoted(project.connection_name)}, and the "
                "provider can give a shared connection one name only"
            )
        if project.description != connection.description:
            return (
                f"project {quoted(project.name)} describes it otherwise, and the provider can give a shared "
                "connection one description only"
            )
    return ""


def _automatic(connection: ExistingConnection) -> str:
    if is_automatic(connection) and connection.shared:
        return "Azure DevOps made its identity and it is shared, which the provider cannot declare together"
    if is_automatic(connection) and not connection.ready:
        return f"Azure DevOps has not finished it ({connection.status or 'it is not ready'})"
    return ""


def _identity(connection: ExistingConnection) -> str:
    if is_automatic(connection) or connection.scheme == AGENT:
        return ""
    identity = connection.identity
    if identity.state in _GONE:
        return _GONE[identity.state]
    if identity.kind == "application" and not identity.object_id:
        return "its application is registered in another tenant, where a stack cannot place its trust"
    if identity.kind == "managedIdentity" and not identity.resource_id:
        return "its managed identity is none of its own kind in Azure, so a stack cannot name it"
    if identity.kind == "unknown" or not identity.principal_id:
        return "its service principal is not there or hidden from you"
    return ""


def _trust(connection: ExistingConnection) -> str:
    if connection.scheme != FEDERATED or is_automatic(connection):
        return ""
    trust = trust_of(connection)
    if trust is None:
        return "its identity does not trust it, so no pipeline can sign in; see `connections verify`"
    if tuple(trust.audiences) != (audience_of(connection),):
        return f"its federated credential {quoted(trust.name)} has another audience than its cloud asks for"
    if problem := rules.federated_credential_name(trust.name):
        return f"the name of its federated credential {problem.split(';')[0]}"
    return ""


def _words(connection: ExistingConnection) -> str:
    if problem := rules.connection_name(connection.name):
        return f"its name {problem.split(';')[0]}"
    if connection.cloud not in clouds.ENVIRONMENTS:
        return f"its cloud {quoted(connection.cloud)} is none that a stack can say"
    return ""
