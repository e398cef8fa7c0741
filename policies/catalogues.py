"""The public catalogues of controls that the rules are compared with, and what no stack can tell."""

from typing import NamedTuple


class Catalogue(NamedTuple):
    """A catalogue, and its controls that speak of service connections."""

    name: str
    source: str
    controls: tuple[str, ...]


def _of(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{name}" for name in names)


CATALOGUES = (
    Catalogue(
        "ADOScanner",
        "`azsk/ADOScanner`, ADO.ServiceConnection.json: all controls of service connections.",
        _of(
            "ADO_ServiceConnection_",
            "AuthN_Use_Cert_Auth_for_SPN",
            "AuthN_Use_Secure_Auth_Method",
            "AuthZ_Disable_Inherited_Permissions",
            "AuthZ_Dont_Allow_Global_Groups",
            "AuthZ_Dont_Grant_All_Pipelines_Access",
            "AuthZ_Dont_Grant_BuildSvcAcct_Permission",
            "AuthZ_Dont_Use_Classic_Connections",
            "AuthZ_Enable_Branch_Control",
            "AuthZ_Restrict_Broader_Group_Access",
            "AuthZ_Use_Least_Privilege_Access",
            "Audit_Usage_History",
            "Cannot_Use_Disallowed_Environment",
            "DP_Review_Inactive_Connection",
            "DP_Use_Template_From_Protected_Branch",
            "Dont_Grant_Broader_Group_Access_As_Approvers",
            "SI_Dont_Share_Across_Projects",
            "SI_Review_Pipeline_Sharing",
        ),
    ),
    Catalogue(
        "PSRule.Rules.AzureDevOps",
        "`cloudyspells/PSRule.Rules.AzureDevOps`: the rules of service connections.",
        (*_of("ADO-SC-", *(f"{number:03}" for number in range(1, 11))), "ADO-PRJ-003"),
    ),
    Catalogue(
        "OWASP Top 10 CI/CD Security Risks",
        "`OWASP/www-project-top-10-ci-cd-security-risks`: the risks that a connection has a part in.",
        _of("CICD-SEC-", "1", "2", "4", "5", "6", "7", "8", "10"),
    ),
    Catalogue(
        "Checkov, Prowler and Azure Policy",
        "Their rules of roles, applications and federated credentials that fit an identity for pipelines.",
        (
            "CKV_AZURE_39",
            "entra_app_registration_client_secret_unused",
            "iam_role_user_access_admin_restricted",
            "iam_subscription_roles_owner_custom_not_created",
            "2571b7c3-3056-4a61-b00a-9bc5232234f5",
        ),
    ),
)
"""The catalogues, each with its controls."""

_NO_RESOURCE = "none: the provider has no resource that says whether rights are inherited"
_LIVE = "none: only the organization knows when a connection was last used"

LEFT_OUT = {
    "ADO_ServiceConnection_AuthZ_Disable_Inherited_Permissions": _NO_RESOURCE,
    "ADO_ServiceConnection_Audit_Usage_History": _LIVE,
    "ADO_ServiceConnection_DP_Review_Inactive_Connection": _LIVE,
    "ADO-SC-008": "none: it speaks of connections to GitHub",
    "ADO-SC-009": _NO_RESOURCE,
    "ADO-PRJ-003": _NO_RESOURCE,
    "CICD-SEC-8": "none: which tasks a pipeline runs is in its file, not in a stack",
    "CICD-SEC-10": _LIVE,
}
"""Why a control has no rule."""
