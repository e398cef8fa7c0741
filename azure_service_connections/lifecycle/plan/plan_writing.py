"""Writes a plan as YAML for review: short, in one order, with a head that says what the words mean."""

from collections import Counter
from typing import Any, Final, get_args

import yaml
from pydantic import BaseModel

from azure_service_connections.lifecycle.plan.plan_file import Action, Plan

_WIDTH: Final = 110
_ONE_LINE: Final = ("tasks", "unsupported", "unknown", "retire")
_ENTRY_DEPTH: Final = 2
"""How deep the list of entries lies among the writer's indents."""

_HEAD: Final = """\
# What is to be done about service connections that exist: {counts}.
#
# Read it, change what you want otherwise, then run `connections apply` with this file. Nothing else is done.
#
# action      convert         from a secret or a certificate to workload identity federation
#             migrate-issuer  from Azure DevOps' own issuer of tokens to that of Entra ID
#             revert          back to the secret that the connection had before it was converted
#             keep            nothing; take `credential` and `retire` out of an entry that is to be kept
# credential  who places the new federated credential: Azure DevOps (service), this command before the
#             connection changes (place), or the identity's owner on request (handoff)
# retire      what is removed once the new way is proven, nothing unless it is written here:
#             [secrets] all secrets and certificates of the application, [old-credential] the federated
#             credential for Azure DevOps' own issuer
# expects     leave it: it shows that a connection is not what it was when this was written
"""


class _InOneLine(list[Any]):
    """A list that is written in brackets."""


class _Consumer(dict[str, Any]):
    """A map that is written in braces."""


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, and an empty line between entries."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def expect_block_sequence_item(self, first: bool = False) -> None:
        between = not first and isinstance(self.event, yaml.MappingStartEvent)
        if between and len(self.indents) == _ENTRY_DEPTH:
            self.write_line_break()
            self.write_line_break()
        super().expect_block_sequence_item(first)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # What is not to be seen is written as an escape; line ends would be folded away in other styles.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.yaml_implicit_resolvers = {
    first: [each for each in resolvers if not each[0].endswith(":timestamp")]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
"""Times are written without quotes; reading takes them as texts."""

_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    _InOneLine, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
_Dumper.add_representer(
    _Consumer,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True),
)


def write_plan(plan: Plan) -> str:
    """The plan as the text of its file; `read_plan` reads the same plan from it.

    Entries stay in their order. What is not set is not written.
    """
    document = _shaped(plan.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    written = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return f"{_HEAD.format(counts=counts(plan))}\n{written}"


def counts(plan: Plan) -> str:
    """How much is done: `3 convert, 1 keep and 2 removed`."""
    by_action = Counter(entry.action for entry in plan.entries)
    parts = [f"{by_action[action]} {action}" for action in get_args(Action) if by_action[action]]
    if removed := sum(each.action == "remove" for each in plan.removals):
        parts.append(f"{removed} removed")
    if not parts:
        return "nothing"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a part of the file as YAML writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _shaped(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _shaped(each, name) for name, each in value.items()}
    if isinstance(value, list):
        if key in _ONE_LINE:
            return _InOneLine(value)
        if key == "consumers":
            return [_Consumer({name: _shaped(held, name) for name, held in each.items()}) for each in value]
        return [_shaped(each) for each in value]
    return value
