"""The shape of a component's inputs, read from the TypedDict that declares them.

A TypedDict checks nothing at run time and a component host drops keys that it does not know, so a misspelt
key would vanish without a word. What is read here serves both: finding such keys, and writing inputs into
the state in the spelling of the schema.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, NotRequired, Union, get_args, get_origin, is_typeddict

_HIDDEN = frozenset({"value", "privateKey", "credential", "publishProfile"})


class Field(NamedTuple):
    """One declared input."""

    python_name: str
    schema_name: str
    """The name in the schema, in the state and in every message: camelCase."""
    required: bool
    kind: type
    """str, int, bool, list or dict."""
    group: type | None
    """The TypedDict of the value, or of each value of a map."""
    keyed: bool
    """Whether the value is a map whose keys the caller chooses."""


def schema_name(python_name: str) -> str:
    """`managed_identity` as the schema spells it: `managedIdentity`."""
    first, *others = python_name.split("_")
    return first + "".join(part.capitalize() for part in others)


def is_hidden(path: str) -> bool:
    """Whether a secret stands at a path, or may stand there by mistake: no message shows what it holds."""
    return any(part in _HIDDEN for part in path.split("."))


@cache
def fields(declared: type) -> Mapping[str, Field]:
    """The declared inputs of a TypedDict by their name in Python."""
    required: frozenset[str] = getattr(declared, "__required_keys__", frozenset())
    # Unevaluated: `pulumi.Input` holds a reference to Output by name, which no other module can resolve.
    return {
        name: _field(name, _plain(hint), name in required) for name, hint in declared.__annotations__.items()
    }


def in_schema_spelling(given: Mapping[str, Any], declared: type) -> dict[str, Any]:
    """Inputs as the state is to hold them: declared names in camelCase, the caller's own keys untouched."""
    known = fields(declared)
    spelled: dict[str, Any] = {}
    for name, value in given.items():
        field = known.get(name)
        if field is None:
            spelled[name] = value
        elif field.group is not None and isinstance(value, Mapping):
            group = field.group
            spelled[field.schema_name] = (
                {key: _entry(entry, group) for key, entry in value.items()}
                if field.keyed
                else in_schema_spelling(value, group)
            )
        else:
            spelled[field.schema_name] = value
    return spelled


def _entry(value: Any, group: type) -> Any:
    return in_schema_spelling(value, group) if isinstance(value, Mapping) else value


def _field(name: str, hint: Any, required: bool) -> Field:
    if is_typeddict(hint):
        return Field(name, schema_name(name), required, dict, hint, False)
    origin = get_origin(hint)
    if origin is dict:
        value = _plain(get_args(hint)[1])
        return Field(name, schema_name(name), required, dict, value if is_typeddict(value) else None, True)
    return Field(name, schema_name(name), required, origin or hint, None, False)


def _plain(hint: Any) -> Any:
    """The type of the value itself where an input may also be awaited or an output."""
    if get_origin(hint) is NotRequired:
        hint = get_args(hint)[0]
    return get_args(hint)[0] if get_origin(hint) is Union else hint
