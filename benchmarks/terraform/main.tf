# The endpoints and permissions of benchmarks/programs/endpoints, for `terraform apply`.
terraform {
  required_providers {
    azuredevops = {
      source = "microsoft/azuredevops"
    }
  }
}

variable "connections" { type = number }
variable "project" { type = string }
variable "pipeline" { type = string }
variable "subscription" { type = string }
variable "tenant" { type = string }
variable "client" { type = string }

data "azuredevops_project" "project" {
  name = var.project
}

data "azuredevops_build_definition" "pipeline" {
  project_id = data.azuredevops_project.project.id
  name       = var.pipeline
}

resource "azuredevops_serviceendpoint_azurerm" "connection" {
  count                                  = var.connections
  project_id                             = data.azuredevops_project.project.id
  service_endpoint_name                  = format("connection-%04d", count.index)
  description                            = "Measured"
  service_endpoint_authentication_scheme = "WorkloadIdentityFederation"
  azurerm_spn_tenantid                   = var.tenant
  azurerm_subscription_id                = var.subscription
  azurerm_subscription_name              = "Measured"
  credentials {
    serviceprincipalid = var.client
  }
}

resource "azuredevops_pipeline_authorization" "pipeline" {
  count       = var.connections
  project_id  = data.azuredevops_project.project.id
  resource_id = azuredevops_serviceendpoint_azurerm.connection[count.index].id
  type        = "endpoint"
  pipeline_id = data.azuredevops_build_definition.pipeline.id
}
