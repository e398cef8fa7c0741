"""What the azuread provider sends to make an application: the plugin sends it, the sandbox takes it."""

from typing import Any


def as_the_azuread_provider_sends_it(*owners: str, **changes: Any) -> dict[str, Any]:
    """The body of a create, with the annotations and explicit nulls of that client."""
    return {
        "@odata.type": "#microsoft.graph.application",
        "api": {
            "acceptMappedClaims": False,
            "knownClientApplications": [],
            "oauth2PermissionScopes": [],
            "requestedAccessTokenVersion": 1,
        },
        "appRoles": [],
        "description": None,
        "displayName": "app1",
        "groupMembershipClaims": None,
        "identifierUris": [],
        "info": {
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "isDeviceOnlyAuthSupported": False,
        "isFallbackPublicClient": False,
        "notes": None,
        "optionalClaims": {},
        "owners@odata.bind": list(owners),
        "publicClient": {"redirectUris": []},
        "requiredResourceAccess": [],
        "serviceManagementReference": "smr",
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "tags": ["pulumi:project/stack/app1"],
        "web": {
            "homePageUrl": None,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "logoutUrl": None,
            "redirectUris": [],
        },
        **changes,
    }
