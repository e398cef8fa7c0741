"""Something that has lost its other half."""

from typing import Literal

from azure_service_connections.lifecycle.document import Document


class Orphan(Document):
    """An application, a federated credential, a role assignment or a connection without its other half."""

    kind: Literal["application", "federatedCredential", "roleAssignment", "serviceConnection"]
    id: str
    """Object id of an application, `applicationObjectId/credentialId` or a full id in Azure of a federated
    credential, full id of a role assignment, id of a connection."""
    name: str
    organization: str = ""
    """Address of the organization whose connection is gone, or that has the connection."""
    project: str = ""
    reason: str
    """A sentence without its full stop."""
