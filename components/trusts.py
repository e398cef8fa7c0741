"""Further trust of a connection's identity: in other issuers than Azure DevOps.

An identity trusts 20 at most, those of its service connections included.
"""

from typing import Any, NotRequired, TypedDict

import pulumi

from azure_service_connections.catalogue import rules

from .federated_credential import FederatedCredential, FederatedCredentialArgs
from .identity import Identity
from .input_check import InputCheck, Rules
from .names import child_name

_RULES: Rules = {
    "issuer": (rules.not_blank, rules.length(600)),
    "subject": (rules.not_blank, rules.length(600)),
    "matching": (rules.not_blank,),
    "audience": (rules.not_blank, rules.length(600)),
    "description": (rules.length(600),),
}


class TrustArgs(TypedDict):
    """Somebody else whose tokens the identity trusts. Exactly one of subject and matching is given."""

    issuer: pulumi.Input[str]
    """Who issues the tokens: the address in their claim `iss`."""
    subject: NotRequired[pulumi.Input[str]]
    """The claim `sub` of the tokens, letter by letter."""
    matching: NotRequired[pulumi.Input[str]]
    """Instead of a subject: an expression over claims, in Entra ID's own language; applications only."""
    audience: NotRequired[pulumi.Input[str]]
    """The claim `aud` of the tokens. Default: that of the connection's cloud."""
    description: NotRequired[pulumi.Input[str]]
    """What it is for, 600 characters at most; managed identities have none. Default: none."""


def make_trusts(
    component: pulumi.ComponentResource,
    name: str,
    trusts: dict[str, TrustArgs],
    identity: Identity,
    audience: str,
) -> None:
    """Register a federated credential for each trust, named by its key."""
    for key, trust in trusts.items():
        given: Any = {"audience": audience, **trust, "credential_name": key}
        if identity.managed_identity_id is not None:
            given["managed_identity_id"] = identity.managed_identity_id
        else:
            given["application_id"] = identity.application_id
        credential: FederatedCredentialArgs = given
        FederatedCredential(
            child_name(name, "trusts", key), credential, pulumi.ResourceOptions(parent=component)
        )


def check_trusts(check: InputCheck, trusts: Any) -> Any:
    """Note the mistakes in trusts; returns them with their outputs checked."""
    if not check.is_map(trusts):
        return trusts
    for key in trusts:
        check.value(str(key), f"trusts.{key}", rules.federated_credential_name)
    return {key: check.group(trust, TrustArgs, _RULES, f"trusts.{key}") for key, trust in trusts.items()}
