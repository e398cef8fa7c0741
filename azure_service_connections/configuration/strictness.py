"""How strictly a stack's file is read."""

from collections.abc import Callable
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

STRICT = ConfigDict(
    strict=True,
    extra="forbid",
    frozen=True,
    alias_generator=to_camel,
    use_attribute_docstrings=True,
)
"""Keys in the spelling of YAML, camelCase; every value of exactly its kind; no key that nothing reads."""


class Model(BaseModel):
    """A group of keys in the spelling of YAML: camelCase, every value of exactly its kind, no other key."""

    model_config = STRICT


def held_to(rule: Callable[[Any], str | None]) -> AfterValidator:
    """Hold a value to a rule of the catalogue, in the rule's own words."""

    def check(value: Any) -> Any:
        if problem := rule(value):
            raise PydanticCustomError("rule", "{problem}", {"problem": problem})
        return value

    return AfterValidator(check)
