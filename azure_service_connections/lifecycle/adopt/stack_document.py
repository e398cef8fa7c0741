"""Adds connections to a stack's file and leaves everything else in it as it stands, comments included."""

import json
from collections.abc import Sequence
from typing import Any, Final

import yaml

from azure_service_connections.configuration import connection_files
from azure_service_connections.configuration.loader import NAMESPACE
from azure_service_connections.configuration.mistakes import ROOT
from azure_service_connections.lifecycle.adopt.candidate import Candidate
from azure_service_connections.lifecycle.errors import LifecycleError

KEY: Final = f"{NAMESPACE}:{ROOT}"
FILES_KEY: Final = f"{NAMESPACE}:{connection_files.KEY}"
_WIDTH: Final = 110
_STEP: Final = 2


class _Plain(yaml.SafeDumper):
    """Writes lists with their dashes below their key's first letter and two more, without aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent what stands in a list, as the stacks of this project do."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: each connection is to be read and changed by itself."""
        return True


def entry_text(candidate: Candidate) -> str:
    """One connection as it is written under `connections:`, without indentation."""
    text = yaml.dump(
        {candidate.key: candidate.entry},
        Dumper=_Plain,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        indent=_STEP,
    )
    return "".join(f"{line}\n" for line in _with_names(text.splitlines(), candidate))


def existing_keys(text: str, where: str) -> tuple[str, ...]:
    """The keys of the connections that a stack's file has. LifecycleError where it cannot be read."""
    node = _value(_config(_compose(text, where), where), KEY)
    if not isinstance(node, yaml.MappingNode):
        return ()
    return tuple(str(key.value) for key, _ in node.value)


def with_connections(text: str, candidates: Sequence[Candidate], where: str) -> str:
    """The text of a stack's file with connections added behind those that it has.

    `where` names the file in errors. LifecycleError where the text is no stack's file.
    """
    root = _compose(text, where)
    config = _config(root, where)
    connections = _value(config, KEY)
    entries = "".join(entry_text(each) for each in candidates)
    if connections is not None and not isinstance(connections, yaml.MappingNode) and connections.value:
        raise LifecycleError(f"{where} holds no map `{KEY}`; write one, as in stacks/Pulumi.dev.yaml.")
    if isinstance(connections, yaml.MappingNode) and connections.value:
        written = _inside(text, connections, entries, candidates)
    elif connections is not None:
        written = _instead(text, connections, entries, _depth(config, KEY))
    else:
        written = _in_config(text, root, config, f"{KEY}:\n{_indented(entries, _STEP)}")
    held = (_plain(text).get("config") or {}).get(KEY) or {}
    _prove(text, written, KEY, {**held, **{each.key: each.entry for each in candidates}}, where)
    return written


def with_file_pattern(text: str, pattern: str, where: str) -> str:
    """The text of a stack's file that names connections in files of their own by a pattern.

    LifecycleError where the text is no stack's file, or names other files and not these.
    """
    root = _compose(text, where)
    config = _config(root, where)
    named = _value(config, FILES_KEY)
    if isinstance(named, yaml.SequenceNode) and any(each.value == pattern for each in named.value):
        return text
    if named is not None:
        raise LifecycleError(f"{where}: add {pattern!r} to `{FILES_KEY}`, where the connections will be.")
    written = _in_config(text, root, config, f"{FILES_KEY}: [{pattern}]\n")
    _prove(text, written, FILES_KEY, [pattern], where)
    return written


def file_text(candidates: Sequence[Candidate]) -> str:
    """The text of a file of connections."""
    return f"{ROOT}:\n{_indented(''.join(entry_text(each) for each in candidates), _STEP)}"


def _in_config(text: str, root: yaml.Node | None, config: yaml.Node | None, addition: str) -> str:
    """Add a key to `config:`, which may be empty or not there yet."""
    if isinstance(config, yaml.MappingNode) and config.value:
        return _behind(text, config, addition)
    if config is not None:
        return _instead(text, config, addition, _depth(root, "config"))
    before = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{before}config:\n{_indented(addition, _STEP)}"


def _plain(text: str) -> dict[str, Any]:
    return yaml.safe_load(text) or {}


