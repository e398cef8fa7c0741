"""Connections in two organizations, each with its own tenant and subscription.

Nothing comes from the environment: every provider says where it works and who it is there, so a connection
can never land in the other tenant by accident.
"""

import pulumi
import pulumi_azure_native as azure_native
import pulumi_azuread as azuread
import pulumi_azuredevops as azuredevops

from azure_service_connections.components import ServiceConnection

config = pulumi.Config()
address = config.require("address")
secrets = config.require_secret_object("secrets")

made = {}
for company, place in config.require_object("companies").items():
    secret, organization_url = secrets[company], f"{address}/{place['organization']}"
    sign_in = {
        "tenant_id": place["tenantId"],
        "client_id": place["clientId"],
        "client_secret": secret["clientSecret"],
    }
    organization = azuredevops.Provider(
        company,
        org_service_url=organization_url,
        personal_access_token=secret["personalAccessToken"],
    )
    directory = azuread.Provider(company, **sign_in)
    azure = azure_native.Provider(company, subscription_id=place["subscription"]["id"], **sign_in)
    there = pulumi.InvokeOptions(provider=organization)
    project = azuredevops.get_project_output(name=place["project"], opts=there)
    pipeline = azuredevops.get_build_definition_output(
        project_id=project.id, name=place["pipeline"], opts=there
    )
    connection = ServiceConnection(
        f"{company}-deploy",
        {
            "project_id": project.id,
            "connection_name": "deploy",
            "app_registration": {"display_name": f"{company} deploy"},
            "subscription": place["subscription"],
            "roles": {"deploy": {"role": "Contributor"}},
            "pipelines": {"deploy": {"id": pipeline.id.apply(int)}},
        },
        pulumi.ResourceOptions(providers=[organization, directory, azure]),
    )
    made[company] = {**connection.summary, "organization": organization_url}

pulumi.export("connections", made)
