"""The texts and numbers of a stack's file, each held to a rule of the catalogue."""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
)

from azure_service_connections.catalogue import rules
from azure_service_connections.catalogue.clouds import ENVIRONMENTS
from azure_service_connections.catalogue.identifiers import as_azure_spells
from azure_service_connections.configuration.strictness import held_to

GUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _as_midnight(value: Any) -> Any:
    """A day as the moment at which it starts.

    A date without quotes is a moment for YAML, and the engine hands that over in a form of its own.
    """
    if isinstance(value, str) and (found := _DAY.fullmatch(value)):
        return f"{found[1]}T00:00:00Z"
    return value


_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?: 00:00:00 \+0000 UTC)?")

Guid = Annotated[
    # The services answer ids in lower case; in any other they would show as changes.
    str,
    held_to(rules.guid),
    AfterValidator(str.lower),
    Field(json_schema_extra={"pattern": GUID_PATTERN}),
]
NotBlank = Annotated[str, held_to(rules.not_blank), Field(json_schema_extra={"minLength": 1})]
DisplayName = Annotated[NotBlank, held_to(rules.length(256)), Field(json_schema_extra={"maxLength": 256})]
LongText = Annotated[str, held_to(rules.length(1024)), Field(json_schema_extra={"maxLength": 1024})]
Tagged = Annotated[NotBlank, held_to(rules.length(256)), Field(json_schema_extra={"maxLength": 256})]
ShortText = Annotated[str, held_to(rules.length(600)), Field(json_schema_extra={"maxLength": 600})]
Trusted = Annotated[NotBlank, held_to(rules.length(600)), Field(json_schema_extra={"maxLength": 600})]
CredentialName = Annotated[str, held_to(rules.federated_credential_name)]
Owner = Annotated[str, held_to(rules.owner)]
ManagedIdentityId = Annotated[str, held_to(rules.managed_identity_id)]
ManagedIdentityName = Annotated[str, held_to(rules.managed_identity_name)]
ResourceGroupName = Annotated[str, held_to(rules.resource_group_name)]
ManagementGroupName = Annotated[str, held_to(rules.management_group_name)]
WorkspaceName = Annotated[str, held_to(rules.workspace_name)]
RoleName = Annotated[str, held_to(rules.role)]
RoleScope = Annotated[str, held_to(rules.scope), AfterValidator(as_azure_spells)]
ProjectName = Annotated[str, held_to(rules.project)]
OrganizationUrl = Annotated[str, held_to(rules.organization_url)]
ConnectionName = Annotated[str, held_to(rules.connection_name)]
SecretText = Annotated[
    str,
    held_to(rules.secret),
    WithJsonSchema(
        {
            "description": "A secret, as `pulumi config set --secret --path` writes it.",
            "type": "object",
            "properties": {"secure": {"type": "string", "description": "The secret, encrypted."}},
            "required": ["secure"],
            "additionalProperties": False,
        }
    ),
]
"""A text that a stack's file holds encrypted and the engine hands over in clear."""
PrivateKey = Annotated[SecretText, held_to(rules.private_key)]
CertificateText = Annotated[str, held_to(rules.certificate)]
EndDate = Annotated[str, BeforeValidator(_as_midnight), held_to(rules.end_date)]
Replacement = Annotated[str, held_to(rules.replacement), Field(json_schema_extra={"enum": ["allowed"]})]
WebAppId = Annotated[str, held_to(rules.web_app_id)]
ServerUrl = Annotated[str, held_to(rules.server_url)]
Environment = Annotated[
    str, held_to(rules.environment), Field(json_schema_extra={"enum": list(ENVIRONMENTS)})
]
Generation = Annotated[int, held_to(rules.generation), Field(json_schema_extra={"minimum": 1})]
PipelineId = Annotated[int, held_to(rules.pipeline_id), Field(json_schema_extra={"minimum": 1})]
