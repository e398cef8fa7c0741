"""The pipelines of a mixed estate: their YAML, with the tasks that use a connection."""

from random import Random
from typing import Any, Final

_SUPPORTED: Final = (
    """- task: AzureCLI@2
  displayName: Deploy {what}
  inputs:
    azureSubscription: {connection}
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: az deployment group create --resource-group {group} --template-file main.bicep
""",
    """- task: AzureResourceManagerTemplateDeployment@3
  displayName: Deploy {what}
  inputs:
    azureResourceManagerConnection: {connection}
    deploymentScope: Resource Group
    resourceGroupName: {group}
    location: westeurope
    csmFile: main.json
""",
    """- task: AzurePowerShell@5
  displayName: Roll {what} out
  inputs:
    azureSubscription: {connection}
    ScriptType: FilePath
    ScriptPath: deploy.ps1
    azurePowerShellVersion: LatestVersion
""",
    """- task: AzureWebApp@1
  displayName: Publish {what}
  inputs:
    azureSubscription: {connection}
    appName: app-{group}
    package: $(Pipeline.Workspace)/**/*.zip
""",
    """- task: AzureKeyVault@2
  displayName: Read the secrets of {what}
  inputs:
    azureSubscription: {connection}
    KeyVaultName: kv-{group}
    SecretsFilter: '*'
""",
)

_UNSUPPORTED: Final = (
    """- task: AzureFileCopy@4
  displayName: Copy the files of {what}
  inputs:
    SourcePath: $(Build.ArtifactStagingDirectory)/*
    azureSubscription: {connection}
    Destination: AzureBlob
    storage: st{group}
    ContainerName: files
""",
    """- task: AzureNLBManagement@1
  displayName: Take {what} out of the load balancer
  inputs:
    ConnectedServiceName: {connection}
    ResourceGroupName: {group}
    LoadBalancer: lb-{group}
    Action: Disconnect
""",
    """- task: AzureCloudPowerShellDeployment@1
  displayName: Deploy the cloud service of {what}
  inputs:
    azureClassicConnection: {connection}
    azureSubscription: {connection}
    StorageAccount: stclassic
    ServiceName: {group}
    ServiceLocation: West Europe
    CsPkg: service.cspkg
    CsCfg: service.cscfg
""",
)


def add_pipelines(
    random: Random, area: str, slug: str, group: str, connections: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The pipelines of a project, written into its connections: who may use each, and when it was used."""
    pipelines: list[dict[str, Any]] = []
    for position, connection in enumerate(connections):
        if position % 11 == 10:
            continue  # nobody uses this one
        used = [connection, connections[position - 1]] if position % 6 == 5 else [connection]
        name = connection["name"]
        if position % 5 == 4:
            text = _parameterised(name, group)
        else:
            what = name.removeprefix(f"{slug}-").replace("-", " in ")
            text = _deployment(
                random, [each["name"] for each in used], what, group, supported=random.random() > 0.12
            )
        pipelines.append({"name": f"deploy-{name}", "yaml": text})
        for each in used:
            each.setdefault("pipelines", []).append(f"deploy-{name}")
        if random.random() < 0.8:
            recent = random.random() < 0.7
            days = random.uniform(0.1, 20) if recent else random.uniform(90, 700)
            connection["lastUsedDaysAgo"] = round(days, 1)
    for connection in connections:
        if random.random() < 0.08:
            connection["pipelines"] = "all"
    pipelines.append({"name": f"test-{slug}", "yaml": _without_azure(area)})
    return pipelines


def _deployment(random: Random, connections: list[str], what: str, group: str, *, supported: bool) -> str:
    """A pipeline that deploys something through its connections, one job each."""
    lines = ["trigger: {branches: {include: [main]}}", "pool: {vmImage: ubuntu-latest}", "jobs:"]
    for position, connection in enumerate(connections):
        tasks = _SUPPORTED if supported or position else _UNSUPPORTED
        step = random.choice(tasks).format(connection=connection, what=what, group=group)
        lines += [f"  - job: deploy_{position + 1}", "    steps:", "      - checkout: self"]
        lines += [f"      {line}" for line in step.rstrip().splitlines()]
    return "\n".join(lines) + "\n"


def _parameterised(connection: str, group: str) -> str:
    """A pipeline whose connection is a parameter, with a default."""
    return f"""trigger: none
parameters:
  - name: serviceConnection
    type: string
    default: {connection}
pool: {{vmImage: ubuntu-latest}}
steps:
  - task: AzureCLI@2
    displayName: Show what would change
    inputs:
      azureSubscription: ${{{{ parameters.serviceConnection }}}}
      scriptType: bash
      scriptLocation: inlineScript
      inlineScript: az deployment group what-if --resource-group {group} --template-file main.bicep
"""


def _without_azure(what: str) -> str:
    """A pipeline that uses no connection."""
    return f"""trigger: {{branches: {{include: ['*']}}}}
pool: {{vmImage: ubuntu-latest}}
steps:
  - script: make test
    displayName: Test {what}
"""
