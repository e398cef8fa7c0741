"""Pools of agents of one's own, and the managed identity of the machines in them.

Every organization has the pool of agents that Microsoft hosts, which have no identity that a job could use.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from azure_service_connections.sandbox import estate_models
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra.principals import managed_identity
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.store import Document

HOSTED: Final = "Azure Pipelines"
DEFAULT: Final = "Default"
"""The two pools that every organization has; the second is empty until somebody adds agents."""

_COLLECTION: Final = "agent-pools"


def named_by(section: Any, otherwise: str) -> str:
    """The pool that a `pool` of a pipeline's YAML names: a text, or a map with `name` or `vmImage`."""
    if isinstance(section, str):
        return section
    if isinstance(section, Mapping):
        return str(section.get("name") or HOSTED)
    return otherwise


def exists(cloud: Cloud, organization: Document, name: str) -> bool:
    """Whether an organization has a pool of this name, in any case."""
    of_everybody = name.casefold() in (HOSTED.casefold(), DEFAULT.casefold())
    return of_everybody or cloud.store.get(_COLLECTION, _key(organization, name)) is not None


def identity_of(cloud: Cloud, organization: Document, name: str) -> Document | None:
    """The service principal of the managed identity of a pool's machines, or None where they have none."""
    pool = cloud.store.get(_COLLECTION, _key(organization, name))
    return None if pool is None or not pool["identity"] else managed_identity(cloud, pool["identity"])


def plant(cloud: Cloud, organization: Document, pools: Iterable[estate_models.AgentPool], path: str) -> None:
    """Keep the pools of an estate. Raises `EstateError` for an identity that the tenant does not have."""
    for position, pool in enumerate(pools):
        identity = None
        if pool.managed_identity is not None:
            identity = _identity_named(cloud, organization["tenantId"], pool.managed_identity)
            if identity is None:
                raise EstateError(
                    f"{path}[{position}].managedIdentity: the tenant has no managed identity "
                    f"{pool.managed_identity}."
                )
        cloud.store.put(
            _COLLECTION,
            _key(organization, pool.name),
            {"name": pool.name, "organization": organization["name"], "identity": identity},
        )


def _identity_named(cloud: Cloud, tenant_id: str, name: str) -> str | None:
    for principal in cloud.store.find("service-principals", tenantId=tenant_id):
        named = str(principal["displayName"]).casefold() == name.casefold()
        if named and principal["servicePrincipalType"] == "ManagedIdentity":
            return str(principal["resourceId"])
    return None


def _key(organization: Document, name: str) -> str:
    return f"{organization['name'].lower()}/{name.casefold()}"
