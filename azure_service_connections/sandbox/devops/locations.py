"""What a client asks before anything else: the addresses of the resources, areas, and who it is."""

from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.access import caller_of, page_of_sign_in
from azure_service_connections.sandbox.devops.errors import invalid
from azure_service_connections.sandbox.devops.organizations import organization_named
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes


@dataclass(frozen=True)
class Location:
    """One resource as `OPTIONS /{organization}/_apis` lists it; clients need all eight fields."""

    id: str
    area: str
    name: str
    template: str
    version: int = 1
    minimum: str = "1.0"
    released: str = "7.1"

    def document(self) -> dict[str, Any]:
        """The location on the wire."""
        return {
            "id": self.id,
            "area": self.area,
            "resourceName": self.name,
            "routeTemplate": self.template,
            "resourceVersion": self.version,
            "minVersion": self.minimum,
            "maxVersion": "7.2",
            "releasedVersion": self.released,
        }


_JOB = "{scopeIdentifier}/_apis/{area}/hubs/{hubName}/plans/{planId}/jobs/{jobId}/{resource}"

LOCATIONS: Final = (
    Location("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}",
             1, "3.2", "0.0"),
    Location("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "Location", "ConnectionData", "_apis/{resource}",
             1, "1.0", "0.0"),
    Location("14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0", "serviceendpoint", "endpoints",
             "_apis/{area}/{resource}/{endpointId}", 4, "5.2"),
    Location("e85f1c62-adfc-4b74-b618-11a150fb195e", "serviceendpoint", "endpoints",
             "{project}/_apis/{area}/{resource}/{endpointId}", 4, "4.1"),
    Location("cc63bb57-2a5f-4a7a-b79c-c142d308657e", "serviceendpoint", "endpointproxy",
             "{project}/_apis/{area}/{resource}", 1, "4.1"),
    Location("10a16738-9299-4cd1-9a81-fd23ad6200d0", "serviceendpoint", "executionhistory",
             "{project}/_apis/{area}/{endpointId}/{resource}", 1, "4.1"),
    Location("5a7938a4-655e-486c-b562-b78c54a7e87b", "serviceendpoint", "types", "_apis/{area}/{resource}",
             1, "4.1"),
    Location("b5b9a4a4-e6cd-4096-853c-ab7d8b0c4eb2", "pipelinePermissions", "pipelinePermissions",
             "{project}/_apis/pipelines/{resource}/{resourceType}/{resourceId}", 1, "5.1", "0.0"),
    Location("86c8381e-5aee-4cde-8ae4-25c0c7f5eaea", "PipelinesChecks", "configurations",
             "{project}/_apis/pipelines/checks/{resource}/{id}", 1, "5.1", "0.0"),
    Location("37794717-f36f-4d78-b2bf-4dc30d0cfbcd", "pipelinesApproval", "approvals",
             "{project}/_apis/pipelines/{resource}/{approvalId}", 1, "5.1"),
    Location("9461c234-c84c-4ed2-b918-2f0f92ad0a35", "securityroles", "roleassignments",
             "_apis/{area}/scopes/{scopeId}/{resource}/resources/{resourceId}/{userId}", 1, "3.0", "0.0"),
    Location("f4cc9a86-453c-48d2-b44d-d3bd5c105f4f", "securityroles", "roledefinitions",
             "_apis/{area}/scopes/{scopeId}/{resource}", 1, "3.0", "0.0"),
    Location("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "core", "projects", "_apis/{resource}/{*projectId}", 4),
    Location("93878975-88c5-4e6a-8abb-7ddd77a8a7d8", "core", "processes",
             "_apis/process/{resource}/{*processId}"),
    Location("9a1b74b4-2ca8-4a9f-8470-c2f2e6fdc949", "operations", "operations",
             "_apis/{resource}/{operationId}"),
    Location("2b4486ad-122b-400c-ae65-17b6672c1f9d", "FeatureManagement", "FeatureStatesQuery",
             "_apis/{area}/{resource}", 1, "3.1", "0.0"),
    Location("ce7b9f95-fde9-4be8-a86d-83b366f0b87a", "Security", "SecurityNamespaces",
             "_apis/{resource}/{securityNamespaceId}"),
    Location("18a2ad18-7571-46ae-bec7-0c7da1495885", "Security", "AccessControlLists",
             "_apis/{resource}/{securityNamespaceId}"),
    Location("ac08c8ff-4323-4b08-af90-bcd018d380ce", "Security", "AccessControlEntries",
             "_apis/{resource}/{securityNamespaceId}"),
    Location("28010c54-d0c0-4c89-a5b0-1c9e188b9fb7", "IMS", "Identities", "_apis/{resource}/{identityId}"),
    Location("5966283b-4196-4d57-9211-1b68f41ec1c2", "IMS", "Groups", "_apis/{resource}/{groupId}"),
    Location("dbeaf647-6167-421a-bda9-c9327b25e2e6", "build", "Definitions",
             "{project}/_apis/{area}/{resource}/{definitionId}", 7, "2.0"),
    Location("28e1305e-2afe-47bf-abaf-cbb0e6a91988", "pipelines", "pipelines",
             "{project}/_apis/{resource}/{pipelineId}", 1, "5.1"),
    Location("7859261e-d2e9-4a68-b820-a5d84cc5bb3d", "pipelines", "runs",
             "{project}/_apis/pipelines/{pipelineId}/{resource}/{runId}", 1, "5.1"),
    Location("69a319f4-28c1-4bfd-93e6-ea0ff5c6f1a2", "distributedtask", "oidctoken", _JOB, 1, "7.1"),
)  # fmt: skip
"""Ids, templates and versions as recorded from the real service; a client refuses calls that are not here."""

ROUTES = Routes()

_PREVIEW_ONLY: Final = ("/_apis/pipelines/pipelinepermissions", "/_apis/pipelines/checks/", "/_apis/public/")
_VERSION_PREFIX: Final = "api-version="


@ROUTES.add("OPTIONS", "/{organization}/_apis")
def list_locations(cloud: Cloud, request: Request, organization: str) -> Response:
    """The resources of the organization and where they are."""
    organization_named(cloud, organization)
    return Response(body={"count": len(LOCATIONS), "value": [each.document() for each in LOCATIONS]})


@ROUTES.get("/{organization}/_apis/ResourceAreas")
def list_areas(cloud: Cloud, request: Request, organization: str) -> Response:
    """No areas, as on a server of one's own: every client then stays at the organization's own address."""
    organization_named(cloud, organization)
    return Response(body={"count": 0, "value": []})


@ROUTES.get("/{organization}/_apis/ResourceAreas/{area}")
def show_area(cloud: Cloud, request: Request, organization: str, area: str) -> Response:
    """`null`: an area without an address of its own."""
    organization_named(cloud, organization)
    return Response(null=True)


@ROUTES.get("/{organization}/_apis/connectionData")
def show_connection(cloud: Cloud, request: Request, organization: str) -> Response:
    """Who the caller is."""
    document = organization_named(cloud, organization)
    caller = caller_of(cloud, request, document)
    account = f"{document['tenantId']}\\{caller.unique_name}"
    user = {
        "id": caller.identity(cloud, document)["id"],
        "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;{account}",
        "subjectDescriptor": caller.identity(cloud, document)["descriptor"],
        "providerDisplayName": caller.name,
        "isActive": True,
        "properties": {"Account": {"$type": "System.String", "$value": caller.unique_name}},
    }
    return Response(
        body={
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": document["id"],
            "deploymentId": document["id"],
            "deploymentType": "hosted",
        }
    )


@ROUTES.get("/{organization}/_signin")
def show_sign_in(cloud: Cloud, request: Request, organization: str) -> Response:
    """The page to which callers without a token are sent."""
    return page_of_sign_in()


def check_version(request: Request) -> None:
    """Refuse a request that must name an API version and does not.

    The version comes in the query or in the Accept header. Writing needs one; resources that were never
    released need the `-preview` flag as well. Raises 400 in the service's words.
    """
    version = request.argument("api-version") or _accepted_version(request)
    if not version:
        if request.method in ("POST", "PUT", "PATCH"):
            raise invalid(
                f'No api-version was supplied for the "{request.method}" request. The version must be '
                "supplied "
                'either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a '
                "query "
                'parameter (e.g. "?api-version=1.0").',
                "VssVersionNotSpecifiedException",
            )
        return
    if "-preview" not in version and any(part in request.path.lower() for part in _PREVIEW_ONLY):
        raise invalid(
            f'The requested version "{version}" of the resource is under preview. The -preview flag must be '
            f'supplied in the api-version for such requests. For example: "{version}-preview"',
            "VssInvalidPreviewVersionException",
        )


def _accepted_version(request: Request) -> str:
    for part in request.header("Accept").split(";"):
        if part.strip().lower().startswith(_VERSION_PREFIX):
            return part.strip()[len(_VERSION_PREFIX) :].split(",")[0].strip()
    return ""