def _inside(text: str, node: yaml.MappingNode, entries: str, candidates: Sequence[Candidate]) -> str:
    if node.flow_style:
        end = node.end_mark.index - 1
        more = ", ".join(
            f"{json.dumps(each.key)}: {json.dumps(each.entry, ensure_ascii=False)}" for each in candidates
        )
        before = text[:end].rstrip()
        return f"{before.removesuffix(',')}, {more}{text[end:]}"
    return _behind(text, node, entries)


def _behind(text: str, node: yaml.MappingNode, addition: str) -> str:
    """Add lines behind the last value of a map, as deep as its keys."""
    end = _end_of(node)
    line_end = text.find("\n", end)
    head = text if line_end < 0 else text[: line_end + 1]
    tail = "" if line_end < 0 else text[line_end + 1 :]
    if not head.endswith("\n"):
        head += "\n"
    return f"{head}{_indented(addition, node.value[0][0].start_mark.column)}{tail}"


def _instead(text: str, node: yaml.Node, addition: str, depth: int) -> str:
    """Write a block in the place of an empty value."""
    start, end = node.start_mark.index, node.end_mark.index
    line_end = text.find("\n", end)
    rest = text[end:] if line_end < 0 else text[end:line_end]
    tail = "" if line_end < 0 else text[line_end + 1 :]
    return f"{text[:start].rstrip(' ')}{rest.rstrip()}\n{_indented(addition, depth)}{tail}"


def _end_of(node: yaml.Node) -> int:
    """Where the last character of a value stands: a block's own mark is behind the comments that follow."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end_of(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end_of(node.value[-1])
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return int(node.end_mark.index) - 1
    return int(node.end_mark.index)


def _indented(text: str, depth: int) -> str:
    return "".join(f"{' ' * depth}{line}\n" if line.strip() else "\n" for line in text.splitlines())


def _with_names(lines: Sequence[str], candidate: Candidate) -> list[str]:
    """The names of pipelines behind their ids: a number says nothing to who reads it."""
    named: list[str] = []
    inside = False
    waiting = ""
    for line in lines:
        stripped = line.strip()
        if not line.startswith(" " * (_STEP + 1)):
            inside = line == f"{' ' * _STEP}pipelines:"
        elif inside:
            item = stripped.removeprefix("- ")
            if item.isdigit() and (name := candidate.pipeline_names.get(item)):
                line = f"{line}  # {name}"
            elif item.startswith("project: "):
                waiting = item.removeprefix("project: ")
            elif item.startswith("id: "):
                key = str({"project": yaml.safe_load(waiting), "id": int(item.removeprefix("id: "))})
                if name := candidate.pipeline_names.get(key):
                    line = f"{line}  # {name}"
        named.append(line)
    return named


def _compose(text: str, where: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise LifecycleError(f"{where} is not YAML ({problem}); mend the file.") from error


def _config(root: yaml.Node | None, where: str) -> yaml.Node | None:
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode):
        raise LifecycleError(f"{where} holds no map; write one with `config:`, or name another stack.")
    config = _value(root, "config")
    if config is not None and not isinstance(config, yaml.MappingNode) and config.value:
        raise LifecycleError(f"{where} holds no map `config`; write one, as in stacks/Pulumi.dev.yaml.")
    return config


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    found: list[yaml.Node] = [value for name, value in node.value if name.value == key]
    return found[0] if found else None


def _depth(node: yaml.Node | None, key: str) -> int:
    """How deep what stands below a key of a map is to stand."""
    assert isinstance(node, yaml.MappingNode), "the key was found in it"
    found: list[int] = [name.start_mark.column for name, _ in node.value if name.value == key]
    return found[0] + _STEP


def _prove(before: str, after: str, key: str, value: Any, where: str) -> None:
    """The file says what it said before and the one key of its configuration, and nothing else."""
    old = _plain(before)
    config = {**(old.get("config") or {}), key: value}
    try:
        new = yaml.safe_load(after)
    except yaml.YAMLError:
        new = None
    if new != {**old, "config": config}:
        raise LifecycleError(
            f"{where} is laid out in a way in which connections cannot be added to it; write `config:` and "
            f"`{KEY}:` as blocks, one key a line."
        )
