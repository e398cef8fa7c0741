"""Plants what Azure holds of the tenants of an estate file: groups, subscriptions, identities and roles."""

from collections.abc import Iterable, Sequence

from azure_service_connections.sandbox import estate_tenant_models
from azure_service_connections.sandbox.app_service import web_apps
from azure_service_connections.sandbox.arm import (
    conditions,
    deny_assignment,
    identities,
    identity_credentials,
    locations,
    management_group,
    resources,
    role_assignment,
    roles,
    workspaces,
)
from azure_service_connections.sandbox.arm.scopes import ROOT, parse, segments
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import principals
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_mistakes import nearest, path_to
from azure_service_connections.sandbox.store import Document

Place = tuple[str | int, ...]


def plant(cloud: Cloud, tenants: Iterable[estate_tenant_models.Tenant]) -> None:
    """Put the Azure side of the tenants into the cloud, after Entra's side of them.

    Raises `EstateError` for what only Azure knows, such as a role or a region that does not exist.
    """
    for index, tenant in enumerate(tenants):
        place: Place = ("tenants", index)
        document = cloud.store.one("tenants", name=tenant.name)
        if document is None:
            raise EstateError(
                f"{path_to(*place)}: Entra has no tenant '{tenant.name}'; plant it there first."
            )
        tenant_id = str(document["id"])
        _plant_management_groups(cloud, tenant_id, tenant.management_groups, (*place, "managementGroups"))
        for position, subscription in enumerate(tenant.subscriptions):
            _plant_subscription(cloud, tenant_id, subscription, (*place, "subscriptions", position))
        for position, assignment in enumerate(tenant.role_assignments):
            _plant_role(cloud, tenant_id, assignment, (*place, "roleAssignments", position))
        for position, denial in enumerate(tenant.deny_assignments):
            _plant_denial(cloud, tenant_id, denial, (*place, "denyAssignments", position))


def _plant_management_groups(
    cloud: Cloud, tenant_id: str, groups: Sequence[estate_tenant_models.ManagementGroup], place: Place
) -> None:
    management_group.create(cloud, tenant_id, tenant_id, "Tenant Root Group", None)
    spelled = {group.name.lower(): group.name for group in groups}
    for index, group in enumerate(groups):
        held = cloud.store.get(management_group.COLLECTION, group.name.lower())
        if held is not None:
            raise EstateError(
                f"{path_to(*place, index, 'name')}: '{group.name}' is a management group of another tenant; "
                "the sandbox needs another name."
            )
        parent = None if group.parent is None else spelled.get(group.parent.lower(), group.parent)
        management_group.create(cloud, tenant_id, group.name, group.display_name or group.name, parent)


def _plant_subscription(
    cloud: Cloud, tenant_id: str, section: estate_tenant_models.Subscription, place: Place
) -> None:
    identifier = section.id or cloud.identifiers.derived("subscription", tenant_id, section.name)
    group = None
    if section.management_group is not None:
        found = management_group.find(cloud, tenant_id, section.management_group)
        if found is None:
            known = [each["name"] for each in management_group.known(cloud, tenant_id)]
            raise EstateError(
                f"{path_to(*place, 'managementGroup')}: '{section.management_group}' is no management group "
                f"here; {nearest(section.management_group, known)}."
            )
        group = found["name"]
    cloud.store.put(
        "subscriptions",
        identifier,
        {"id": identifier, "name": section.name, "tenantId": tenant_id, "managementGroup": group},
    )
    for index, resource_group in enumerate(section.resource_groups):
        _plant_resource_group(cloud, identifier, resource_group, (*place, "resourceGroups", index))


def _plant_resource_group(
    cloud: Cloud, subscription: str, section: estate_tenant_models.ResourceGroup, place: Place
) -> None:
    location = _location(section.location, (*place, "location"))
    document = resources.new(cloud, resources.group_id(subscription, section.name), resources.GROUP_KIND)
    document.update(location=location, tags=dict(section.tags), properties={"provisioningState": "Succeeded"})
    resources.keep(cloud, document)
    for index, identity in enumerate(section.managed_identities):
        inside = (*place, "managedIdentities", index, "location")
        made = identities.create(
            cloud,
            identities.identity_id(subscription, section.name, identity.name),
            _location(identity.location, inside) if identity.location is not None else location,
            principal_id=identity.principal_id,
            client_id=identity.client_id,
        )
        for credential in identity.federated_credentials:
            identity_credentials.keep(
                cloud,
                made,
                credential.name,
                issuer=credential.issuer,
                subject=credential.subject,
                audiences=list(credential.audiences),
                description=credential.description,
            )
    for index, web_app in enumerate(section.web_apps):
        inside = (*place, "webApps", index, "location")
        at = _location(web_app.location, inside) if web_app.location is not None else location
        web_apps.create(cloud, subscription, section.name, web_app.name, at, web_app.publishing_password)
    for index, workspace in enumerate(section.workspaces):
        inside = (*place, "workspaces", index, "location")
        workspaces.create(
            cloud,
            workspaces.workspace_id(subscription, section.name, workspace.name),
            _location(workspace.location, inside) if workspace.location is not None else location,
        )


