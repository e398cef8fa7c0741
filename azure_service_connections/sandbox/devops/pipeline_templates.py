"""Templates that pipelines extend: files of repositories, as an estate names them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.store import Document

MAIN = "refs/heads/main"


class Template(NamedTuple):
    """Where a template lies."""

    repository_type: str
    """`git`, the one kind that the sandbox has, or what a pipeline says in its place."""
    repository: str
    """`project/repository`."""
    ref: str
    """The full name of a branch or tag."""
    path: str
    """Its path without a slash in front."""

    def key(self) -> str:
        """What two spellings of the same place have in common."""
        return "|".join(self).lower()


def template_at(kind: str, project: str, repository: str, ref: str, path: str) -> Template:
    """A template; a repository without a project is one of the given project."""
    whole = repository if "/" in repository else f"{project}/{repository}"
    return Template(
        kind.lower(), whole, ref if ref.startswith("refs/") else f"refs/heads/{ref}", path.lstrip("/")
    )


def keep(cloud: Cloud, template: Template, yaml: str) -> None:
    """Put a template into its repository."""
    cloud.store.put("templates", template.key(), {"yaml": yaml})


def text_of(cloud: Cloud, template: Template) -> str | None:
    """What a template says, or None where there is no such file."""
    held = cloud.store.get("templates", template.key())
    return str(held["yaml"]) if held else None


def extended_by(document: Mapping[str, Any], project: Document, branch: str) -> Template | None:
    """The template that a pipeline extends, or None."""
    extends = document.get("extends")
    if not isinstance(extends, Mapping) or not isinstance(extends.get("template"), str):
        return None
    path, _, alias = extends["template"].partition("@")
    name = project["name"]
    if alias in ("", "self"):
        return template_at("git", name, name, branch, path)
    resources = document.get("resources")
    listed = resources.get("repositories") if isinstance(resources, Mapping) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and each.get("repository") == alias:
            ref = str(each.get("ref") or MAIN)
            return template_at(
                str(each.get("type") or "git"), name, str(each.get("name") or alias), ref, path
            )
    return None
