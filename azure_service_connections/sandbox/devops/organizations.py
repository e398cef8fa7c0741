"""Organizations and the projects in them."""

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.store import Document


def organization_named(cloud: Cloud, name: str) -> Document:
    """The organization of this name, in any case. Raises 404 where there is none."""
    document = cloud.store.get("organizations", name.lower())
    if document is None:
        raise DevOpsError(
            404,
            "HostDoesNotExistException",
            f"VS800026: The organization {name} does not exist.",
        )
    return document


def project_of(cloud: Cloud, organization: Document, project: str) -> Document:
    """The project with this id or name. Raises 404 in the service's words where there is none."""
    found = find_project(cloud, organization, project)
    if found is not None:
        return found
    if _is_guid(project):
        raise DevOpsError(
            404,
            "ProjectDoesNotExistException",
            f"VS800075: The project with id 'vstfs:///Classification/TeamProject/{project}' does not "
            "exist, or you do not have permission to access it.",
        )
    raise DevOpsError(
        404,
        "ProjectDoesNotExistWithNameException",
        f"TF200016: The following project does not exist: {project}. Verify that the name of the project is "
        "correct and that the project exists on the specified Azure DevOps Server.",
    )


def find_project(cloud: Cloud, organization: Document, project: str) -> Document | None:
    """The project with this id or name (in any case), or None."""
    by_id = cloud.store.get("projects", project.lower())
    if by_id is not None:
        return by_id if by_id["organization"].lower() == organization["name"].lower() else None
    wanted = project.casefold()
    for document in projects_of(cloud, organization):
        if document["name"].casefold() == wanted:
            return document
    return None


def projects_of(cloud: Cloud, organization: Document) -> list[Document]:
    """The organization's projects in order of creation."""
    name = organization["name"].lower()
    return [each for each in cloud.store.find("projects") if each["organization"].lower() == name]


def _is_guid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
