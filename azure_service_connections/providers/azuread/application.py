"""`azuread:index/application:Application`."""

import uuid
from typing import Any, ClassVar

from azure_service_connections.providers.azuread.application_body import (
    POST_RESPONSE_REQUIRED,
    application_body,
    application_outputs,
    application_update,
)
from azure_service_connections.providers.azuread.graph_client import (
    GraphClient,
    GraphRetries,
    not_yet_replicated,
)
from azure_service_connections.providers.azuread.graph_resource import GraphResource
from azure_service_connections.providers.azuread.object_path import application_path
from azure_service_connections.providers.azuread.owners import Owners, change_owners, owner_ids
from azure_service_connections.providers.azuread.property_table import Property, length, not_empty, one_of
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties, Unknown
from azure_service_connections.providers.resource_type import CheckRequest, Difference

SIGN_IN_AUDIENCES = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)


class Application(GraphResource):
    """An app registration with all its settings."""

    token = "azuread:index/application:Application"
    properties: ClassVar[dict[str, Property]] = {
        "api": Property("object"),
        "appRoleIds": Property("map", output=True),
        "appRoles": Property("objects", unordered=True),
        "clientId": Property(output=True),
        "description": Property(mistake=length(0, 1024)),
        "deviceOnlyAuthEnabled": Property("boolean"),
        "disabledByMicrosoft": Property(output=True),
        "displayName": Property(required=True, mistake=not_empty),
        "fallbackPublicClientEnabled": Property("boolean"),
        "featureTags": Property("objects", computed=True, conflicts=("tags",)),
        "groupMembershipClaims": Property(kind="strings", unordered=True),
        "identifierUris": Property(kind="strings", unordered=True),
        "logoImage": Property(offered=False),
        "logoUrl": Property(output=True),
        "marketingUrl": Property(),
        "notes": Property(),
        "oauth2PermissionScopeIds": Property("map", output=True),
        "oauth2PostResponseRequired": Property("boolean"),
        "objectId": Property(output=True),
        "optionalClaims": Property("object"),
        "owners": Property(kind="strings", unordered=True),
        "password": Property("object", offered=False),
        "preventDuplicateNames": Property("boolean", default=False),
        "privacyStatementUrl": Property(),
        "publicClient": Property("object"),
        "publisherDomain": Property(output=True),
        "requiredResourceAccesses": Property("objects", unordered=True),
        "serviceManagementReference": Property(mistake=not_empty),
        "signInAudience": Property(default="AzureADMyOrg", mistake=one_of(*SIGN_IN_AUDIENCES)),
        "singlePageApplication": Property("object"),
        "supportUrl": Property(),
        "tags": Property(kind="strings", computed=True, unordered=True, conflicts=("featureTags",)),
        "templateId": Property(computed=True, replaces=True, offered=False),
        "termsOfServiceUrl": Property(),
        "web": Property("object"),
    }

    def with_defaults(self, request: CheckRequest) -> Properties:
        """Also the defaults inside roles, scopes and `api`."""
        inputs = super().with_defaults(request)
        if isinstance(inputs.get("appRoles"), list):
            inputs["appRoles"] = [_defaulted(role, {"enabled": True}) for role in inputs["appRoles"]]
        if isinstance(inputs.get("api"), dict):
            api = _defaulted(inputs["api"], {"requestedAccessTokenVersion": 1})
            if isinstance(api.get("oauth2PermissionScopes"), list):
                usual = {"enabled": True, "type": "User"}
                api["oauth2PermissionScopes"] = [_defaulted(s, usual) for s in api["oauth2PermissionScopes"]]
            inputs["api"] = api
        return inputs

    def diff(self, olds: Properties, old_inputs: Properties, news: Properties) -> Difference:
        """Access tokens of version 1 are what Graph means by saying nothing."""
        return super().diff(_without_version_1(olds), old_inputs, _without_version_1(news))

    def imported_inputs(self, outputs: Properties) -> Properties:
        """Without an `api` that says nothing but the usual version."""
        return super().imported_inputs(_without_version_1(outputs))

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """POST, a renaming and back that shows whether Graph knows the application yet, owners, read."""
        graph, name = self._graph(), inputs["displayName"]
        what = f"application {name!r}"
        if inputs.get("preventDuplicateNames"):
            self._refuse_duplicate(graph, name, "")
        owners = Owners(graph, inputs.get("owners") or [])
        body = application_body(inputs)
        body["owners@odata.bind"] = owners.binding()
        object_id = graph.change("POST", "/applications", f"creating {what}", body)["id"]
        identifier = f"/applications/{object_id}"

        def complete() -> Properties | None:
            for label in (f"TERRAFORM_UPDATE_{uuid.uuid4()}", name):
                rename = {"@odata.type": "#microsoft.graph.application", "displayName": label}
                retry = GraphRetries(not_yet_replicated)
                graph.change("PATCH", identifier, f"updating {what} after its creation", rename, retry=retry)
            self._require_post_response(graph, identifier, what, inputs, {})
            owners.complete(identifier, what)
            return self.outputs_of(identifier, inputs)

        return identifier, self.finish(identifier, inputs, complete)

    def outputs_of(self, identifier: str, known: Properties) -> Properties | None:
        """GET, the setting that only beta has, owners."""
        graph, path = self._graph(), application_path(identifier)
        what = f"application {path}"
        found = graph.get(path, f"reading {what}")
        if found is None:
            return None
        required = graph.only_in_beta(path, f"reading {what}", POST_RESPONSE_REQUIRED)
        outputs = application_outputs(found, required, owner_ids(graph, path, what))
        prevent = bool(known.get("preventDuplicateNames"))
        return {"id": path, **outputs, "preventDuplicateNames": prevent}

    def update(
        self, identifier: str, olds: Properties, old_inputs: Properties, news: Properties
    ) -> Properties:
        """PATCH of all but what Graph guards, then owners where they change, then read."""
        graph, what = self._graph(), f"application {news['displayName']!r}"
        changes = self.diff(olds, old_inputs, news).changes
        if news.get("preventDuplicateNames"):
            self._refuse_duplicate(graph, news["displayName"], identifier)
        sent = dict(news)
        if "tags" not in sent and "featureTags" not in sent:
            sent["tags"] = olds.get("tags")
        body = application_update(sent, changes)
        retry = GraphRetries(not_yet_replicated)
        graph.change("PATCH", identifier, f"updating {what}", body, retry=retry)

        def complete() -> Properties | None:
            self._require_post_response(graph, identifier, what, news, olds)
            if any(path.split("[")[0] == "owners" for path in changes):
                change_owners(graph, identifier, news.get("owners") or [], what)
            return self.outputs_of(identifier, news)

        return self.finish(identifier, {**olds, **news}, complete)

    def delete(self, identifier: str, olds: Properties, old_inputs: Properties) -> None:
        """DELETE, then wait until Graph has forgotten it."""
        graph, path = self._graph(), application_path(identifier)
        graph.remove(path, f"application {path}")

    @staticmethod
    def _refuse_duplicate(graph: GraphClient, name: str, own: str) -> None:
        quoted = name.replace("'", "''")
        found = graph.list(
            "/applications", "looking for applications of that name", f"displayName eq '{quoted}'"
        )
        others = [app["id"] for app in found if f"/applications/{app['id']}" != own]
        if others:
            raise PluginError(
                f"application {name!r} exists already ({others[0]}) and preventDuplicateNames is set; "
                "import it or choose another name."
            )

    @staticmethod
    def _require_post_response(
        graph: GraphClient, path: str, what: str, news: Properties, olds: Properties
    ) -> None:
        wanted = bool(news.get("oauth2PostResponseRequired"))
        if wanted != bool(olds.get("oauth2PostResponseRequired")):
            body = {POST_RESPONSE_REQUIRED: wanted}
            graph.change("PATCH", path, f"updating {what}", body, version="beta")


def _defaulted(value: Any, defaults: dict[str, Any]) -> Any:
    return value if isinstance(value, Unknown) else {**defaults, **value}


def _without_version_1(properties: Properties) -> Properties:
    api = properties.get("api")
    if not isinstance(api, dict) or api.get("requestedAccessTokenVersion") != 1:
        return properties
    return {**properties, "api": {k: v for k, v in api.items() if k != "requestedAccessTokenVersion"}}
