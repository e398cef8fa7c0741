"""What a stack may write about how a connection signs in where no federated credential does."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from azure_service_connections.configuration.strictness import Model
from azure_service_connections.configuration.values import (
    CertificateText,
    CredentialName,
    EndDate,
    Generation,
    PrivateKey,
    SecretText,
    ShortText,
)


class Secret(Model):
    """A client secret: made here for an application that is made here, or that of an existing one."""

    value: SecretText | None = None
    """The secret of a service principal that exists already."""
    generation: Generation | None = None
    """Starts at 1; counting it up by one makes the next secret, the one before stays. Default: 1."""
    expires: EndDate | None = None
    """When this generation ends, as 2027-01-31T00:00:00Z; a new date goes with a new generation."""


class Certificate(Model):
    """A certificate and its private key, both in PEM form."""

    certificate: CertificateText
    """The certificate alone; an application that is made here gets it."""
    private_key: PrivateKey
    """Its private key, which only Azure DevOps gets."""


class Credential(Model):
    """What a connection signs in with where it is not a federated credential: exactly one of the two."""

    secret: Secret | None = None
    """A client secret."""
    certificate: Certificate | None = None
    """A certificate."""


class OwnCredential(Model):
    """The federated credential that trusts the connection, where it existed before."""

    name: CredentialName | None = None
    """Its name. Default: made from the connection's id."""
    description: ShortText | None = None
    """What it is for; managed identities have none. Default: names the connection."""


def _form_of_credential(value: Any) -> str | None:
    if isinstance(value, str):
        return "federated"
    return "made" if isinstance(value, dict | Credential) else None


SignIn = Annotated[
    Annotated[Literal["federated"], Tag("federated")] | Annotated[Credential, Tag("made")],
    Discriminator(_form_of_credential),
]
"""How a connection signs in: `federated`, or a secret or a certificate."""
