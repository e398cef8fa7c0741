"""The names in an estate file that must lead somewhere, and those that may stand only once."""

from collections.abc import Iterator, Mapping

from azure_service_connections.sandbox.estate_connection_references import (
    connection_mistakes,
    managed_identities,
)
from azure_service_connections.sandbox.estate_mistakes import Place, path_to, repeated, unknown
from azure_service_connections.sandbox.estate_models import Estate, Organization, Project
from azure_service_connections.sandbox.estate_tenant_models import (
    ManagementGroup,
    RoleAssignment,
    Subscription,
    Tenant,
)


def mistakes_in(estate: Estate) -> list[str]:
    """Every name of the estate that leads nowhere or stands twice, one sentence each."""
    return [
        *repeated(("tenants",), "name", (tenant.name for tenant in estate.tenants)),
        *repeated(("tenants",), "id", (tenant.id for tenant in estate.tenants)),
        *_operators(estate),
        *(
            found
            for index, tenant in enumerate(estate.tenants)
            for found in _tenant(("tenants", index), tenant)
        ),
        *_subscriptions(estate),
        *repeated(("organizations",), "name", (each.name for each in estate.organizations)),
        *(
            found
            for index, organization in enumerate(estate.organizations)
            for found in _organization(("organizations", index), organization, estate)
        ),
    ]


def _operators(estate: Estate) -> Iterator[str]:
    first: Place | None = None
    for index, tenant in enumerate(estate.tenants):
        for position, application in enumerate(tenant.applications):
            if not application.operator:
                continue
            place = ("tenants", index, "applications", position)
            if first is not None:
                yield f"{path_to(*place, 'operator')}: is true, as at {path_to(*first)}; leave it at one"
            elif application.secret is None:
                yield f"{path_to(*place, 'secret')}: is missing; an operator signs in with one"
            first = first or place


def _tenant(place: Place, tenant: Tenant) -> Iterator[str]:
    people = [person.user_principal_name for person in tenant.people]
    groups = [group.name for group in tenant.groups]
    applications = [application.name for application in tenant.applications]
    identities = managed_identities(tenant)
    yield from repeated((*place, "people"), "userPrincipalName", people)
    yield from repeated((*place, "groups"), "name", groups)
    yield from repeated((*place, "applications"), "name", applications)
    yield from repeated(
        (*place, "applications"), "clientId", (application.client_id for application in tenant.applications)
    )
    principals = [*people, *groups, *applications, *identities]
    for index, group in enumerate(tenant.groups):
        yield from unknown((*place, "groups", index, "members"), group.members, principals, "principal")
    for index, application in enumerate(tenant.applications):
        inside = (*place, "applications", index)
        yield from unknown((*inside, "owners"), application.owners, [*people, *applications], "owner")
        if application.secret_expires is not None and application.secret_expires_in_days is not None:
            yield (
                f"{path_to(*inside, 'secretExpiresInDays')}: stands beside secretExpires; write one of them"
            )
        credentials = application.federated_credentials
        yield from repeated((*inside, "federatedCredentials"), "name", (each.name for each in credentials))
    yield from _management_groups((*place, "managementGroups"), tenant.management_groups)
    for index, subscription in enumerate(tenant.subscriptions):
        inside = (*place, "subscriptions", index)
        if subscription.management_group is not None:
            known = [group.name for group in tenant.management_groups]
            yield from unknown(
                (*inside, "managementGroup"), subscription.management_group, known, "management group"
            )
        yield from _resource_groups(inside, subscription)
    for index, assignment in enumerate(tenant.role_assignments):
        inside = (*place, "roleAssignments", index)
        yield from _assignee(inside, assignment, principals)
        yield from _scope((*inside, "scope"), assignment.scope, tenant)


def _assignee(place: Place, assignment: RoleAssignment, principals: list[str]) -> Iterator[str]:
    named = assignment.principal
    if (named is None) == (assignment.principal_id is None):
        said = "neither" if named is None else "both"
        yield f"{path_to(*place)}: names {said} of principal and principalId; write one of them"
    if named is None:
        return
    yield from unknown((*place, "principal"), named, principals, "principal")
    count = [principal.lower() for principal in principals].count(named.lower())
    if count > 1:
        yield (
            f"{path_to(*place, 'principal')}: '{named}' names {count} principals; give them different names"
        )


