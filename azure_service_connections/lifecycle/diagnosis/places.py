"""The tenant and the cloud of a connection, and what it is for."""

from collections.abc import Iterator, Mapping
from typing import Final

from azure_service_connections.catalogue.clouds import CLOUDS, PUBLIC
from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding

_CHANGE: Final = "the connection in Azure DevOps, or make a new one"


def place_findings(case: Case, tenants: Mapping[str, str], homes: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with where it points.

    `tenants` are those of subscriptions, `homes` those in which an identity was found although the connection
    names another one; both by lower-cased id.
    """
    live = case.live
    subscription = subscription_of(live.scope) or ""
    tenant = tenants.get(subscription, "")
    if live.tenant_id and tenant and tenant != live.tenant_id:
        yield case.found(
            "wrong-tenant",
            f"the connection names the tenant {live.tenant_id}, and the subscription {subscription} is in "
            f"{tenant}",
            _say(case, f"`tenantId` {tenant}"),
            "InvalidAuthenticationTokenTenant",
        )
    elif live.tenant_id and (home := homes.get(live.client_id, "")) and home != live.tenant_id:
        yield case.found(
            "wrong-tenant",
            f"the connection names the tenant {live.tenant_id}, and its identity is in {home}",
            _say(case, f"`tenantId` {home}"),
            "AADSTS700016",
        )
    if live.subscription_gone:
        yield case.found(
            "scope-gone",
            f"{live.scope} is not there",
            _say(case, "a scope that exists"),
            "SubscriptionNotFound",
        )
    yield from _cloud(case)


def _cloud(case: Case) -> Iterator[Finding]:
    live = case.live
    cloud = CLOUDS.get(live.cloud)
    if cloud is None:
        return
    address = live.server_url.rstrip("/").lower()
    other = next((each for each in CLOUDS.values() if each.resource_manager.rstrip("/") == address), None)
    if other is not None and other is not cloud:
        yield case.found(
            "wrong-cloud",
            f"the connection says {cloud.environment}, and its address {live.server_url} is that of "
            f"{other.environment}",
            _say(case, f"`cloud: {{environment: {other.environment}}}`"),
            "InvalidAuthenticationToken",
        )
        return
    login = next((each for each in CLOUDS.values() if live.issuer.startswith(f"https://{each.login}/")), None)
    if login is not None and login is not cloud and cloud is PUBLIC:
        yield case.found(
            "wrong-cloud",
            f"the connection says {cloud.environment}, and its issuer {quoted(live.issuer)} is that of "
            f"{login.environment}",
            _say(case, f"`cloud: {{environment: {login.environment}}}`"),
            "AADSTS900382",
        )


def _say(case: Case, what: str) -> str:
    return f"write {what} in the stack and run `pulumi up`" if case.declared else f"give {what} to {_CHANGE}"
