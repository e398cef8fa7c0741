"""Turns what the validation library finds into sentences with a place."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from azure_service_connections.catalogue import wording
from azure_service_connections.configuration.access_models import group_at
from azure_service_connections.configuration.mistakes import Mistake, path_to
from azure_service_connections.configuration.models import (
    NOT_SUPPORTED,
    NOT_SUPPORTED_CREDENTIALS,
    AppRegistration,
    Connection,
    ManagedIdentity,
    ManagementGroup,
    Model,
    PipelineReference,
    ResourceGroup,
    Role,
    ServicePrincipal,
    Subscription,
    Workspace,
)

_GROUPS: Mapping[str, type[Model]] = {
    "appRegistration": AppRegistration,
    "managedIdentity": ManagedIdentity,
    "servicePrincipal": ServicePrincipal,
    "subscription": Subscription,
    "resourceGroup": ResourceGroup,
    "managementGroup": ManagementGroup,
    "workspace": Workspace,
    "roles": Role,
    "pipelines": PipelineReference,
}

_KINDS: Mapping[str, type] = {
    "string_type": str,
    "int_type": int,
    "bool_type": bool,
    "list_type": list,
    "dict_type": dict,
    "model_type": dict,
    "model_attributes_type": dict,
}

_A_PIPELINE = "its name, its id or {project: …, name: …}"


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
        where = wording.wrong_kind(given, str).split(" where ", 1)[0]
        return Mistake(path_to(*place), f"{where} where a pipeline belongs; write {_A_PIPELINE}")
    if kind in _KINDS:
        return Mistake(path_to(*place), wording.wrong_kind(given, _KINDS[kind]))
    return Mistake(path_to(*place), "cannot be read; write it as in the examples of stacks/Pulumi.dev.yaml")


def _place(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """The keys as they were written: without the library's own marks for alternatives."""
    if len(loc) > 3 and loc[1] == "pipelines":
        return (*loc[:3], *loc[4:])
    return tuple(loc)


def _unknown(place: Sequence[Any]) -> str:
    """An unknown key: one that is to exist one day, or one that was meant to be another."""
    key = str(place[-1])
    if len(place) == 2:
        if key in NOT_SUPPORTED:
            return wording.not_supported(wording.quoted(key), NOT_SUPPORTED[key])
        return wording.unknown_key(key, keys_of(Connection))
    if (group := group_at(place)) is not None:
        return wording.unknown_key(key, keys_of(group))
    return wording.unknown_key(key, keys_of(_GROUPS[str(place[1])]))


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a model as YAML writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _credential(given: Any) -> str:
    if given in NOT_SUPPORTED_CREDENTIALS:
        return wording.not_supported(wording.quoted(given), "'federated', which is the default")
    return f"{wording.quoted(given)} is no kind of credential; write federated"
