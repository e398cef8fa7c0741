"""One state of a connection in Azure DevOps, whichever resource says it."""

from collections.abc import Mapping
from typing import Any, Final

from azure_service_connections.lifecycle.review.azure_scope import Scope
from azure_service_connections.lifecycle.review.grouping import Group
from azure_service_connections.lifecycle.review.phrase import Name, Phrase, phrase, short
from azure_service_connections.lifecycle.review.preview import Resource
from azure_service_connections.lifecycle.review.resource_kinds import (
    APPLICATIONS,
    MANAGED_IDENTITIES,
    plain_type,
)
from azure_service_connections.lifecycle.review.resource_kinds import Kind as ResourceKind
from azure_service_connections.lifecycle.review.values import Mark, text_of

FEDERATED: Final = "federated"
SECRET: Final = "secret"
CERTIFICATE: Final = "certificate"
AGENT: Final = "agent"
PROFILE: Final = "profile"
_SCHEMES: Final = {
    "WorkloadIdentityFederation": FEDERATED,
    "ServicePrincipal": SECRET,
    "ManagedServiceIdentity": AGENT,
    "PublishProfile": PROFILE,
}
WORDS: Final = {
    FEDERATED: "without a secret, by federation",
    SECRET: "with a client secret",
    CERTIFICATE: "with a certificate",
    AGENT: "as the identity of the agent's machine",
    PROFILE: "with a publish profile",
}
"""How a connection signs in."""
_IDENTITY_INPUTS: Final = {
    "appRegistration": "app registration",
    "managedIdentity": "managed identity",
    "servicePrincipal": "service principal",
    "agentIdentity": "identity of the agent",
    "automatic": "app registration that Azure DevOps makes",
    "webApp": "publish profile",
}


class EndpointState:
    """What one state of a connection says; `component` is the same state of its component."""

    def __init__(self, resource: Resource, component: Resource | None) -> None:
        self._resource = resource
        self._component = component

    @property
    def name(self) -> str | None:
        """What pipelines call it."""
        return text_of(self._get("serviceEndpointName")) or text_of(self._get("name"))

    @property
    def project(self) -> Any:
        """The id of its project."""
        return self._get("projectId")

    @property
    def environment(self) -> str | None:
        """The cloud that it works in."""
        return text_of(self._get("environment")) or text_of(self._fields.get("environment"))

    @property
    def sign_in(self) -> str | None:
        """How it signs in, as one of WORDS; None where it is not said."""
        scheme = text_of(self._get("serviceEndpointAuthenticationScheme")) or text_of(
            self._get("authorizationScheme")
        )
        kind = _SCHEMES.get(scheme or "")
        if kind == SECRET and self._with_certificate():
            return CERTIFICATE
        return kind

    @property
    def client(self) -> Any:
        """The client id of its identity."""
        for name in ("credentials", "authorizationParameters"):
            given = self._resource.inputs.get(name)
            if isinstance(given, Mapping) and "serviceprincipalid" in given:
                return given["serviceprincipalid"]
            if isinstance(given, Mark):
                return given
        return self._resource.outputs.get("servicePrincipalId")

    @property
    def automatic(self) -> bool:
        """Whether Azure DevOps makes the identity, and gives it Contributor at the connection's scope."""
        return self.client is None and self.sign_in in (FEDERATED, SECRET)

    @property
    def scope(self) -> Scope | None:
        """What it reaches; None where it is not known."""
        for given, path in ((self._component, _component_scope), (self._resource, self._raw_scope)):
            if given is not None and (found := path(given)):
                return Scope(found)
        return None

    @property
    def shared_with(self) -> list[str]:
        """The ids of the other projects that have it."""
        given = self._get("sharedProjectIds")
        return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []

    def _get(self, name: str) -> Any:
        return self._resource.get(name)

    @property
    def _fields(self) -> Mapping[str, Any]:
        """The fields of the generic resource."""
        given = self._resource.inputs.get("parameters")
        return given if isinstance(given, Mapping) else {}

    def _with_certificate(self) -> bool:
        credential = self._component.inputs.get("credential") if self._component else None
        if isinstance(credential, Mapping):
            return "certificate" in credential
        given = self._resource.inputs.get("credentials") or self._resource.inputs.get(
            "authorizationParameters"
        )
        return isinstance(given, Mapping) and any(
            key.lower() == "serviceprincipalcertificate" and value not in (None, "")
            for key, value in given.items()
        )

    def _raw_scope(self, resource: Resource) -> str | None:
        get = self._fields.get
        group = text_of(resource.inputs.get("azurermManagementGroupId")) or text_of(get("managementGroupId"))
        if group:
            return f"/providers/Microsoft.Management/managementGroups/{group}"
        subscription = text_of(resource.inputs.get("azurermSubscriptionId")) or text_of(get("subscriptionId"))
        if not subscription:
            return None
        inside = text_of(resource.inputs.get("resourceGroup")) or text_of(get("resourceGroupName"))
        path = f"/subscriptions/{subscription}" + (f"/resourceGroups/{inside}" if inside else "")
        workspace = text_of(get("mlWorkspaceName"))
        return (
            f"{path}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
            if workspace
            else path
        )


