"""The kinds of findings: what `connections verify` can say of a connection.

Codes are those of Microsoft's pages "Microsoft Entra authentication and authorization error codes",
"Troubleshoot workload identity service connections" and "Troubleshoot Azure RBAC", and the names of Azure
DevOps' exceptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

When = Literal["any", "stack", "before"]


@dataclass(frozen=True)
class Kind:
    """One kind of finding."""

    name: str
    meaning: str
    """What is wrong, as a sentence without its full stop."""
    codes: tuple[str, ...] = ()
    """What a pipeline would be told by it."""
    when: When = "any"
    """`any`: of every connection; `stack`: of one that a stack declares; `before`: before the stack is up."""
    stops: bool = True
    """Whether a job fails by it now."""


_DENIED: Final = "DenyAssignmentAuthorizationFailed"
_NO_ENDPOINT: Final = "ServiceEndpointNotFoundException"

ANY: Final = "the code of the refusal"
"""Stands for any code."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("no-credential", "The identity has no federated credential at all", ("AADSTS70025",)),
            Kind(
                "issuer-differs",
                "No federated credential has the issuer of the connection, byte for byte",
                ("AADSTS700211", "AADSTS7002138"),
            ),
            Kind(
                "audience-differs",
                "No federated credential has the audience of the connection's cloud",
                ("AADSTS700212", "AADSTS7002138"),
            ),
            Kind(
                "subject-differs",
                "No federated credential has the subject of the connection, byte for byte",
                ("AADSTS700213", "AADSTS7002138", "AADSTS7002131"),
            ),
            Kind(
                "old-name",
                "The federated credential still has the name that organization, project or connection had",
                ("AADSTS700213",),
            ),
            Kind(
                "two-credentials",
                "More than one federated credential of the identity has the connection's subject",
                stops=False,
            ),
            Kind("identity-missing", "The directory has no identity of the client id", ("AADSTS700016",)),
            Kind(
                "application-deleted",
                "The application was deleted and can be restored for thirty days",
                ("AADSTS700016",),
            ),
            Kind(
                "no-principal", "The application has no service principal in the tenant", ("AADSTS7000229",)
            ),
            Kind("principal-disabled", "The service principal is disabled", ("AADSTS7000112",)),
            Kind(
                "multi-tenant",
                "The application is multi-tenant, and the connection's issuer is Entra's",
                ("AADSTS70052",),
            ),
            Kind("no-role", "The identity has no role where the connection works", ("AuthorizationFailed",)),
            Kind(
                "role-missing",
                "A role that the stack gives is not there, or is at another scope",
                ("AuthorizationFailed",),
                "stack",
            ),
            Kind(
                "role-elsewhere",
                "The identity has roles, but none that reaches the connection's scope",
                ("AuthorizationFailed",),
            ),
            Kind(
                "role-excludes",
                "The role takes away by its notActions what it gives",
                ("AuthorizationFailed",),
            ),
            Kind(
                "denied",
                "A deny assignment stands against the identity",
                (_DENIED,),
            ),
            Kind(
                "federation-blocked",
                "A policy of the tenant does not let the identity federate with this issuer",
                ("AADSTS700223", "AADSTS700238"),
            ),
            Kind(
                "credential-expired",
                "Every secret (or certificate) of the application has expired",
                ("AADSTS7000222", "AADSTS700027"),
            ),
            Kind(
                "credential-expiring",
                "A secret or certificate expires within the days that are asked for",
                ("AADSTS7000222", "AADSTS700027"),
                stops=False,
            ),
            Kind(
                "no-secret",
                "The application holds no secret (or certificate), and the connection signs in with one",
                ("AADSTS7000215", "AADSTS700027"),
            ),
            Kind(
                "pipeline-not-permitted",
                "A pipeline that has to use the connection is not allowed to",
                ("PipelineValidationException",),
            ),
            Kind(
                "connection-gone",
                "The connection is not there",
                (_NO_ENDPOINT,),
                "stack",
            ),
            Kind("disabled", "The connection is disabled", ("PipelineValidationException",)),
            Kind("not-ready", "The connection is not ready", ("PipelineValidationException",)),
            Kind(
                "wrong-tenant",
                "The connection names another tenant than its identity or its subscription is in",
                ("InvalidAuthenticationTokenTenant", "AADSTS700016", "AADSTS90002"),
            ),
            Kind(
                "wrong-cloud",
                "The connection's environment, address and issuer are not of one cloud",
                ("AADSTS900382", "InvalidAuthenticationToken"),
            ),
            Kind(
                "scope-gone",
                "The subscription or management group of the connection is not there",
                ("SubscriptionNotFound",),
            ),
            Kind("sign-in-refused", "The sign-in is refused, and nothing else explains it", (ANY,)),
            Kind("use-refused", "A run proved that something does not work", (ANY,), "stack"),
            Kind(
                "extra-credential",
                "The identity trusts something that the stack does not say",
                when="stack",
                stops=False,
            ),
            Kind(
                "extra-role", "The identity has a role that the stack does not say", when="stack", stops=False
            ),
            Kind(
                "role-changed",
                "A role's condition is not the one that the stack says",
                when="stack",
                stops=False,
            ),
            Kind(
                "extra-pipeline",
                "A pipeline may use it that the stack does not name",
                when="stack",
                stops=False,
            ),
            Kind(
                "open-to-all",
                "Every pipeline of the project may use it, and the stack does not say so",
                when="stack",
                stops=False,
            ),
            Kind("check-missing", "A check that the stack puts on it is gone", when="stack", stops=False),
            Kind("check-off", "A check that the stack puts on it is switched off", when="stack", stops=False),
            Kind("check-changed", "A check does not ask what the stack says", when="stack", stops=False),
            Kind("extra-check", "It has a check that the stack does not say", when="stack", stops=False),
            Kind("extra-project", "A project has it that the stack does not name", when="stack", stops=False),
            Kind("project-missing", "A project that the stack names does not have it", when="stack"),
            Kind("description-changed", "Its description is not the stack's", when="stack", stops=False),
            Kind("scope-changed", "It is for another scope than the stack says", when="stack"),
            Kind(
                "right-lacking",
                "Who runs `up` lacks a right for it",
                ("Authorization_RequestDenied", "AuthorizationFailed", "AccessCheckException"),
                "before",
            ),
            Kind(
                "not-there",
                "Something that the stack refers to does not exist",
                ("DefinitionNotFoundException", "ProjectDoesNotExistWithNameException"),
                "before",
            ),
            Kind(
                "no-room", "An identity would get more federated credentials than it may hold", when="before"
            ),
        )
    }
)
"""Every kind, by name."""
