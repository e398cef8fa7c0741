"""`azuread:index/servicePrincipal:ServicePrincipal`."""

import uuid
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_body import features_of, tags_of
from azure_service_connections.providers.azuread.graph_client import GraphClient, GraphRetries
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.object_path import service_principal_path
from azure_service_connections.providers.azuread.owners import Owners, change_owners, owner_ids
from azure_service_connections.providers.azuread.property_table import Property, guid, length, one_of
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties
from azure_service_connections.providers.rest_client import Answer

SAML_METADATA = "samlMetadataUrl"
"""The property that only beta has."""


class ServicePrincipal(GraphResource):
    """What an application is in a tenant: the principal that roles are assigned to."""

    token = "azuread:index/servicePrincipal:ServicePrincipal"
    properties: ClassVar[dict[str, Property]] = {
        "accountEnabled": Property("boolean", default=True),
        "alternativeNames": Property("strings", unordered=True),
        "appRoleAssignmentRequired": Property("boolean"),
        "appRoleIds": Property("map", output=True),
        "appRoles": Property("objects", output=True),
        "applicationTenantId": Property(output=True),
        "clientId": Property(required=True, replaces=True, mistake=guid),
        "description": Property(mistake=length(0, 1024)),
        "displayName": Property(output=True),
        "featureTags": Property("objects", computed=True, conflicts=("tags",)),
        "features": Property("objects", computed=True, offered=False),
        "homepageUrl": Property(output=True),
        "loginUrl": Property(),
        "logoutUrl": Property(output=True),
        "notes": Property(mistake=length(0, 1024)),
        "notificationEmailAddresses": Property("strings", unordered=True),
        "oauth2PermissionScopeIds": Property("map", output=True),
        "oauth2PermissionScopes": Property("objects", output=True),
        "objectId": Property(output=True),
        "owners": Property("strings", unordered=True),
        "preferredSingleSignOnMode": Property(
            mistake=one_of("none", "notSupported", "oidc", "password", "saml")
        ),
        "redirectUris": Property("strings", output=True),
        "samlMetadataUrl": Property(output=True),
        "samlSingleSignOn": Property("object"),
        "servicePrincipalNames": Property("strings", output=True),
        "signInAudience": Property(output=True),
        "tags": Property("strings", computed=True, unordered=True, conflicts=("featureTags",)),
        "type": Property(output=True),
        "useExisting": Property("boolean"),
    }

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Look for one of that client id, POST, PATCH that shows whether Graph knows it, owners, read."""
        graph, client_id = self._graph(), inputs["clientId"]
        what = f"service principal of {client_id}"
        present = graph.list("/servicePrincipals", f"looking for the {what}", f"appId eq '{client_id}'")
        if present:
            identifier = f"/servicePrincipals/{present[0]['id']}"
            if not inputs.get("useExisting"):
                raise PluginError(
                    f"A resource with the ID {present[0]['id']!r} already exists: the {what}; "
                    "import it or set useExisting."
                )
            self._patch(graph, identifier, what, inputs, {})
            return identifier, self.finish(identifier, inputs, lambda: self.outputs_of(identifier, inputs))
        owners = Owners(graph, inputs.get("owners") or [])
        body = _body(inputs) | {
            "appId": client_id,
            "description": f"TERRAFORM_UPDATE_{uuid.uuid4()}",
            "owners@odata.bind": owners.binding(),
        }
        retry = GraphRetries(_application_unknown)
        object_id = graph.change("POST", "/servicePrincipals", f"creating the {what}", body, retry=retry)[
            "id"
        ]
        identifier = f"/servicePrincipals/{object_id}"

        def complete() -> Properties | None:
            described = {
                "@odata.type": "#microsoft.graph.servicePrincipal",
                "description": inputs.get("description") or None,
            }
            graph.change("PATCH", identifier, f"updating the {what} after its creation", described)
            owners.complete(identifier, f"the {what}")
            return self.outputs_of(identifier, inputs)

        return identifier, self.finish(identifier, inputs, complete)

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """GET, the address that only beta has, owners."""
        graph, path = self._graph(), service_principal_path(identifier)
        what = f"service principal {path}"
        found = graph.get(path, f"reading {what}")
        if found is None:
            return None
        metadata = graph.only_in_beta(path, f"reading {what}", SAML_METADATA)
        outputs: Properties = {"id": path, **service_principal_outputs(found, metadata)}
        outputs["owners"] = owner_ids(graph, path, what)
        outputs["samlSingleSignOn"] = {
            "relayState": (found.get("samlSingleSignOnSettings") or {}).get("relayState") or ""
        }
        if "useExisting" in known:
            outputs["useExisting"] = known["useExisting"]
        return outputs

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PATCH, owners where they change, read."""
        graph, path = self._graph(), service_principal_path(identifier)
        what = f"service principal {path}"
        changes = self.diff(olds, old_inputs, news).changes
        self._patch(graph, path, what, news, olds)

        def complete() -> Properties | None:
            if any(changed.split("[")[0] == "owners" for changed in changes) and news.get("owners"):
                change_owners(graph, path, news["owners"], what)
            return self.outputs_of(path, news)

        return self.finish(path, {**olds, **news}, complete)

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, then wait until Graph has forgotten it; one that was there before is left."""
        if olds.get("useExisting"):
            return
        path = service_principal_path(identifier)
        self._graph().remove(path, f"service principal {path}")

    @staticmethod
    def _patch(graph: GraphClient, path: str, what: str, news: Properties, olds: Properties) -> None:
        sent = dict(news)
        if "tags" not in sent and "featureTags" not in sent:
            sent["tags"] = olds.get("tags")
        relay = (news.get("samlSingleSignOn") or {}).get("relayState") or ""
        body = _body(sent) | {"samlSingleSignOnSettings": {"relayState": relay}}
        graph.change("PATCH", path, f"updating the {what}", body)


def service_principal_outputs(found: dict[str, Any], saml_metadata_url: Any) -> Properties:
    """A service principal's properties from Graph's answers, those that the function answers too."""
    roles, scopes = found.get("appRoles") or [], found.get("oauth2PermissionScopes") or []
    tags = list(found.get("tags") or [])
    return {
        "accountEnabled": bool(found.get("accountEnabled")),
        "alternativeNames": list(found.get("alternativeNames") or []),
        "appRoleAssignmentRequired": bool(found.get("appRoleAssignmentRequired")),
        "appRoleIds": {role["value"]: role["id"] for role in roles if role.get("value")},
        "appRoles": [dict(role) for role in roles],
        "applicationTenantId": found.get("appOwnerOrganizationId") or "",
        "clientId": found.get("appId") or "",
        "description": found.get("description") or "",
        "displayName": found.get("displayName") or "",
        "featureTags": features_of(tags),
        "homepageUrl": found.get("homepage") or "",
        "loginUrl": found.get("loginUrl") or "",
        "logoutUrl": found.get("logoutUrl") or "",
        "notes": found.get("notes") or "",
        "notificationEmailAddresses": list(found.get("notificationEmailAddresses") or []),
        "oauth2PermissionScopeIds": {scope["value"]: scope["id"] for scope in scopes if scope.get("value")},
        "oauth2PermissionScopes": [dict(scope) for scope in scopes],
        "objectId": found.get("id") or "",
        "preferredSingleSignOnMode": found.get("preferredSingleSignOnMode") or "",
        "redirectUris": list(found.get("replyUrls") or []),
        "samlMetadataUrl": saml_metadata_url or "",
        "servicePrincipalNames": [
            name for name in found.get("servicePrincipalNames") or [] if name != found.get("appId")
        ],
        "signInAudience": found.get("signInAudience") or "",
        "tags": tags,
        "type": found.get("servicePrincipalType") or "",
    }


def _body(inputs: Properties) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "accountEnabled": bool(inputs.get("accountEnabled", True)),
        "alternativeNames": list(inputs.get("alternativeNames") or []),
        "appRoleAssignmentRequired": bool(inputs.get("appRoleAssignmentRequired")),
        "description": inputs.get("description") or None,
        "loginUrl": inputs.get("loginUrl") or None,
        "notes": inputs.get("notes") or None,
        "notificationEmailAddresses": list(inputs.get("notificationEmailAddresses") or []),
        "preferredSingleSignOnMode": inputs.get("preferredSingleSignOnMode") or None,
        "samlSingleSignOnSettings": dict(inputs.get("samlSingleSignOn") or {}),
        "tags": tags_of(inputs),
    }


def _application_unknown(answer: Answer) -> bool:
    _, message = answer.error
    if answer.status == 400:
        return "does not reference a valid application object" in message
    return answer.status == 403 and "backing application" in message
