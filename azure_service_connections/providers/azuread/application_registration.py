"""`azuread:index/applicationRegistration:ApplicationRegistration`."""

from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application import SIGN_IN_AUDIENCES
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.object_path import application_path
from azure_service_connections.providers.azuread.property_table import Property, length, not_empty, one_of
from azure_service_connections.providers.property_values import Properties


class ApplicationRegistration(GraphResource):
    """An app registration alone; its parts are resources of their own."""

    token = "azuread:index/applicationRegistration:ApplicationRegistration"
    properties: ClassVar[dict[str, Property]] = {
        "clientId": Property(output=True),
        "description": Property(mistake=length(0, 1024)),
        "disabledByMicrosoft": Property(output=True),
        "displayName": Property(required=True, mistake=not_empty),
        "groupMembershipClaims": Property(kind="strings", unordered=True),
        "homepageUrl": Property(mistake=not_empty),
        "implicitAccessTokenIssuanceEnabled": Property("boolean"),
        "implicitIdTokenIssuanceEnabled": Property("boolean"),
        "logoutUrl": Property(mistake=not_empty),
        "marketingUrl": Property(mistake=not_empty),
        "notes": Property(mistake=not_empty),
        "objectId": Property(output=True),
        "privacyStatementUrl": Property(mistake=not_empty),
        "publisherDomain": Property(output=True),
        "requestedAccessTokenVersion": Property("integer", default=2, mistake=one_of(1, 2)),
        "serviceManagementReference": Property(mistake=not_empty),
        "signInAudience": Property(default="AzureADMyOrg", mistake=one_of(*SIGN_IN_AUDIENCES)),
        "supportUrl": Property(mistake=not_empty),
        "termsOfServiceUrl": Property(mistake=not_empty),
    }

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """POST, read; no renaming and no owner."""
        graph, what = self._graph(), f"application {inputs['displayName']!r}"
        body = {"@odata.type": "#microsoft.graph.application", **_body(inputs)}
        object_id = graph.change("POST", "/applications", f"creating {what}", body)["id"]
        identifier = f"/applications/{object_id}"
        return identifier, self.finish(identifier, inputs, lambda: self.outputs_of(identifier, inputs))

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """One GET."""
        path = application_path(identifier)
        found = self._graph().get(path, f"reading application {path}")
        if found is None:
            return None
        api, info, web = found.get("api") or {}, found.get("info") or {}, found.get("web") or {}
        grant, claims = web.get("implicitGrantSettings") or {}, found.get("groupMembershipClaims")
        return {
            "id": path,
            "clientId": found.get("appId") or "",
            "description": found.get("description") or "",
            "disabledByMicrosoft": found.get("disabledByMicrosoftStatus") or "",
            "displayName": found.get("displayName") or "",
            "groupMembershipClaims": claims.split(",") if claims else [],
            "homepageUrl": web.get("homePageUrl") or "",
            "implicitAccessTokenIssuanceEnabled": bool(grant.get("enableAccessTokenIssuance")),
            "implicitIdTokenIssuanceEnabled": bool(grant.get("enableIdTokenIssuance")),
            "logoutUrl": web.get("logoutUrl") or "",
            "marketingUrl": info.get("marketingUrl") or "",
            "notes": found.get("notes") or "",
            "objectId": found.get("id") or "",
            "privacyStatementUrl": info.get("privacyStatementUrl") or "",
            "publisherDomain": found.get("publisherDomain") or "",
            "requestedAccessTokenVersion": api.get("requestedAccessTokenVersion") or 0,
            "serviceManagementReference": found.get("serviceManagementReference") or "",
            "signInAudience": found.get("signInAudience") or "",
            "supportUrl": info.get("supportUrl") or "",
            "termsOfServiceUrl": info.get("termsOfServiceUrl") or "",
        }

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PATCH of what changes, read."""
        graph, path = self._graph(), application_path(identifier)
        changes = {changed.split(".")[0] for changed in self.diff(olds, old_inputs, news).changes}
        body = {"@odata.type": "#microsoft.graph.application", **_body(news, changes)}
        graph.change("PATCH", path, f"updating application {news['displayName']!r}", body)
        return self.finish(path, {**olds, **news}, lambda: self.outputs_of(path, news))

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, then wait until Graph has forgotten it."""
        path = application_path(identifier)
        self._graph().remove(path, f"application {path}")


_PLACES = {
    "requestedAccessTokenVersion": "api.requestedAccessTokenVersion",
    "description": "description",
    "displayName": "displayName",
    "groupMembershipClaims": "groupMembershipClaims",
    "marketingUrl": "info.marketingUrl",
    "privacyStatementUrl": "info.privacyStatementUrl",
    "supportUrl": "info.supportUrl",
    "termsOfServiceUrl": "info.termsOfServiceUrl",
    "notes": "notes",
    "serviceManagementReference": "serviceManagementReference",
    "signInAudience": "signInAudience",
    "homepageUrl": "web.homePageUrl",
    "implicitAccessTokenIssuanceEnabled": "web.implicitGrantSettings.enableAccessTokenIssuance",
    "implicitIdTokenIssuanceEnabled": "web.implicitGrantSettings.enableIdTokenIssuance",
    "logoutUrl": "web.logoutUrl",
}


def _body(inputs: Properties, only: set[str] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, place in _PLACES.items():
        if only is not None and name not in only:
            continue
        value = inputs.get(name)
        if name == "groupMembershipClaims":
            value = ",".join(value or [])
        if name.startswith("implicit"):
            value = bool(value)
        *parents, leaf = place.split(".")
        inner = body
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[leaf] = None if value == "" else value
    return body
