"""Looks up what an interrupted run may have made in Entra ID."""

from collections.abc import Mapping
from typing import Any

from azure_service_connections.lifecycle.found_object import Absent, Found, Lookup, Unclear
from azure_service_connections.lifecycle.object_owners import dispute_credential
from azure_service_connections.lifecycle.services import Services, checked

_TAG = "pulumi:"
_CREDENTIALS = "federatedIdentityCredentials"
_FLEXIBLE_VERSION = "beta"
"""Only this version of Graph knows the expression of a flexible credential."""
_KEYS = {"password": "passwordCredentials", "certificate": "keyCredentials"}
"""Where an application lists what an id of the azuread plugin calls so."""


def find_application(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """An application by the tag that says which resource it is; `known` are the ids in the state."""
    tag = next((each for each in inputs.get("tags") or () if str(each).startswith(_TAG)), None)
    name = inputs.get("displayName")
    if tag is None:
        return Unclear(
            f"names in Entra ID are not unique and it has no tag that begins with '{_TAG}'; look for "
            f"'{name}' under App registrations and delete it if the run made it"
        )
    found = [
        path
        for each in _list(services, "/applications", f"tags/any(tag:tag eq {_quoted(tag)})")
        if (path := f"/applications/{each['id']}") not in known
    ]
    if len(found) > 1:
        return Unclear(
            f"{len(found)} applications carry the tag '{tag}' ({', '.join(found)}); delete those that "
            "nothing uses and run the command again"
        )
    return Found(found[0]) if found else Absent()


def find_service_principal(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """The service principal of an application, of which there is at most one."""
    client_id = inputs.get("clientId")
    if not client_id:
        return Absent()
    found = _list(services, "/servicePrincipals", f"appId eq {_quoted(client_id)}")
    return Found(f"/servicePrincipals/{found[0]['id']}") if found else Absent()


def find_federated_credential(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """A federated credential of an application by its name."""
    found = _credential_named(services, inputs, "v1.0")
    return Found(f"{found[0]}/federatedIdentityCredential/{found[1]}") if found else Absent()


def find_flexible_credential(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """A federated credential with an expression in place of a subject, by its name."""
    found = _credential_named(services, inputs, _FLEXIBLE_VERSION)
    return Found(f"/applications/{found[0]}/{_CREDENTIALS}/{found[1]}") if found else Absent()


def remove_password(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """Remove what a secret's creation left: its value was told to nobody, so it is of no use.

    Found by its name among the secrets of the application that the state does not know.
    """
    document, name = _application(services, inputs), inputs.get("displayName")
    if document is None:
        return Absent()
    application = document["id"]
    unknown = [
        each
        for each in document.get("passwordCredentials") or ()
        if f"{application}/password/{each['keyId']}" not in known
    ]
    if not name:
        return (
            Unclear(
                f"it has no name, and application {application} has {len(unknown)} secrets that the state "
                "does not know; remove the newest in Entra ID if the run made it"
            )
            if unknown
            else Absent()
        )
    left = [each["keyId"] for each in unknown if each.get("displayName") == name]
    for key in left:
        path = f"/applications/{application}/removePassword"
        removed = services.graph("POST", path, body={"keyId": key})
        if not removed.successful and removed.status != 404:
            checked(removed, f"Removing the secret {key} of application {application}")
    return Absent("removed the secret that it had made, which nobody knows" if left else "")


def find_certificate(services: Services, inputs: Mapping[str, Any], known: set[str]) -> Lookup:
    """The certificate of an application that the state does not know, where there is one such."""
    document = _application(services, inputs)
    if document is None:
        return Absent()
    application = document["id"]
    found = [
        identifier
        for each in document.get("keyCredentials") or ()
        if (identifier := f"{application}/certificate/{each['keyId']}") not in known
        and inputs.get("keyId") in (None, each["keyId"])
    ]
    if len(found) > 1:
        return Unclear(
            f"application {application} has {len(found)} certificates that the state does not know; remove "
            "the newest in Entra ID if the run made it"
        )
    return Found(found[0]) if found else Absent()


def _application(services: Services, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """The application that a credential belongs to, or None where there is none."""
    application = _object_id(inputs.get("applicationId"))
    if application is None:
        return None
    answer = services.graph("GET", f"/applications/{application}")
    if answer.status == 404:
        return None
    document: dict[str, Any] = checked(answer, f"Reading application {application}")
    return document


def dispute(services: Services, inputs: Mapping[str, Any], identifier: str) -> str:
    """Why an object is not the declared one, empty where it is; a tag or a client id leaves no doubt."""
    path, kind, _ = _parts(identifier)
    if kind == _CREDENTIALS:
        found = checked(services.graph("GET", path, version=_FLEXIBLE_VERSION), f"Reading {path}")
        expression = (found.get("claimsMatchingExpression") or {}).get("value")
        return dispute_credential(inputs, {**found, "claimsMatchingExpression": expression})
    if kind != "federatedIdentityCredential":
        return ""
    return dispute_credential(inputs, checked(services.graph("GET", path), f"Reading {path}"))


def is_there(services: Services, identifier: str) -> bool:
    """Whether an object with an id of the azuread plugin still exists."""
    path, kind, key = _parts(identifier)
    answer = services.graph("GET", path, version=_FLEXIBLE_VERSION if kind == _CREDENTIALS else "v1.0")
    if answer.status == 404:
        return False
    document = checked(answer, f"Reading {path}")
    if kind not in _KEYS:
        return True
    return any(each["keyId"] == key for each in document.get(_KEYS[kind]) or ())


def _parts(identifier: str) -> tuple[str, str, str]:
    """The address that an id of the azuread plugin stands for, the kind of a part of it, and its key."""
    if f"/{_CREDENTIALS}/" in identifier:
        return identifier, _CREDENTIALS, identifier.rpartition("/")[2]
    application, _, rest = identifier.partition("/") if not identifier.startswith("/") else ("", "", "")
    kind, _, key = rest.partition("/")
    if kind == "federatedIdentityCredential":
        return f"/applications/{application}/{_CREDENTIALS}/{key}", kind, key
    return f"/applications/{application}" if application else identifier, kind, key


def _credential_named(services: Services, inputs: Mapping[str, Any], version: str) -> tuple[str, str] | None:
    """The application and the id of a credential of the declared name, or None."""
    application = _object_id(inputs.get("applicationId"))
    if application is None:
        return None
    answer = services.graph("GET", f"/applications/{application}/{_CREDENTIALS}", version=version)
    if answer.status == 404:
        return None
    for each in checked(answer, f"Listing the federated credentials of application {application}")["value"]:
        if each["name"] == inputs.get("displayName"):
            return application, str(each["id"])
    return None


def _list(services: Services, path: str, condition: str) -> list[dict[str, Any]]:
    answer = services.graph("GET", path, parameters={"$filter": condition})
    found: list[dict[str, Any]] = checked(answer, f"Looking in Entra ID for {path[1:]}")["value"]
    return found


def _object_id(application: Any) -> str | None:
    return str(application).rpartition("/")[2] or None if application else None


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
