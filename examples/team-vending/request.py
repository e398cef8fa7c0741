"""What a team may ask for, and the reading of its request."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import pulumi
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(min_length=1)]


class Request(BaseModel):
    """A team's file. It says where its pipelines deploy to; it cannot ask for more than that."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    project: Name
    resource_group: Name
    environments: Annotated[list[Name], Field(min_length=1)]
    pipelines: Annotated[list[Name], Field(min_length=1)]
    owners: Annotated[list[Name], Field(min_length=1)]


def read_requests(folder: Path, environments: Iterable[str]) -> dict[str, Request]:
    """The request of every team by the name of its file; all mistakes in all files end the run at once."""
    known = sorted(environments)
    requests: dict[str, Request] = {}
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            request = Request.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except yaml.YAMLError as error:
            mistakes.append(f"{path.name}: is not YAML: {' '.join(str(error).split())}")
            continue
        except ValidationError as error:
            mistakes += [
                f"{path.name}: {'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
                for each in error.errors()
            ]
            continue
        mistakes += [
            f"{path.name}: environments: {each!r} is not one of {', '.join(known)}"
            for each in request.environments
            if each not in known
        ]
        requests[path.stem] = request
    if mistakes:
        raise pulumi.RunError("\n".join(mistakes))
    return requests
