"""The functions of the azuread plugin: one object, or several, by what is known of them."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any, Final

from azure_service_connections.providers.azuread.application_body import (
    POST_RESPONSE_REQUIRED,
    application_outputs,
)
from azure_service_connections.providers.azuread.graph_client import GraphClient
from azure_service_connections.providers.azuread.owners import owner_ids
from azure_service_connections.providers.azuread.service_principal import (
    SAML_METADATA,
    service_principal_outputs,
)
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.property_values import Properties

USER_TEXTS: Final = (
    *("ageGroup", "city", "companyName", "consentProvidedForMinor", "country", "creationType", "department"),
    *("displayName", "employeeHireDate", "employeeId", "employeeType", "externalUserState", "faxNumber"),
    *("givenName", "jobTitle", "mail", "mailNickname", "mobilePhone", "officeLocation", "postalCode"),
    *("preferredLanguage", "state", "streetAddress", "surname", "usageLocation", "userPrincipalName"),
    "userType",
)
USER_LISTS: Final = ("businessPhones", "imAddresses", "otherMails", "proxyAddresses")
ON_PREMISES: Final = {
    "onpremisesDistinguishedName": "onPremisesDistinguishedName",
    "onpremisesDomainName": "onPremisesDomainName",
    "onpremisesImmutableId": "onPremisesImmutableId",
    "onpremisesSamAccountName": "onPremisesSamAccountName",
    "onpremisesSecurityIdentifier": "onPremisesSecurityIdentifier",
    "onpremisesUserPrincipalName": "onPremisesUserPrincipalName",
}
_USER_KEYS: Final = {
    "userPrincipalNames": "userPrincipalName",
    "objectIds": "id",
    "mailNicknames": "mailNickname",
    "mails": "mail",
    "employeeIds": "employeeId",
}


class Lookups:
    """Calls with a signed-in client that is known once the plugin is configured."""

    def __init__(self, graph: Callable[[], GraphClient]) -> None:
        self._graph = graph

    def client_config(self, arguments: Properties) -> Properties:
        """Who calls; no request. Only the object id comes from the token."""
        graph = self._graph()
        identifier = f"{graph.tenant_id}-{graph.client_id}-{graph.object_id}"
        return {
            "id": identifier,
            "clientId": graph.client_id,
            "objectId": graph.object_id,
            "tenantId": graph.tenant_id,
        }

    def application(self, arguments: Properties) -> Properties:
        """One application by object id, client id, display name or identifier URI."""
        graph = self._graph()
        found = self._one(
            "application",
            "/applications",
            arguments,
            {
                "clientId": "appId eq '{}'",
                "displayName": "displayName eq '{}'",
                "identifierUri": "identifierUris/any(uri:uri eq '{}')",
            },
        )
        path = f"/applications/{found['id']}"
        required = graph.only_in_beta(path, f"reading {path}", POST_RESPONSE_REQUIRED)
        outputs = application_outputs(found, required, owner_ids(graph, path, path))
        for one, many in (
            ("api", "apis"),
            ("publicClient", "publicClients"),
            ("singlePageApplication", "singlePageApplications"),
            ("web", "webs"),
        ):
            outputs[many] = [outputs.pop(one)]
        outputs["optionalClaims"] = [outputs["optionalClaims"]]
        outputs["webs"][0]["implicitGrants"] = [outputs["webs"][0].pop("implicitGrant")]
        del outputs["templateId"]
        given = arguments.get("identifierUri") or next(iter(outputs["identifierUris"]), "")
        return {"id": path, "identifierUri": given, **outputs}

    def service_principal(self, arguments: Properties) -> Properties:
        """One service principal by object id, client id or display name."""
        graph = self._graph()
        keys = {"clientId": "appId eq '{}'", "displayName": "displayName eq '{}'"}
        found = self._one("service principal", "/servicePrincipals", arguments, keys)
        path = f"/servicePrincipals/{found['id']}"
        metadata = graph.only_in_beta(path, f"reading {path}", SAML_METADATA)
        relay = (found.get("samlSingleSignOnSettings") or {}).get("relayState") or ""
        return {
            "id": path,
            **service_principal_outputs(found, metadata),
            "features": [],
            "samlSingleSignOns": [{"relayState": relay}],
        }

    def user(self, arguments: Properties) -> Properties:
        """One user by object id, user principal name, mail, mail nickname or employee id."""
        graph = self._graph()
        keys = {
            name: f"{name} eq '{{}}'" for name in ("userPrincipalName", "mail", "mailNickname", "employeeId")
        }
        found = self._one("user", "/users", arguments, keys)
        path = f"/users/{found['id']}"
        manager = graph.get(f"{path}/manager", f"reading the manager of {path}") or {}
        organization = found.get("employeeOrgData") or {}
        return {
            "id": path,
            "objectId": found["id"],
            "accountEnabled": bool(found.get("accountEnabled")),
            "costCenter": organization.get("costCenter") or "",
            "division": organization.get("division") or "",
            "managerId": manager.get("id") or "",
            "onpremisesSyncEnabled": bool(found.get("onPremisesSyncEnabled")),
            "showInAddressList": bool(found.get("showInAddressList")),
            **{name: found.get(name) or "" for name in USER_TEXTS},
            **{name: list(found.get(name) or []) for name in USER_LISTS},
            **{name: found.get(wire) or "" for name, wire in ON_PREMISES.items()},
        }

    def users(self, arguments: Properties) -> Properties:
        """Users by one kind of key, or all of them (`returnAll`)."""
        graph = self._graph()
        found: list[dict[str, Any]] = []
        if arguments.get("returnAll"):
            found = graph.list("/users", "listing users")
        else:
            name = next((name for name in _USER_KEYS if arguments.get(name)), None)
            if name is None:
                raise PluginError(
                    f"getUsers: no key is given; give one of {', '.join(_USER_KEYS)}, or returnAll."
                )
            for key in arguments[name]:
                doing = f"looking for user {key!r}"
                matches = graph.list("/users", doing, f"{_USER_KEYS[name]} eq '{_quoted(key)}'")
                if len(matches) > 1:
                    raise PluginError(f"getUsers: {len(matches)} users have {name} {key!r}; use object ids.")
                if not matches and not arguments.get("ignoreMissing"):
                    raise PluginError(
                        f"getUsers: no user has {name} {key!r}; correct it or set ignoreMissing."
                    )
                found += matches
        ids = [str(user["id"]) for user in found]
        digest = base64.urlsafe_b64encode(hashlib.sha1("-".join(ids).encode()).digest()).decode()
        return {
            "id": f"users#{digest}",
            "ignoreMissing": bool(arguments.get("ignoreMissing")),
            "returnAll": bool(arguments.get("returnAll")),
            "users": [_short_user(user) for user in found],
            **{name: [user.get(key) or "" for user in found] for name, key in _USER_KEYS.items()},
        }

    def group(self, arguments: Properties) -> Properties:
        """One group by object id, display name or mail nickname; with its members and owners."""
        graph = self._graph()
        flags = {
            name: bool(arguments[name]) for name in ("mailEnabled", "securityEnabled") if name in arguments
        }
        extra = "".join(f" and {name} eq {str(value).lower()}" for name, value in flags.items())
        keys = {
            "displayName": "displayName eq '{}'" + extra,
            "mailNickname": "mailNickname eq '{}'" + extra,
        }
        found = self._one("group", "/groups", arguments, keys)
        for name, value in flags.items():
            if bool(found.get(name)) != value:
                raise PluginError(
                    f"getGroup: group {found['id']} has {name} {bool(found.get(name))}; asked: {value}."
                )
        path = f"/groups/{found['id']}"
        transitive = bool(arguments.get("includeTransitiveMembers"))
        members = graph.list(
            f"{path}/{'transitiveMembers' if transitive else 'members'}", f"reading the members of {path}"
        )
        writeback = found.get("writebackConfiguration") or {}
        return {
            "id": path,
            "objectId": found["id"],
            "assignableToRole": bool(found.get("isAssignableToRole")),
            "autoSubscribeNewMembers": False,
            "behaviors": list(found.get("resourceBehaviorOptions") or []),
            "dynamicMemberships": [],
            "externalSendersAllowed": False,
            "hideFromAddressLists": False,
            "hideFromOutlookClients": False,
            "includeTransitiveMembers": transitive,
            "mailEnabled": bool(found.get("mailEnabled")),
            "members": [str(member["id"]) for member in members],
            "onpremisesDomainName": found.get("onPremisesDomainName") or "",
            "onpremisesGroupType": writeback.get("onPremisesGroupType") or "",
            "onpremisesNetbiosName": found.get("onPremisesNetBiosName") or "",
            "onpremisesSamAccountName": found.get("onPremisesSamAccountName") or "",
            "onpremisesSecurityIdentifier": found.get("onPremisesSecurityIdentifier") or "",
            "onpremisesSyncEnabled": bool(found.get("onPremisesSyncEnabled")),
            "owners": owner_ids(graph, path, path),
            "provisioningOptions": list(found.get("resourceProvisioningOptions") or []),
            "proxyAddresses": list(found.get("proxyAddresses") or []),
            "securityEnabled": bool(found.get("securityEnabled")),
            "types": list(found.get("groupTypes") or []),
            "writebackEnabled": bool(writeback.get("isEnabled")),
            **{
                name: found.get(name) or ""
                for name in (
                    "description",
                    "displayName",
                    "mail",
                    "mailNickname",
                    "preferredLanguage",
                    "theme",
                    "visibility",
                )
            },
        }

    def _one(self, what: str, path: str, arguments: Properties, keys: dict[str, str]) -> dict[str, Any]:
        graph = self._graph()
        if object_id := arguments.get("objectId"):
            found = graph.get(f"{path}/{object_id}", f"reading {what} {object_id}")
            if found is None:
                raise PluginError(f"no {what} has object id {object_id!r}; correct it.")
            return found
        name = next((name for name in keys if arguments.get(name)), None)
        if name is None:
            raise PluginError(f"no key for the {what} is given; give objectId or one of {', '.join(keys)}.")
        value = str(arguments[name])
        matches = graph.list(path, f"looking for {what} {value!r}", keys[name].format(_quoted(value)))
        if len(matches) != 1:
            number = "no" if not matches else str(len(matches))
            raise PluginError(f"{number} {what} has {name} {value!r}; give the objectId of one that exists.")
        return matches[0]


def _quoted(value: str) -> str:
    return str(value).replace("'", "''")


def _short_user(user: dict[str, Any]) -> dict[str, Any]:
    names = ("displayName", "employeeId", "mail", "mailNickname", "usageLocation", "userPrincipalName")
    return {
        "accountEnabled": bool(user.get("accountEnabled")),
        "objectId": user["id"],
        "onpremisesImmutableId": user.get("onPremisesImmutableId") or "",
        "onpremisesSamAccountName": user.get("onPremisesSamAccountName") or "",
        "onpremisesUserPrincipalName": user.get("onPremisesUserPrincipalName") or "",
        **{name: user.get(name) or "" for name in names},
    }