def _plant_role(
    cloud: Cloud, tenant_id: str, section: estate_tenant_models.RoleAssignment, place: Place
) -> None:
    role = roles.find(cloud, tenant_id, section.role) or roles.named(cloud, tenant_id, section.role)
    if role is None:
        known = [each.name for each in roles.known(cloud, tenant_id)]
        close = nearest(section.role, known)
        advice = close if close.startswith("write") else "write the name or the GUID of a built-in role"
        raise EstateError(f"{path_to(*place, 'role')}: '{section.role}' is no role of Azure; {advice}.")
    principal = _assignee(cloud, tenant_id, section)
    if principal is None:
        raise EstateError(
            f"{path_to(*place, 'principal')}: '{section.principal}' is no principal of the tenant; write the "
            "name of an application, a managed identity, a person or a group."
        )
    if section.condition is not None:
        try:
            conditions.check(section.condition)
        except conditions.ConditionError as error:
            raise EstateError(
                f"{path_to(*place, 'condition')}: cannot be read ({error}); correct it."
            ) from error
    scope = _scope(cloud, tenant_id, section.scope, (*place, "scope"))
    role_assignment.make(
        cloud,
        tenant_id,
        scope=scope,
        name=cloud.identifiers.guid("role-assignment", f"{scope.lower()} {principal['id']} {role.guid}"),
        role=role.guid,
        principal_id=principal["id"],
        principal_type=principal["principalType"],
        condition=section.condition,
        condition_version="2.0" if section.condition is not None else None,
        description=section.description,
    )


def _plant_denial(
    cloud: Cloud, tenant_id: str, section: estate_tenant_models.DenyAssignment, place: Place
) -> None:
    excluded = []
    for index, name in enumerate(section.exclude):
        principal = _principal(cloud, tenant_id, name)
        if principal is None:
            raise EstateError(
                f"{path_to(*place, 'exclude', index)}: '{name}' is no principal of the tenant; write the "
                "name of an application, a managed identity, a person or a group."
            )
        excluded.append(str(principal["id"]))
    deny_assignment.make(
        cloud,
        tenant_id,
        name=section.name,
        scope=_scope(cloud, tenant_id, section.scope, (*place, "scope")),
        actions=section.actions,
        excluded=excluded,
    )


def _assignee(cloud: Cloud, tenant_id: str, section: estate_tenant_models.RoleAssignment) -> Document | None:
    """Whom a role is for; one that is named by id alone is not there any more and was a service principal."""
    if section.principal is not None:
        return _principal(cloud, tenant_id, section.principal)
    return {"id": str(section.principal_id), "principalType": "ServicePrincipal"}


def _principal(cloud: Cloud, tenant_id: str, name: str) -> Document | None:
    """The principal with this name: a service principal, a person by sign-in name, or a group."""
    found = (
        _service_principal(cloud, tenant_id, name, "Application")
        or _service_principal(cloud, tenant_id, name, "ManagedIdentity")
        or _matching(cloud, "users", tenant_id, "userPrincipalName", name)
        or _matching(cloud, "groups", tenant_id, "displayName", name)
    )
    return principals.find_principal(cloud, found["id"]) if found is not None else None


def _service_principal(cloud: Cloud, tenant_id: str, name: str, kind: str) -> Document | None:
    for each in cloud.store.find("service-principals", tenantId=tenant_id, servicePrincipalType=kind):
        if str(each["displayName"]).lower() == name.lower():
            return each
    return None


def _matching(cloud: Cloud, collection: str, tenant_id: str, key: str, value: str) -> Document | None:
    for each in cloud.store.find(collection, tenantId=tenant_id):
        if str(each[key]).lower() == value.lower():
            return each
    return None


def _scope(cloud: Cloud, tenant_id: str, text: str, place: Place) -> str:
    """The id that a scope of the file stands for: `/`, a subscription by name, a group in it, or an id."""
    if not text.startswith("/"):
        name, _, group = text.partition("/")
        subscription = _matching(cloud, "subscriptions", tenant_id, "name", name)
        text = (
            f"/subscriptions/{subscription['id']}" if subscription is not None else f"/subscriptions/{name}"
        )
        if group:
            text = f"{text}/resourceGroups/{group}"
    scope = parse(text)
    if scope.text == ROOT:
        return ROOT
    found: Document | None = None
    if scope.management_group is not None and not scope.is_resource:
        found = management_group.find(cloud, tenant_id, scope.management_group)
    elif scope.subscription is not None and len(segments(text)) == 2:
        found = cloud.store.get("subscriptions", scope.subscription.lower())
        if found is not None:
            return f"/subscriptions/{found['id']}"
    else:
        found = resources.find(cloud, text)
    if found is None or found["tenantId"] != tenant_id:
        raise EstateError(
            f"{path_to(*place)}: there is no '{text}' in the estate; name something that is in it."
        )
    return str(found["id"])


def _location(text: str, place: Place) -> str:
    location = locations.normal(text)
    if location not in locations.LOCATIONS:
        raise EstateError(
            f"{path_to(*place)}: '{text}' is no region of Azure; {nearest(location, locations.LOCATIONS)}."
        )
    return location
