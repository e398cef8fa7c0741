"""Loads an estate file and plants it: tenants first, then what Azure holds of them, then organizations."""

from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from azure_service_connections.sandbox.arm import estate as arm
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import estate as devops
from azure_service_connections.sandbox.entra import estate as entra
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_mistakes import EstateMistakesError, sentences
from azure_service_connections.sandbox.estate_models import Estate
from azure_service_connections.sandbox.estate_references import mistakes_in
from azure_service_connections.sandbox.signing import Signing
from azure_service_connections.sandbox.store import Document

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def sample() -> str:
    """The text of the sample estate, with which a new sandbox starts."""
    return files(__package__).joinpath("estates/sample.yaml").read_text("utf-8")


def load(text: str | bytes) -> Estate:
    """Read an estate file. Raises `EstateError` with every mistake in it."""
    try:
        content: Any = yaml.load(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
        raise EstateMistakesError([f"{where}: is not YAML ({error.problem}); correct it there"]) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise EstateMistakesError(["the file: is not YAML; write plain text in UTF-8"]) from None
    if not isinstance(content, dict):
        raise EstateMistakesError(
            ["the estate: is no mapping; write the keys seed, tenants and organizations"]
        )
    try:
        estate = Estate.model_validate(content)
    except ValidationError as error:
        raise EstateMistakesError(sentences(error)) from None
    if mistakes := mistakes_in(estate):
        raise EstateMistakesError(mistakes)
    return estate


def plant(cloud: Cloud, estate: Estate) -> None:
    """Put an estate into an empty cloud, all of it or, where it cannot be, nothing.

    Raises `EstateError` for what only the services know, such as a role that does not exist.
    """
    with cloud.store.transaction():
        if cloud.store.keys("tenants"):
            raise EstateError("The sandbox already holds an estate; run `connections sandbox reset` first.")
        cloud.identifiers.plant(str(estate.seed))
        entra.plant(cloud, estate.tenants)
        arm.plant(cloud, estate.tenants)
        devops.plant(cloud, estate.organizations)
        cloud.store.put("settings", "operator", _operator(cloud, estate))


def replant(cloud: Cloud, text: str) -> None:
    """Forget everything and plant the estate of a file, to which a reset will lead back.

    Where that cannot be, everything stays as it was. Raises `EstateError` with every mistake in the file.
    """
    estate = load(text)
    try:
        with cloud.store.transaction():
            cloud.reset()
            plant(cloud, estate)
            cloud.store.put("settings", "estate", {"text": text})
    except BaseException:
        cloud.signing = Signing(cloud.store)  # the keys from before are back in the store
        raise


def operator(cloud: Cloud) -> Document:
    """What `connections sandbox env` signs in as: tenantId, clientId, secret, organization and token.

    A value is None where the estate has no such thing.
    """
    return cloud.store.get("settings", "operator") or dict.fromkeys(
        ("tenantId", "clientId", "secret", "organization", "token")
    )


def _operator(cloud: Cloud, estate: Estate) -> Document:
    found: Document = dict.fromkeys(("tenantId", "clientId", "secret", "organization", "token"))
    for tenant in estate.tenants:
        for application in tenant.applications:
            if application.operator:
                held = cloud.store.one("tenants", name=tenant.name)
                assert held is not None
                registered = cloud.store.one(
                    "applications", displayName=application.name, tenantId=held["id"]
                )
                assert registered is not None
                found["tenantId"], found["clientId"] = held["id"], registered["appId"]
                found["secret"] = application.secret
    for organization in estate.organizations[:1]:
        found["organization"] = organization.name
        tokens = organization.personal_access_tokens
        found["token"] = tokens[0].token if tokens else None
    return found
