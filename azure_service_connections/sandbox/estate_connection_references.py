"""What the service connections of an estate file name must be there, and what they say must fit together."""

from collections.abc import Iterator, Mapping

from azure_service_connections.sandbox.estate_connection_models import ServiceConnection
from azure_service_connections.sandbox.estate_mistakes import Place, path_to, unknown
from azure_service_connections.sandbox.estate_models import Organization, Project
from azure_service_connections.sandbox.estate_tenant_models import Subscription, Tenant

_SECRET = "ServicePrincipal"
_FEDERATED = "WorkloadIdentityFederation"
_OF_THE_AGENT = "ManagedServiceIdentity"


def connection_mistakes(
    place: Place,
    connection: ServiceConnection,
    organization: Organization,
    project: Project,
    tenants: Mapping[str, Tenant],
) -> Iterator[str]:
    """The mistakes of one connection, one sentence each; `tenants` are all by name and id, in lower case."""
    yield from _identity(place, connection)
    yield from _combinations(place, connection)
    yield from _project(place, connection, organization, project)
    home = tenants.get(organization.tenant.lower())
    if home is not None:
        people = [person.user_principal_name for person in home.people]
        if connection.owner is not None:
            yield from unknown((*place, "owner"), connection.owner, people, "person")
        known = [*people, *(group.name for group in home.groups)]
        for index, check in enumerate(connection.checks):
            inside = (*place, "checks", index, "approvers")
            yield from unknown(inside, check.approvers, known, "person or group")
    tenant = home
    if connection.tenant is not None:
        names = [each.name for each in tenants.values()]
        yield from unknown((*place, "tenant"), connection.tenant, names, "tenant")
        tenant = tenants.get(connection.tenant.lower())
    if tenant is not None:
        yield from _names(place, connection, tenant)
        yield from _scope(place, connection, tenant)


def managed_identities(tenant: Tenant) -> list[str]:
    """The names of a tenant's managed identities."""
    return [
        identity.name
        for subscription in tenant.subscriptions
        for group in subscription.resource_groups
        for identity in group.managed_identities
    ]


def _identity(place: Place, connection: ServiceConnection) -> Iterator[str]:
    given = [
        key
        for key, value in (
            ("application", connection.application),
            ("managedIdentity", connection.managed_identity),
            ("automatic", connection.automatic or None),
        )
        if value is not None
    ]
    if connection.scheme == _OF_THE_AGENT:
        if given:
            yield f"{path_to(*place, given[0])}: has no place here; the agent brings the identity"
    elif not given:
        yield (
            f"{path_to(*place)}: names neither of application and managedIdentity, and is not automatic; "
            "write one of them"
        )
    elif len(given) > 1:
        yield f"{path_to(*place)}: names both of {' and '.join(given)}; write one of them"


def _combinations(place: Place, connection: ServiceConnection) -> Iterator[str]:
    """Keys that mean something only beside others."""
    secret, automatic = connection.scheme == _SECRET, connection.automatic
    had_secret = secret or connection.converted_days_ago is not None
    life = connection.secret_expires is not None, connection.secret_expires_in_days is not None
    if all(life):
        yield f"{path_to(*place, 'secretExpiresInDays')}: stands beside secretExpires; write one of them"
    elif any(life) and not (automatic and had_secret):
        key = "secretExpires" if life[0] else "secretExpiresInDays"
        yield (
            f"{path_to(*place, key)}: belongs to a connection that is automatic and has or had a secret; "
            "write it at the application, or leave it out"
        )
    if connection.converted_days_ago is not None and (
        connection.scheme != _FEDERATED or connection.managed_identity is not None
    ):
        yield (
            f"{path_to(*place, 'convertedDaysAgo')}: belongs to a federated connection of an application; "
            "leave it out"
        )
    if connection.certificate and not (secret and connection.application is not None):
        yield (
            f"{path_to(*place, 'certificate')}: belongs to the scheme ServicePrincipal and an application; "
            "leave it out"
        )
    if connection.application_gone and not (automatic or connection.application is not None):
        yield f"{path_to(*place, 'applicationGone')}: there is no application; leave it out"
    if connection.failed is not None and not automatic:
        yield f"{path_to(*place, 'failed')}: belongs to a connection that is automatic; leave it out"
    if connection.renamed_from is not None and connection.scheme != _FEDERATED:
        yield f"{path_to(*place, 'renamedFrom')}: belongs to a federated connection; leave it out"
    if connection.issuer is not None and connection.scheme != _FEDERATED:
        yield f"{path_to(*place, 'issuer')}: belongs to a federated connection; leave it out"
    if connection.issuer == "entra" and connection.cloud != "AzureCloud":
        yield f"{path_to(*place, 'issuer')}: is for AzureCloud alone; write 'devops' or leave it out"
    if automatic and not secret and connection.cloud != "AzureCloud":
        yield f"{path_to(*place, 'automatic')}: federates in AzureCloud alone; name an application"
    if (connection.server_url is not None) != (connection.cloud == "AzureStack"):
        yield f"{path_to(*place, 'serverUrl')}: is the address of an AzureStack; write it for one alone"
    for index, check in enumerate(connection.checks):
        if (check.kind == "approval") != bool(check.approvers):
            inside = path_to(*place, "checks", index, "approvers")
            yield f"{inside}: belong to an approval, which needs one; write them there and only there"


