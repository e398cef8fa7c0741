"""What a stack says of a connection that exists, all at its existing value, and the ids of its parts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from azure_service_connections.catalogue import clouds, rules
from azure_service_connections.catalogue.identifiers import as_azure_spells, subscription_of
from azure_service_connections.catalogue.roles import BUILT_IN_ROLES, role_assignment_name
from azure_service_connections.catalogue.wording import counted
from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.application_facts import ApplicationFacts
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.adopt.check_entries import entries_of
from azure_service_connections.lifecycle.adopt.eligibility import AGENT, audience_of, is_automatic, trust_of
from azure_service_connections.lifecycle.adopt.part_names import part_name
from azure_service_connections.lifecycle.inventory.existing_connection import SECRET, ExistingConnection
from azure_service_connections.lifecycle.inventory.identity import HeldRole

_DESCRIPTION: Final = "Managed by Pulumi"
"""What the component says of a connection where a stack says nothing."""
_GUIDS: Final = {guid: name for name, guid in BUILT_IN_ROLES.items()}


def candidate_for(
    connection: ExistingConnection,
    key: str,
    roles: Sequence[HeldRole],
    application: ApplicationFacts | None,
    organization: str,
) -> Candidate:
    """A connection that nothing hinders, as a stack writes it.

    `application` is given where the stack is to take over the application too. `organization` is the one that
    the stack's connections belong to unless they say otherwise.
    """
    made = Candidate(connection, key)
    entry = made.entry
    entry["project"] = connection.project.name
    if connection.organization.rstrip("/").lower() != organization.rstrip("/").lower():
        entry["organization"] = connection.organization
    if connection.name != key:
        entry["connectionName"] = connection.name
    if connection.description != _DESCRIPTION:
        entry["description"] = connection.description
    _identity(made, application)
    entry |= _scope(connection)
    if connection.cloud != clouds.PUBLIC.environment:
        entry["cloud"] = {"environment": connection.cloud}
        if connection.cloud == clouds.STACK:
            entry["cloud"]["serverUrl"] = connection.server_url
    if connection.shared:
        entry["sharedWith"] = [each.name for each in connection.projects[1:]]
    _connection(made)
    _trusts(made, application is not None)
    _roles(made, roles)
    _pipelines(made)
    checks = entries_of(connection.checks, connection.project.id)
    if checks.entry:
        entry["checks"] = checks.entry
    made.ids |= {(kind, _below(key, below)): each for (kind, below), each in checks.ids.items()}
    made.notes += checks.notes
    return made


def _identity(made: Candidate, application: ApplicationFacts | None) -> None:
    connection, identity, tenant = made.connection, made.connection.identity, made.connection.tenant_id
    said: Mapping[str, Any]
    if is_automatic(connection):
        made.identity, said = "automatic", {"tenantId": tenant} if tenant else {}
    elif connection.scheme == AGENT:
        made.identity, said = "agentIdentity", {"tenantId": tenant} if tenant else {}
    elif identity.kind == "managedIdentity":
        made.identity, said = "managedIdentity", {"resourceId": identity.resource_id}
    elif application is None:
        made.identity = "servicePrincipal"
        said = {"clientId": identity.client_id, "tenantId": tenant, "principalId": identity.principal_id}
    else:
        made.identity, said = "appRegistration", _application(made, application)
        made.ids[part_names.APPLICATION, made.key] = f"/applications/{identity.object_id}"
        made.ids[part_names.SERVICE_PRINCIPAL, made.key] = f"/servicePrincipals/{identity.principal_id}"
    made.entry[made.identity] = dict(said)
    if is_automatic(connection) and connection.scheme == SECRET:
        made.entry["credential"] = {"secret": {}}
    made.values |= {
        "principalId": identity.principal_id,
        "applicationId": f"/applications/{identity.object_id}",
    }


def _application(made: Candidate, application: ApplicationFacts) -> dict[str, Any]:
    said: dict[str, Any] = {"adopted": True}
    if application.display_name != made.connection.name:
        said["displayName"] = application.display_name
    if application.owners:
        said["owners"] = list(application.owners)
    if application.notes:
        said["notes"] = application.notes
    if application.tags:
        said["tags"] = list(application.tags)
    if application.service_management_reference:
        said["serviceManagementReference"] = application.service_management_reference
    return said


def _scope(connection: ExistingConnection) -> dict[str, Any]:
    level, scope = connection.scope_level.lower(), connection.scope
    subscription = {
        "subscriptionId": subscription_of(scope) or "",
        "subscriptionName": connection.subscription_name,
    }
    if level == "managementgroup":
        name = scope.rpartition("/")[2]
        return {"managementGroup": {"id": name, "name": connection.management_group_name or name}}
    if level == "azuremlworkspace":
        return {
            "workspace": {
                **subscription,
                "resourceGroup": connection.resource_group,
                "name": connection.workspace,
                "location": connection.workspace_location,
            }
        }
    if connection.resource_group and is_automatic(connection):
        return {"resourceGroup": {**subscription, "name": connection.resource_group}}
    return {"subscription": {"id": subscription["subscriptionId"], "name": subscription["subscriptionName"]}}


def _connection(made: Candidate) -> None:
    connection = made.connection
    every_field = connection.shared or connection.scope_level.lower() == "azuremlworkspace"
    kind = part_names.SHARED_CONNECTION if every_field else part_names.CONNECTION
    made.ids[kind, made.key] = f"{connection.project.id}/{connection.id}"
    made.values["connectionId"] = connection.id
    if every_field:
        made.authorization = {"tenantid": connection.tenant_id, "serviceprincipalid": connection.client_id}


def _trusts(made: Candidate, of_stack: bool) -> None:
    connection, identity = made.connection, made.connection.identity
    if is_automatic(connection) or connection.scheme == AGENT:
        return
    own = trust_of(connection)
    assert own is not None, "no connection that its identity does not trust is a candidate"
    said = {}
    if own.name != f"service-connection-{connection.id}":
        said["name"] = own.name
    managed = identity.kind == "managedIdentity"
    if not managed and own.description != own_description(connection.name):
        said["description"] = own.description
    if said:
        made.entry["federatedCredential"] = said
    kind = part_names.IDENTITY_CREDENTIAL if managed else part_names.APPLICATION_CREDENTIAL
    made.ids[kind, made.key] = own.id if managed else _credential(identity.object_id, own.id)
    made.values |= {
        "credentialName": own.name,
        "issuer": own.issuer,
        "subject": own.subject,
        "description": own.description,
    }
    others = [each for each in identity.trusts if each.id != own.id] if of_stack else []
    for trust in sorted(others, key=lambda each: each.name):
        if rules.federated_credential_name(trust.name) or len(trust.audiences) != 1:
            made.notes.append(f"The federated credential '{trust.name}' stays outside the stack.")
            continue
        entry: dict[str, Any] = {"issuer": trust.issuer}
        entry |= {"matching": trust.expression} if trust.expression else {"subject": trust.subject}
        if trust.audiences[0] != audience_of(connection):
            entry["audience"] = trust.audiences[0]
        if trust.description:
            entry["description"] = trust.description
        made.entry.setdefault("trusts", {})[trust.name] = entry
        name = part_name(made.key, "trusts", trust.name)
        if trust.expression:
            flexible = f"/applications/{identity.object_id}/federatedIdentityCredentials/{trust.id}"
            made.ids[part_names.FLEXIBLE_CREDENTIAL, name] = flexible
        else:
            made.ids[part_names.APPLICATION_CREDENTIAL, name] = _credential(identity.object_id, trust.id)


def own_description(connection_name: str) -> str:
    """What the component writes about a connection's credential where a stack says nothing."""
    return f"Lets pipelines sign in through the service connection '{connection_name}'"


