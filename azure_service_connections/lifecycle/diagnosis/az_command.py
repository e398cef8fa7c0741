"""Commands of the Azure CLI that mend what a finding is about."""

import json
import shlex

from azure_service_connections.catalogue.identifiers import managed_identity_id
from azure_service_connections.lifecycle.inventory.identity import Identity, Trust

_GRAPH = "https://graph.microsoft.com/v1.0"


def place_trust(identity: Identity, issuer: str, subject: str, audience: str, name: str) -> str:
    """Makes a federated credential."""
    if parts := managed_identity_id(identity.resource_id):
        return _run(
            *("az", "identity", "federated-credential", "create", "--name", name),
            *("--identity-name", parts.name, "--resource-group", parts.resource_group),
            *("--subscription", parts.subscription_id),
            *("--issuer", issuer, "--subject", subject, "--audiences", audience),
        )
    body = {"name": name, "issuer": issuer, "subject": subject, "audiences": [audience]}
    return _run(
        *("az", "ad", "app", "federated-credential", "create", "--id", identity.client_id),
        *("--parameters", json.dumps(body)),
    )


def correct_trust(identity: Identity, trust: Trust, issuer: str, subject: str, audience: str) -> str:
    """Gives a federated credential the issuer, subject and audience that it has to have."""
    if parts := managed_identity_id(identity.resource_id):
        return _run(
            *("az", "identity", "federated-credential", "update", "--name", trust.name),
            *("--identity-name", parts.name, "--resource-group", parts.resource_group),
            *("--subscription", parts.subscription_id),
            *("--issuer", issuer, "--subject", subject, "--audiences", audience),
        )
    body = {"issuer": issuer, "subject": subject, "audiences": [audience]}
    return _run(
        *("az", "ad", "app", "federated-credential", "update", "--id", identity.client_id),
        *("--federated-credential-id", trust.id, "--parameters", json.dumps(body)),
    )


def remove_trust(identity: Identity, trust: Trust) -> str:
    """Removes a federated credential."""
    if parts := managed_identity_id(identity.resource_id):
        return _run(
            *("az", "identity", "federated-credential", "delete", "--name", trust.name),
            *("--identity-name", parts.name, "--resource-group", parts.resource_group),
            *("--subscription", parts.subscription_id),
        )
    return _run(
        *("az", "ad", "app", "federated-credential", "delete", "--id", identity.client_id),
        *("--federated-credential-id", trust.id),
    )


def restore(object_id: str) -> str:
    """Brings a deleted application back."""
    return _run(
        "az", "rest", "--method", "post", "--url", f"{_GRAPH}/directory/deletedItems/{object_id}/restore"
    )


def enable_principal(principal_id: str) -> str:
    """Enables a service principal."""
    return _run("az", "ad", "sp", "update", "--id", principal_id, "--set", "accountEnabled=true")


def make_principal(client_id: str) -> str:
    """Makes the service principal of an application."""
    return _run("az", "ad", "sp", "create", "--id", client_id)


def make_single_tenant(client_id: str) -> str:
    """Makes an application single-tenant."""
    return _run("az", "ad", "app", "update", "--id", client_id, "--sign-in-audience", "AzureADMyOrg")


def give_role(principal_id: str, role: str, scope: str, person: bool = False) -> str:
    """Gives a role to a service principal, or to a person."""
    kind = "User" if person else "ServicePrincipal"
    return _run(
        *("az", "role", "assignment", "create", "--assignee-object-id", principal_id),
        *("--assignee-principal-type", kind, "--role", role, "--scope", scope),
    )


def take_role(assignment_id: str) -> str:
    """Takes a role away."""
    return _run("az", "role", "assignment", "delete", "--ids", assignment_id)


def remove_key(client_id: str, key_id: str, certificate: bool) -> str:
    """Removes a secret or a certificate of an application."""
    more = ("--cert",) if certificate else ()
    return _run("az", "ad", "app", "credential", "delete", "--id", client_id, "--key-id", key_id, *more)


def leave_group(group: str, principal: str) -> str:
    """Takes a principal out of a group of Entra ID."""
    return _run("az", "ad", "group", "member", "remove", "--group", group, "--member-id", principal)


def give_directory_role(principal_id: str, role: str) -> str:
    """Gives a role of Entra ID, by its template id."""
    body = {"principalId": principal_id, "roleDefinitionId": role, "directoryScopeId": "/"}
    url = f"{_GRAPH}/roleManagement/directory/roleAssignments"
    return _run("az", "rest", "--method", "post", "--url", url, "--body", json.dumps(body))


def add_owner(client_id: str, principal_id: str) -> str:
    """Makes somebody an owner of an application."""
    return _run("az", "ad", "app", "owner", "add", "--id", client_id, "--owner-object-id", principal_id)


def _run(*words: str) -> str:
    return f"run `{shlex.join(words)}`"