def _project(
    place: Place, connection: ServiceConnection, organization: Organization, project: Project
) -> Iterator[str]:
    pipelines = [pipeline.name for pipeline in project.pipelines]
    if connection.pipelines != "all":
        yield from unknown((*place, "pipelines"), list(connection.pipelines), pipelines, "pipeline")
    if connection.last_used_by is not None:
        yield from unknown((*place, "lastUsedBy"), connection.last_used_by, pipelines, "pipeline")
    if connection.last_used_days_ago is not None and not pipelines:
        yield f"{path_to(*place, 'lastUsedDaysAgo')}: the project has no pipeline; write one that used it"
    others = [each.name for each in organization.projects if each is not project]
    for index, share in enumerate(connection.shared_with):
        yield from unknown((*place, "sharedWith", index, "project"), share.project, others, "other project")


def _names(place: Place, connection: ServiceConnection, tenant: Tenant) -> Iterator[str]:
    if connection.application is not None:
        found = {application.name.lower(): application for application in tenant.applications}
        names = [application.name for application in tenant.applications]
        yield from unknown((*place, "application"), connection.application, names, "application")
        application = found.get(connection.application.lower())
        needed = connection.scheme == _SECRET and not connection.certificate
        if application and needed and application.secret is None:
            yield f"{path_to(*place, 'application')}: '{application.name}' has no secret; give it one"
    if connection.managed_identity is not None:
        if connection.scheme == _SECRET and connection.application is None:
            yield f"{path_to(*place, 'scheme')}: a managed identity has no secret; federate the connection"
        inside = (*place, "managedIdentity")
        known = managed_identities(tenant)
        yield from unknown(inside, connection.managed_identity, known, "managed identity")


def _scope(place: Place, connection: ServiceConnection, tenant: Tenant) -> Iterator[str]:
    if connection.subscription is None:
        if connection.management_group is None:
            yield f"{path_to(*place, 'subscription')}: is missing; write it, or a managementGroup"
        for key, value in (
            ("resourceGroup", connection.resource_group),
            ("workspace", connection.workspace),
        ):
            if value is not None:
                yield f"{path_to(*place, key)}: belongs to a subscription; write that"
    elif connection.management_group is not None:
        yield f"{path_to(*place, 'managementGroup')}: stands beside subscription; write one of them"
    if connection.management_group is not None:
        groups = [*(group.name for group in tenant.management_groups), *([tenant.id] if tenant.id else [])]
        named = connection.management_group
        yield from unknown((*place, "managementGroup"), named, groups, "management group")
    if connection.subscription is None:
        return
    found = _subscription(tenant, connection.subscription)
    if found is None:
        if not _is_guid(connection.subscription):
            names = [subscription.name for subscription in tenant.subscriptions]
            yield from unknown((*place, "subscription"), connection.subscription, names, "subscription")
        return
    yield from _inside(place, connection, found)


def _inside(place: Place, connection: ServiceConnection, subscription: Subscription) -> Iterator[str]:
    groups = {group.name.lower(): group for group in subscription.resource_groups}
    if connection.resource_group is not None:
        names = [group.name for group in subscription.resource_groups]
        kind = f"resource group of '{subscription.name}'"
        yield from unknown((*place, "resourceGroup"), connection.resource_group, names, kind)
    if connection.workspace is not None:
        group = groups.get((connection.resource_group or "").lower())
        if connection.resource_group is None:
            yield f"{path_to(*place, 'workspace')}: lies in a resource group; write resourceGroup as well"
        elif group is not None:
            names = [workspace.name for workspace in group.workspaces]
            yield from unknown((*place, "workspace"), connection.workspace, names, "workspace")


def _subscription(tenant: Tenant, named: str) -> Subscription | None:
    for subscription in tenant.subscriptions:
        if named.lower() in (subscription.name.lower(), subscription.id):
            return subscription
    return None


def _is_guid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
