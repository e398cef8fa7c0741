"""What can have lost its other half, in words."""

from typing import Final

KINDS: Final = {
    "application": "application",
    "federatedCredential": "federated credential",
    "roleAssignment": "role assignment",
    "serviceConnection": "service connection",
}
