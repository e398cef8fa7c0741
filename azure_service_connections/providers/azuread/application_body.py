"""Between an application's properties in a program and its JSON in Microsoft Graph."""

from collections.abc import Iterable
from typing import Any, Final

from azure_service_connections.providers.property_values import Properties

POST_RESPONSE_REQUIRED: Final = "oauth2RequirePostResponse"
"""The property that only beta has."""

_FEATURES: Final = {
    "customSingleSignOn": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}
_CLAIMS: Final = {"accessTokens": "accessToken", "idTokens": "idToken", "saml2Tokens": "saml2Token"}
_SCOPE_TEXTS: Final = (
    "adminConsentDescription",
    "adminConsentDisplayName",
    "id",
    "type",
    "userConsentDescription",
    "userConsentDisplayName",
    "value",
)
ONLY_WHEN_CHANGED: Final = {
    "appRoles": "appRoles",
    "identifierUris": "identifierUris",
    "optionalClaims": "optionalClaims",
    "requiredResourceAccesses": "requiredResourceAccess",
}
"""Properties, and their names in Graph, that an update leaves out unless they change."""


def application_body(inputs: Properties) -> dict[str, Any]:
    """All properties of an application as they are sent when it is created."""
    api, web = inputs.get("api") or {}, inputs.get("web") or {}
    grant = web.get("implicitGrant") or {}
    claims = inputs.get("groupMembershipClaims")
    return {
        "@odata.type": "#microsoft.graph.application",
        "api": {
            "acceptMappedClaims": bool(api.get("mappedClaimsEnabled")),
            "knownClientApplications": list(api.get("knownClientApplications") or []),
            "oauth2PermissionScopes": [
                _scope_body(scope) for scope in api.get("oauth2PermissionScopes") or []
            ],
            "requestedAccessTokenVersion": api.get("requestedAccessTokenVersion", 1),
        },
        "appRoles": [_role_body(role) for role in inputs.get("appRoles") or []],
        "description": _nullable(inputs, "description"),
        "displayName": inputs.get("displayName"),
        "groupMembershipClaims": ",".join(claims) if claims else None,
        "identifierUris": list(inputs.get("identifierUris") or []),
        "info": {
            "marketingUrl": _nullable(inputs, "marketingUrl"),
            "privacyStatementUrl": _nullable(inputs, "privacyStatementUrl"),
            "supportUrl": _nullable(inputs, "supportUrl"),
            "termsOfServiceUrl": _nullable(inputs, "termsOfServiceUrl"),
        },
        "isDeviceOnlyAuthSupported": bool(inputs.get("deviceOnlyAuthEnabled")),
        "isFallbackPublicClient": bool(inputs.get("fallbackPublicClientEnabled")),
        "notes": _nullable(inputs, "notes"),
        "optionalClaims": {
            wire: [dict(claim) for claim in (inputs.get("optionalClaims") or {}).get(name) or []]
            for name, wire in _CLAIMS.items()
            if (inputs.get("optionalClaims") or {}).get(name)
        },
        "publicClient": {"redirectUris": _redirects(inputs, "publicClient")},
        "requiredResourceAccess": [
            {
                "resourceAppId": access.get("resourceAppId"),
                "resourceAccess": [dict(item) for item in access.get("resourceAccesses") or []],
            }
            for access in inputs.get("requiredResourceAccesses") or []
        ],
        "serviceManagementReference": _nullable(inputs, "serviceManagementReference"),
        "signInAudience": inputs.get("signInAudience"),
        "spa": {"redirectUris": _redirects(inputs, "singlePageApplication")},
        "tags": tags_of(inputs),
        "web": {
            "homePageUrl": _nullable(web, "homepageUrl"),
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": bool(grant.get("accessTokenIssuanceEnabled")),
                "enableIdTokenIssuance": bool(grant.get("idTokenIssuanceEnabled")),
            },
            "logoutUrl": _nullable(web, "logoutUrl"),
            "redirectUris": list(web.get("redirectUris") or []),
        },
    }


def application_update(inputs: Properties, changed: Iterable[str]) -> dict[str, Any]:
    """What an update sends: all but what Graph guards, which is sent only when it changes."""
    body, paths = application_body(inputs), list(changed)
    for name, wire in ONLY_WHEN_CHANGED.items():
        if not any(path.split(".")[0] == name for path in paths):
            del body[wire]
    if not any(path == "api" or path.startswith("api.oauth2PermissionScopes") for path in paths):
        del body["api"]["oauth2PermissionScopes"]
    return body


