"""Paths of directory objects below the service's version, from their ids in state."""

from azure_service_connections.providers.errors import PluginError


def application_path(identifier: str) -> str:
    """The path of an application; PluginError for another form of id."""
    return _path(identifier, "/applications", "an application")


def service_principal_path(identifier: str) -> str:
    """The path of a service principal; PluginError for another form of id."""
    return _path(identifier, "/servicePrincipals", "a service principal")


def _path(identifier: str, collection: str, what: str) -> str:
    prefix, _, object_id = identifier.rpartition("/")
    if prefix not in (collection, "") or not object_id:
        raise PluginError(f"{identifier!r} is not {what}'s id; write {collection}/{{objectId}}.")
    return f"{collection}/{object_id}"
