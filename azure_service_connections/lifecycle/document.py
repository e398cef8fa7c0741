"""What the lifecycle reads and writes as JSON and YAML: keys in camelCase, nothing unknown."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Document(BaseModel):
    """A part of a document, unchangeable once made."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )

    def as_json(self) -> dict[str, Any]:
        """The part as the values of JSON, keys in camelCase, in the order of the fields."""
        return self.model_dump(mode="json", by_alias=True)
