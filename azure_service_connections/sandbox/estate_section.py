"""What every section of an estate file has in common.

Keys are written in camelCase. Every id that is not given derives from the seed, so that two sandboxes with
the same file are equal. Names are compared without regard to case wherever the services do so.
"""

import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

AUDIENCE = "api://AzureADTokenExchange"
"""The audience of every token that Azure DevOps issues for a service connection."""


def _guid(value: str) -> str:
    try:
        return str(uuid.UUID(value)) if len(value) == 36 else _refuse(value)
    except ValueError:
        return _refuse(value)


def _refuse(value: str) -> str:
    raise PydanticCustomError(
        "rule", "{problem}", {"problem": f"'{value}' is not a GUID; write 8-4-4-4-12 hexadecimal digits"}
    )


Guid = Annotated[str, AfterValidator(_guid)]
"""A GUID, kept in lower case."""

Name = Annotated[str, Field(min_length=1)]

Days = Annotated[float, Field(ge=0, le=3650)]
"""So many days before the planting."""

LifeInDays = Annotated[int, Field(ge=-3650, le=3650)]
"""Days from the planting, negative for what is over."""


class Section(BaseModel):
    """One mapping of the file: unknown keys are refused, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)
