"""The resource types that the rules judge, as the providers' SDKs name them."""

AZURERM_CONNECTION = "azuredevops:index/serviceEndpointAzureRM:ServiceEndpointAzureRM"
GENERIC_CONNECTION = "azuredevops:index/serviceendpointGenericV2:ServiceendpointGenericV2"
CONNECTIONS = (AZURERM_CONNECTION, GENERIC_CONNECTION)

PIPELINE_AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization"
RESOURCE_AUTHORIZATION = "azuredevops:index/resourceAuthorization:ResourceAuthorization"
SECURITY_ROLE = "azuredevops:index/securityroleAssignment:SecurityroleAssignment"
CONNECTION_PERMISSIONS = "azuredevops:index/serviceendpointPermissions:ServiceendpointPermissions"

APPROVAL = "azuredevops:index/checkApproval:CheckApproval"
BRANCH_CONTROL = "azuredevops:index/checkBranchControl:CheckBranchControl"
EXCLUSIVE_LOCK = "azuredevops:index/checkExclusiveLock:CheckExclusiveLock"
REQUIRED_TEMPLATE = "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate"

APPLICATION = "azuread:index/application:Application"
APPLICATION_REGISTRATION = "azuread:index/applicationRegistration:ApplicationRegistration"
APPLICATIONS = (APPLICATION, APPLICATION_REGISTRATION)
SERVICE_PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
APPLICATION_PASSWORD = "azuread:index/applicationPassword:ApplicationPassword"
APPLICATION_CERTIFICATE = "azuread:index/applicationCertificate:ApplicationCertificate"
PRINCIPAL_PASSWORD = "azuread:index/servicePrincipalPassword:ServicePrincipalPassword"
PRINCIPAL_CERTIFICATE = "azuread:index/servicePrincipalCertificate:ServicePrincipalCertificate"
PASSWORDS = (APPLICATION_PASSWORD, PRINCIPAL_PASSWORD)
STANDING_CREDENTIALS = (*PASSWORDS, APPLICATION_CERTIFICATE, PRINCIPAL_CERTIFICATE)

APPLICATION_TRUST = (
    "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
)
FLEXIBLE_TRUST = (
    "azuread:index/applicationFlexibleFederatedIdentityCredential:"
    "ApplicationFlexibleFederatedIdentityCredential"
)
IDENTITY_TRUST = "azure-native:managedidentity:FederatedIdentityCredential"
TRUSTS_BY_SUBJECT = (APPLICATION_TRUST, IDENTITY_TRUST)
TRUSTS = (*TRUSTS_BY_SUBJECT, FLEXIBLE_TRUST)

MANAGED_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
IDENTITIES = (*APPLICATIONS, MANAGED_IDENTITY)
ROLE_DEFINITION = "azure-native:authorization:RoleDefinition"
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