def application_outputs(found: dict[str, Any], post_response_required: Any, owners: list[str]) -> Properties:
    """An application's properties from Graph's answers."""
    api, info = found.get("api") or {}, found.get("info") or {}
    web, roles = found.get("web") or {}, found.get("appRoles") or []
    grant = web.get("implicitGrantSettings") or {}
    scopes = api.get("oauth2PermissionScopes") or []
    claims = found.get("groupMembershipClaims")
    tags = list(found.get("tags") or [])
    return {
        "api": {
            "knownClientApplications": list(api.get("knownClientApplications") or []),
            "mappedClaimsEnabled": bool(api.get("acceptMappedClaims")),
            "oauth2PermissionScopes": [_scope_outputs(scope) for scope in scopes],
            "requestedAccessTokenVersion": api.get("requestedAccessTokenVersion") or 1,
        },
        "appRoleIds": {role["value"]: role["id"] for role in roles if role.get("value")},
        "appRoles": [_role_outputs(role) for role in roles],
        "clientId": found.get("appId") or "",
        "description": found.get("description") or "",
        "deviceOnlyAuthEnabled": bool(found.get("isDeviceOnlyAuthSupported")),
        "disabledByMicrosoft": found.get("disabledByMicrosoftStatus") or "",
        "displayName": found.get("displayName") or "",
        "fallbackPublicClientEnabled": bool(found.get("isFallbackPublicClient")),
        "featureTags": features_of(tags),
        "groupMembershipClaims": claims.split(",") if claims else [],
        "identifierUris": list(found.get("identifierUris") or []),
        "logoUrl": info.get("logoUrl") or "",
        "marketingUrl": info.get("marketingUrl") or "",
        "notes": found.get("notes") or "",
        "oauth2PermissionScopeIds": {scope["value"]: scope["id"] for scope in scopes if scope.get("value")},
        "oauth2PostResponseRequired": bool(post_response_required),
        "objectId": found.get("id") or "",
        "optionalClaims": {
            name: [dict(claim) for claim in (found.get("optionalClaims") or {}).get(wire) or []]
            for name, wire in _CLAIMS.items()
        },
        "owners": owners,
        "privacyStatementUrl": info.get("privacyStatementUrl") or "",
        "publicClient": {"redirectUris": list((found.get("publicClient") or {}).get("redirectUris") or [])},
        "publisherDomain": found.get("publisherDomain") or "",
        "requiredResourceAccesses": [
            {
                "resourceAppId": access.get("resourceAppId"),
                "resourceAccesses": [dict(item) for item in access.get("resourceAccess") or []],
            }
            for access in found.get("requiredResourceAccess") or []
        ],
        "serviceManagementReference": found.get("serviceManagementReference") or "",
        "signInAudience": found.get("signInAudience") or "",
        "singlePageApplication": {"redirectUris": list((found.get("spa") or {}).get("redirectUris") or [])},
        "supportUrl": info.get("supportUrl") or "",
        "tags": tags,
        "templateId": found.get("applicationTemplateId") or "",
        "termsOfServiceUrl": info.get("termsOfServiceUrl") or "",
        "web": {
            "homepageUrl": web.get("homePageUrl") or "",
            "implicitGrant": {
                "accessTokenIssuanceEnabled": bool(grant.get("enableAccessTokenIssuance")),
                "idTokenIssuanceEnabled": bool(grant.get("enableIdTokenIssuance")),
            },
            "logoutUrl": web.get("logoutUrl") or "",
            "redirectUris": list(web.get("redirectUris") or []),
        },
    }


def tags_of(inputs: Properties) -> list[str]:
    """The tags to send: those given, or those that the feature switches stand for."""
    features = inputs.get("featureTags")
    if features and "tags" not in inputs:
        switches = features[0] if isinstance(features, list) else features
        return [tag for name, tag in _FEATURES.items() if switches.get(name)]
    return list(inputs.get("tags") or [])


def features_of(tags: list[str]) -> list[dict[str, bool]]:
    """The feature switches that tags stand for."""
    return [{name: tag in tags for name, tag in _FEATURES.items()}]


def _nullable(inputs: Properties, name: str) -> Any:
    return inputs.get(name) or None


def _redirects(inputs: Properties, name: str) -> list[str]:
    return list((inputs.get(name) or {}).get("redirectUris") or [])


def _role_body(role: dict[str, Any]) -> dict[str, Any]:
    return {
        "allowedMemberTypes": list(role.get("allowedMemberTypes") or []),
        "description": role.get("description"),
        "displayName": role.get("displayName"),
        "id": role.get("id"),
        "isEnabled": bool(role.get("enabled", True)),
        "value": role.get("value") or None,
    }


def _role_outputs(role: dict[str, Any]) -> dict[str, Any]:
    return {
        "allowedMemberTypes": list(role.get("allowedMemberTypes") or []),
        "description": role.get("description") or "",
        "displayName": role.get("displayName") or "",
        "enabled": bool(role.get("isEnabled")),
        "id": role.get("id"),
        "value": role.get("value") or "",
    }


def _scope_body(scope: dict[str, Any]) -> dict[str, Any]:
    return {name: scope.get(name) for name in _SCOPE_TEXTS} | {"isEnabled": bool(scope.get("enabled", True))}


def _scope_outputs(scope: dict[str, Any]) -> dict[str, Any]:
    return {name: scope.get(name) or "" for name in _SCOPE_TEXTS} | {"enabled": bool(scope.get("isEnabled"))}