def _roles(made: Candidate, roles: Sequence[HeldRole]) -> None:
    entries: dict[str, Any] = {}
    for role in roles:
        guid = role.role_definition_id.rpartition("/")[2].lower()
        scope = as_azure_spells(role.scope)
        entry: dict[str, Any] = {"role": _GUIDS.get(guid, guid)}
        if scope != made.connection.scope:
            entry["scope"] = scope
        if role.condition:
            entry["condition"] = role.condition
        if role.description:
            entry["description"] = role.description
        name = role.assignment_id.rpartition("/")[2].lower()
        if name != role_assignment_name(scope, role.principal_id, guid):
            entry["assignmentName"] = name
        key = _role_key(role, scope, entries)
        entries[key] = entry
        made.ids[part_names.ROLE_ASSIGNMENT, part_name(made.key, key)] = role.assignment_id
    if entries:
        made.entry["roles"] = entries


def _role_key(role: HeldRole, scope: str, taken: Mapping[str, Any]) -> str:
    word = "-".join("".join(each if each.isalnum() else " " for each in role.role.lower()).split()) or "role"
    place = scope.rpartition("/")[2].lower() or "root"
    for key in (word, f"{word}-{place}"):
        if key not in taken:
            return key
    return next(
        key for number in range(2, len(taken) + 3) if (key := f"{word}-{place}-{number}") not in taken
    )


def _pipelines(made: Candidate) -> None:
    connection = made.connection
    project = connection.project
    prefix = f"{project.id}/endpoint/{connection.id}"
    if connection.all_pipelines:
        made.entry["allPipelines"] = True
        made.ids[part_names.PIPELINE_AUTHORIZATION, made.key] = prefix
        if connection.pipelines:
            count = len(connection.pipelines)
            made.notes.append(
                f"The rights of {counted(count, 'single pipeline')} stay outside the stack: all may use it."
            )
        return
    entries: list[Any] = []
    for pipeline in connection.pipelines:
        if pipeline.project_id.lower() == project.id.lower():
            entries.append(pipeline.id)
            name, other = str(pipeline.id), ""
        else:
            entries.append({"project": pipeline.project, "id": pipeline.id})
            name, other = (
                f"{pipeline.project_id}-{pipeline.id}",
                f";pipeline_project_id={pipeline.project_id}",
            )
        identifier = f"{prefix}{other};pipeline_id={pipeline.id}"
        made.ids[part_names.PIPELINE_AUTHORIZATION, part_name(made.key, name)] = identifier
        made.pipeline_names[str(entries[-1])] = pipeline.name
    if entries:
        made.entry["pipelines"] = entries


def _credential(object_id: str, credential_id: str) -> str:
    return f"{object_id}/federatedIdentityCredential/{credential_id}"


def _below(key: str, below: str) -> str:
    return part_name(key, below) if below else part_name(key)
