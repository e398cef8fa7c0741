"""How a connection signs in with something secret: a client secret or a certificate.

A federated credential is the default and needs neither. What is secret is a secret in the state from the
moment it is read, whether the caller marked it or not, and no message shows it.
"""

from typing import Any, NamedTuple, NotRequired, TypedDict

import pulumi
import pulumi_azuread as azuread

from azure_service_connections.catalogue import rules

from .client_secret import ClientSecret
from .identity import Identity
from .input_check import InputCheck, Rules
from .names import child_name

_SECRET_RULES: Rules = {
    "value": (rules.secret,),
    "generation": (rules.generation,),
    "expires": (rules.end_date,),
}
_CERTIFICATE_RULES: Rules = {"certificate": (rules.certificate,), "private_key": (rules.private_key,)}


class SecretArgs(TypedDict):
    """A client secret: made here for an application that is made here, or that of an existing one."""

    value: NotRequired[pulumi.Input[str]]
    """The secret of a service principal that exists already."""
    generation: NotRequired[int]
    """Starts at 1; counting it up by one makes the next secret, the one before stays. Default: 1."""
    expires: NotRequired[pulumi.Input[str]]
    """When this generation ends, as 2027-01-31T00:00:00Z; a new date goes with a new generation."""


class CertificateArgs(TypedDict):
    """A certificate and its private key, both in PEM form."""

    certificate: pulumi.Input[str]
    """The certificate alone; an application that is made here gets it."""
    private_key: pulumi.Input[str]
    """Its private key, which only Azure DevOps gets."""


class CredentialArgs(TypedDict):
    """What a connection signs in with where it is not a federated credential: exactly one of the two."""

    secret: NotRequired[SecretArgs]
    """A client secret."""
    certificate: NotRequired[CertificateArgs]
    """A certificate."""


class SignIn(NamedTuple):
    """How Azure DevOps signs in for a connection."""

    scheme: str
    """What Azure DevOps calls it."""
    tenant_id: pulumi.Input[str]
    client_id: pulumi.Output[str] | None = None
    """Client id of the identity, unless Azure DevOps makes it or there is none."""
    key: pulumi.Output[str] | None = None
    certificate: pulumi.Output[str] | None = None
    """Private key and certificate, one after the other in PEM form."""
    publish_profile: pulumi.Input[str] | None = None

    @property
    def automatic(self) -> bool:
        """Whether Azure DevOps makes the identity."""
        return self.client_id is None and self.scheme in (FEDERATED, WITH_SECRET)


FEDERATED = "WorkloadIdentityFederation"
WITH_SECRET = "ServicePrincipal"
AS_AGENT = "ManagedServiceIdentity"
WITH_PUBLISH_PROFILE = "PublishProfile"


def sign_in_of(
    component: pulumi.ComponentResource, name: str, identity: Identity, credential: CredentialArgs | None
) -> SignIn:
    """How a connection signs in as an identity; what an application made here needs for it is made too."""
    if not credential:
        return SignIn(FEDERATED, identity.tenant_id, identity.client_id)
    if (secret := credential.get("secret")) is not None:
        key = secret.get("value")
        if key is None:
            assert identity.application_id is not None, "the check lets no secret of another identity through"
            key = ClientSecret(
                name,
                {
                    "application_id": identity.application_id,
                    "generation": secret.get("generation") or 1,
                    "expires": secret["expires"],
                },
                pulumi.ResourceOptions(parent=component, deleted_with=identity.application),
            ).value
        return SignIn(WITH_SECRET, identity.tenant_id, identity.client_id, key=pulumi.Output.secret(key))
    certificate = credential["certificate"]
    if identity.application is not None and identity.application_id is not None:
        azuread.ApplicationCertificate(
            child_name(name),
            application_id=identity.application_id,
            type="AsymmetricX509Cert",
            value=certificate["certificate"],
            opts=pulumi.ResourceOptions(parent=component, deleted_with=identity.application),
        )
    return SignIn(
        WITH_SECRET,
        identity.tenant_id,
        identity.client_id,
        certificate=pulumi.Output.secret(
            pulumi.Output.all(certificate["private_key"], certificate["certificate"]).apply(
                _one_after_another
            )
        ),
    )


def check_credential(check: InputCheck, args: CredentialArgs) -> CredentialArgs:
    """Note the mistakes in a credential; returns it with its outputs checked and its secrets marked."""
    checked: dict[str, Any] = check.group(args, CredentialArgs, {}, "credential")
    if not check.is_map(args):
        return args
    if (secret := args.get("secret")) is not None and check.is_map(secret):
        check.known_now(secret, ("generation",), "credential.secret")
        checked["secret"] = _marked(
            check.group(secret, SecretArgs, _SECRET_RULES, "credential.secret"), "value"
        )
    if check.is_map(certificate := args.get("certificate")):
        checked["certificate"] = _marked(
            check.group(certificate, CertificateArgs, _CERTIFICATE_RULES, "credential.certificate"),
            "private_key",
        )
    return checked  # type: ignore[return-value]


def _marked(group: dict[str, Any], name: str) -> dict[str, Any]:
    return {**group, name: pulumi.Output.secret(group[name])} if group.get(name) is not None else group


def _one_after_another(parts: list[str]) -> str:
    return "".join(f"{part.strip()}\n" for part in parts)
