"""Web apps of the estate, and the user name and password of each one's publish profile."""

from typing import Final

from azure_service_connections.sandbox.arm import resources
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

KIND: Final = "Microsoft.Web/sites"
DOMAIN: Final = ".scm.azurewebsites.net"
"""How the names of publishing sites end: `NAME.scm.azurewebsites.net`."""


def create(
    cloud: Cloud, subscription: str, group: str, name: str, location: str, password: str | None = None
) -> Document:
    """Make a web app and keep it; without a password its publish profile has one that follows from its id."""
    identifier = resources.resource_id(subscription, group, KIND, name)
    document = resources.new(cloud, identifier, KIND)
    document["location"] = location
    document["kind"] = "app"
    document["properties"] = {
        "state": "Running",
        "enabledHostNames": [f"{name}.azurewebsites.net", f"{name}{DOMAIN}"],
        "provisioningState": "Succeeded",
    }
    resources.keep(cloud, document)
    if password is not None:
        cloud.store.put("publishing-passwords", document["id"].lower(), {"password": password})
    return document


def named(cloud: Cloud, name: str) -> Document | None:
    """The web app of this name, which is one in all of Azure."""
    for document in cloud.store.find(resources.COLLECTION, type=KIND):
        if document["name"].lower() == name.lower():
            return document
    return None


def is_publisher(cloud: Cloud, web_app: Document, user: str, password: str) -> bool:
    """Whether these are the user name and the password of the web app's publish profile.

    The user name is `$NAME`, also in the form `NAME\\$NAME`.
    """
    own = f"${web_app['name']}".lower()
    kept = cloud.store.get("publishing-passwords", web_app["id"].lower())
    expected = kept["password"] if kept else cloud.identifiers.derived("publishing", web_app["id"].lower())
    return user.lower().rpartition("\\")[2] == own and password == expected