def _management_groups(place: Place, groups: list[ManagementGroup]) -> Iterator[str]:
    names = [group.name for group in groups]
    parents = {group.name.lower(): (group.parent or "").lower() for group in groups}
    yield from repeated(place, "name", names)
    for index, group in enumerate(groups):
        if group.parent is not None:
            yield from unknown((*place, index, "parent"), group.parent, names, "management group")
        above, seen = group.name.lower(), set[str]()
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == group.name.lower():
            yield f"{path_to(*place, index, 'parent')}: lies below '{group.name}' itself; name another one"


def _subscriptions(estate: Estate) -> Iterator[str]:
    """Subscription ids are unique everywhere, names (they are what other places say) in their tenant."""
    seen: dict[str, str] = {}
    for index, tenant in enumerate(estate.tenants):
        place = ("tenants", index, "subscriptions")
        yield from repeated(place, "name", (each.name for each in tenant.subscriptions))
        for position, subscription in enumerate(tenant.subscriptions):
            if subscription.id is None:
                continue
            path = path_to(*place, position, "id")
            if subscription.id in seen:
                yield f"{path}: is the id at {seen[subscription.id]} too; give it another one"
            seen.setdefault(subscription.id, path)


def _resource_groups(place: Place, subscription: Subscription) -> Iterator[str]:
    inside = (*place, "resourceGroups")
    yield from repeated(inside, "name", (group.name for group in subscription.resource_groups))
    for index, group in enumerate(subscription.resource_groups):
        identities = (identity.name for identity in group.managed_identities)
        yield from repeated((*inside, index, "managedIdentities"), "name", identities)
        workspaces = (workspace.name for workspace in group.workspaces)
        yield from repeated((*inside, index, "workspaces"), "name", workspaces)
        web_apps = (web_app.name for web_app in group.web_apps)
        yield from repeated((*inside, index, "webApps"), "name", web_apps)


def _scope(place: Place, scope: str, tenant: Tenant) -> Iterator[str]:
    if scope.startswith("/"):
        return
    name, _, group = scope.partition("/")
    subscription = next((each for each in tenant.subscriptions if each.name.lower() == name.lower()), None)
    if subscription is None:
        yield from unknown(place, name, [each.name for each in tenant.subscriptions], "subscription")
    elif group:
        known = [each.name for each in subscription.resource_groups]
        yield from unknown(place, group, known, f"resource group of '{subscription.name}'")


def _organization(place: Place, organization: Organization, estate: Estate) -> Iterator[str]:
    tenants = {tenant.name.lower(): tenant for tenant in estate.tenants}
    tenants |= {tenant.id: tenant for tenant in estate.tenants if tenant.id is not None}
    tenant = tenants.get(organization.tenant.lower())
    if tenant is None:
        yield from unknown(
            (*place, "tenant"), organization.tenant, [each.name for each in estate.tenants], "tenant"
        )
    tokens = organization.personal_access_tokens
    values = [token.token for token in tokens]
    for index, token in enumerate(tokens):
        if token.token in values[:index]:
            yield (
                f"{path_to(*place, 'personalAccessTokens', index, 'token')}: stands twice; "
                "give each token a value of its own"
            )
        if tenant is not None:
            known = [person.user_principal_name for person in tenant.people]
            yield from unknown((*place, "personalAccessTokens", index, "owner"), token.owner, known, "person")
    pools = organization.agent_pools
    yield from repeated((*place, "agentPools"), "name", (pool.name for pool in pools))
    for index, pool in enumerate(pools):
        if tenant is not None and pool.managed_identity is not None:
            inside = (*place, "agentPools", index, "managedIdentity")
            yield from unknown(inside, pool.managed_identity, managed_identities(tenant), "managed identity")
    yield from repeated((*place, "projects"), "name", (project.name for project in organization.projects))
    for index, project in enumerate(organization.projects):
        yield from _project((*place, "projects", index), project, organization, tenants)


def _project(
    place: Place, project: Project, organization: Organization, tenants: Mapping[str, Tenant]
) -> Iterator[str]:
    yield from repeated((*place, "pipelines"), "name", (each.name for each in project.pipelines))
    numbers = (None if pipeline.id is None else str(pipeline.id) for pipeline in project.pipelines)
    yield from repeated((*place, "pipelines"), "id", numbers)
    yield from repeated(
        (*place, "serviceConnections"), "name", (each.name for each in project.service_connections)
    )
    for index, connection in enumerate(project.service_connections):
        inside = (*place, "serviceConnections", index)
        yield from connection_mistakes(inside, connection, organization, project, tenants)