def _component_scope(component: Resource) -> str | None:
    get = component.inputs.get
    if isinstance(given := get("subscription"), Mapping) and (found := text_of(given.get("id"))):
        return f"/subscriptions/{found}"
    if isinstance(given := get("managementGroup"), Mapping) and (found := text_of(given.get("id"))):
        return f"/providers/Microsoft.Management/managementGroups/{found}"
    if isinstance(given := get("webApp"), Mapping):
        return text_of(given.get("resourceId"))
    for name in ("resourceGroup", "workspace"):
        if isinstance(given := get(name), Mapping) and (found := text_of(given.get("subscriptionId"))):
            inside = text_of(given.get("name" if name == "resourceGroup" else "resourceGroup"))
            path = f"/subscriptions/{found}/resourceGroups/{inside}" if inside else f"/subscriptions/{found}"
            if name == "workspace":
                path += (
                    f"/providers/Microsoft.MachineLearningServices/workspaces/{text_of(given.get('name'))}"
                )
            return path
    return None


def states_of(group: Group) -> tuple[EndpointState | None, EndpointState | None]:
    """The connection as it is and as it is to be; None where it is not there or not in the preview."""
    step, component = group.endpoint, group.component
    if step is None:
        return None, None
    before = EndpointState(step.old, component.old if component else None) if step.old else None
    after = EndpointState(step.new, component.new if component else None) if step.new else None
    return before, after


def identity_words(group: Group, new: bool) -> Phrase:
    """The identity that a connection signs in as, as people say it."""
    component = group.component
    state = (component.new if new else component.old) if component else None
    kind = next((words for name, words in _IDENTITY_INPUTS.items() if state and name in state.inputs), None)
    for step in group.of(ResourceKind.IDENTITY):
        made = step.new if new else step.old
        token = plain_type(step.type)
        if made is not None and token in APPLICATIONS | MANAGED_IDENTITIES:
            words = "app registration" if token in APPLICATIONS else "managed identity"
            for name in ("displayName", "resourceName", "name"):
                if called := text_of(made.get(name)):
                    return phrase(f"the {words} ", Name(called))
            return phrase(f"the {words} of ", Name(step.place.name))
    if kind is not None and state is not None:
        return phrase(f"the {kind}", _given_name(state))
    endpoint = states_of(group)[1 if new else 0]
    client = text_of(endpoint.client) if endpoint else None
    return phrase("the identity ", Name(short(client))) if client else ("its identity",)


def _given_name(state: Resource) -> Phrase:
    for given in (state.inputs.get(name) for name in _IDENTITY_INPUTS):
        if isinstance(given, Mapping):
            for name in ("displayName", "name", "resourceId", "clientId"):
                if called := text_of(given.get(name)):
                    return phrase(" ", Name(short(called.rsplit("/", 1)[-1])))
    return ()
