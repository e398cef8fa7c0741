"""Plants whom the service connections of an estate file sign in as, and with what."""

import re
from datetime import timedelta
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops import automatic_identity, endpoint_rules, estate_certificates
from azure_service_connections.sandbox.devops.estate_names import Names
from azure_service_connections.sandbox.devops.federation import issuer_and_subject
from azure_service_connections.sandbox.devops.oidc import AUDIENCE, NATIONAL_AUDIENCES
from azure_service_connections.sandbox.devops.scheme_conversion import keep_old_scheme
from azure_service_connections.sandbox.devops.service_connections import home_project
from azure_service_connections.sandbox.entra import federated_credentials, passwords
from azure_service_connections.sandbox.errors import EstateError
from azure_service_connections.sandbox.estate_connection_models import ServiceConnection
from azure_service_connections.sandbox.store import Document

SECRET: Final = "ServicePrincipal"


def by_hand(
    cloud: Cloud, names: Names, tenant_id: str, section: ServiceConnection, path: str
) -> tuple[Document | None, Document]:
    """The application, if it is one, and the service principal that a connection names.

    Raises `EstateError` where the tenant has neither.
    """
    if (section.application is None) == (section.managed_identity is None):
        raise EstateError(f"{path}: name either an `application` or a `managedIdentity` of the tenant.")
    if section.application is not None:
        application = names.find("applications", "displayName", section.application, tenantId=tenant_id)
        principal = application and cloud.store.one("service-principals", appId=application["appId"])
        if not application or not principal:
            raise EstateError(f"{path}.application: the tenant has no application {section.application}.")
        return application, principal
    principal = names.find(
        "service-principals",
        "displayName",
        str(section.managed_identity),
        tenantId=tenant_id,
        servicePrincipalType="ManagedIdentity",
    )
    if principal is None:
        raise EstateError(
            f"{path}.managedIdentity: the tenant has no managed identity {section.managed_identity}."
        )
    return None, principal


def give_secret(
    cloud: Cloud, endpoint: Document, application: Document | None, section: ServiceConnection, path: str
) -> None:
    """Let a connection that was made by hand hold its application's newest secret, or a certificate."""
    parameters = endpoint["authorization"]["parameters"]
    if section.certificate and application is not None:
        parameters["authenticationType"] = "spnCertificate"
        parameters["servicePrincipalCertificate"] = estate_certificates.add(cloud, application)
        return
    held = (application or {}).get("passwordCredentials")
    if not held:
        name = (application or {}).get("displayName", section.managed_identity)
        raise EstateError(f"{path}: {name} has no secret; give the application one.")
    parameters["authenticationType"] = "spnKey"
    parameters["serviceprincipalkey"] = held[-1]["secretText"]


def as_it_was(endpoint: Document, section: ServiceConnection) -> Document:
    """The connection under the name that it had when its identity came to trust it."""
    home, *others = endpoint["references"]
    return {**endpoint, "references": [{**home, "name": section.renamed_from or home["name"]}, *others]}


def let_trust(
    cloud: Cloud,
    organization: Document,
    endpoint: Document,
    application: Document | None,
    principal: Document,
) -> None:
    """Let an application or a managed identity trust a connection; the credential bears the latter's name."""
    issuer, subject = issuer_and_subject(cloud, organization, home_project(cloud, endpoint), endpoint)
    parent = principal["resourceId"] if application is None else application["id"]
    name = re.sub(r"[^A-Za-z0-9_-]", "-", f"connection-{endpoint['references'][0]['name']}")[:110]
    if cloud.store.one("federated-credentials", parent=parent, name=name) is not None:
        name = f"{name}-{endpoint['id'][:8]}"
    values: Document = {
        "name": name,
        "issuer": issuer,
        "subject": subject,
        "audiences": [NATIONAL_AUDIENCES.get(endpoint["data"]["environment"], AUDIENCE)],
        "description": None,
    }
    if application is not None:
        federated_credentials.add(cloud, application, values)
        return
    identifier = cloud.identifiers.guid("federated-credential", f"{parent}/{name.lower()}")
    cloud.store.put(
        "federated-credentials",
        identifier,
        {"id": identifier, "parent": parent, "clientId": principal["appId"], **values},
    )


def make(
    cloud: Cloud,
    organization: Document,
    endpoint: Document,
    section: ServiceConnection,
    owner_id: str,
) -> Document:
    """Make the identity of an automatic connection, as the service did long ago; its application."""
    authorization = endpoint["authorization"]
    tenant_id = str(authorization["parameters"]["tenantid"])
    application, principal = automatic_identity.register(cloud, organization, owner_id, tenant_id, endpoint)
    automatic_identity.note(endpoint, application, principal)
    endpoint["data"] |= {"creationMode": "Automatic", "identityType": "AppRegistrationAutomatic"}
    subscription = endpoint["data"].get("subscriptionId")
    if subscription is None or cloud.store.get("subscriptions", subscription) is not None:
        name = automatic_identity.assignment_name(cloud, endpoint)
        automatic_identity.assign(cloud, endpoint, name, owner_id)
    endpoint["operationStatus"] = {"state": "Ready", "statusMessage": ""}
    if section.scheme == SECRET or section.converted_days_ago is not None:
        life = passwords.life(
            cloud,
            section.secret_expires,
            section.secret_expires_in_days,
            timedelta(days=automatic_identity.SECRET_DAYS),
        )
        made = passwords.add(cloud, application, life)
        cloud.store.put("applications", application["id"], application)
        with_secret: dict[str, Any] = {
            **authorization["parameters"],
            "authenticationType": "spnKey",
            "serviceprincipalkey": made["secretText"],
        }
        if section.scheme == SECRET:
            authorization["parameters"] = with_secret
        else:
            converted = cloud.clock.now() - timedelta(days=section.converted_days_ago or 0)
            keep_old_scheme(endpoint, {"scheme": SECRET, "parameters": with_secret}, converted)
    if section.scheme == endpoint_rules.FEDERATED:
        trusted = as_it_was(endpoint, section)
        automatic_identity.trust(cloud, organization, trusted, application, endpoint["id"])
    return application
