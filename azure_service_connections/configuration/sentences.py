"""Turns what the validation library finds into sentences with a place."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from azure_service_connections.catalogue import wording
from azure_service_connections.configuration.access_models import group_at
from azure_service_connections.configuration.credential_models import (
    Certificate,
    Credential,
    OwnCredential,
    Secret,
)
from azure_service_connections.configuration.identity_models import (
    AgentIdentity,
    AppRegistration,
    Automatic,
    ManagedIdentity,
    ServicePrincipal,
    WebApp,
)
from azure_service_connections.configuration.mistakes import Mistake, path_to
from azure_service_connections.configuration.models import Connection, Role, Trust
from azure_service_connections.configuration.project_models import PipelineReference, SharedProject
from azure_service_connections.configuration.scope_models import (
    Cloud,
    ManagementGroup,
    ResourceGroup,
    Subscription,
    Workspace,
)
from azure_service_connections.configuration.strictness import Model

_GROUPS: Mapping[str, type[Model]] = {
    "appRegistration": AppRegistration,
    "managedIdentity": ManagedIdentity,
    "servicePrincipal": ServicePrincipal,
    "automatic": Automatic,
    "agentIdentity": AgentIdentity,
    "webApp": WebApp,
    "cloud": Cloud,
    "subscription": Subscription,
    "resourceGroup": ResourceGroup,
    "managementGroup": ManagementGroup,
    "workspace": Workspace,
    "credential": Credential,
    "federatedCredential": OwnCredential,
    "roles": Role,
    "pipelines": PipelineReference,
    "sharedWith": SharedProject,
    "trusts": Trust,
}

_GROUPS_OF_CREDENTIAL: Mapping[Any, type[Model]] = {"secret": Secret, "certificate": Certificate}

_KINDS: Mapping[str, type] = {
    "string_type": str,
    "int_type": int,
    "bool_type": bool,
    "list_type": list,
    "dict_type": dict,
    "model_type": dict,
    "model_attributes_type": dict,
}

_HIDDEN = ("credential", "webApp")
"""Keys below which a value may be a secret, or one by mistake: none is shown."""

_A_CREDENTIAL = "federated, {secret: {…}} or {certificate: {…}}"
_UNIONS = {
    "credential": ("a credential", _A_CREDENTIAL),
    "pipelines": ("a pipeline", "its name, its id or {project: …, name: …}"),
    "sharedWith": ("a project", "its name, its id or {project: …}"),
}
"""What belongs where one of several kinds of values may stand."""


def mistakes_in(error: ValidationError) -> list[Mistake]:
    """Every mistake that the models found, in the order of the stack's keys."""
    return [_mistake(detail) for detail in error.errors(include_url=False)]


def _mistake(detail: ErrorDetails) -> Mistake:
    place = _place(detail["loc"])
    kind, given = detail["type"], detail["input"]
    if kind == "rule":
        return Mistake(path_to(*place), str(detail["ctx"]["problem"]))
    if kind == "extra_forbidden":
        return Mistake(path_to(*place), _unknown(place))
    if kind == "missing":
        return Mistake(path_to(*place), wording.missing(str(place[-1])))
    if kind == "literal_error":
        return Mistake(path_to(*place), _credential(given))
    if kind == "union_tag_not_found":
        hidden = place[1] == "credential"
        where = wording.wrong_kind(given, str, hidden).split(" where ", 1)[0]
        what, instead = _UNIONS[str(place[1])]
        return Mistake(path_to(*place), f"{where} where {what} belongs; write {instead}")
    if kind in _KINDS:
        hidden = len(place) > 1 and place[1] in _HIDDEN
        return Mistake(path_to(*place), wording.wrong_kind(given, _KINDS[kind], hidden))
    return Mistake(path_to(*place), "cannot be read; write it as in the examples of stacks/Pulumi.dev.yaml")


def _place(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """The keys as they were written: without the library's own marks for alternatives."""
    if len(loc) > 3 and loc[1] in ("pipelines", "sharedWith"):
        return (*loc[:3], *loc[4:])
    if len(loc) > 2 and loc[1] == "credential":
        return (*loc[:2], *loc[3:])
    return tuple(loc)


def _unknown(place: Sequence[Any]) -> str:
    """An unknown key, which was probably meant to be another."""
    key = str(place[-1])
    if len(place) == 2:
        return wording.unknown_key(key, keys_of(Connection))
    if (group := group_at(place)) is not None:
        return wording.unknown_key(key, keys_of(group))
    return wording.unknown_key(key, keys_of(_group_of(place)))


def _group_of(place: Sequence[Any]) -> type[Model]:
    inner = [_GROUPS_OF_CREDENTIAL[each] for each in place[2:-1] if each in _GROUPS_OF_CREDENTIAL]
    return inner[-1] if place[1] == "credential" and inner else _GROUPS[str(place[1])]


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a model as YAML writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _credential(given: Any) -> str:
    """A text that is no credential; it may be a secret, so only a known one is shown."""
    if given in _GROUPS_OF_CREDENTIAL:
        return f"{wording.quoted(given)} asks for more; write {_A_CREDENTIAL}"
    return f"is a text that is no kind of credential; write {_A_CREDENTIAL}"
