"""Makes the recorded previews of tests/lifecycle/reviews anew.

    python tests/engine/make_reviewed_previews.py

The engine is the real one and the cloud the sandbox. What a review never reads is left out: where in a
program a resource stands and when it was made.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from engine_stack import PYTHON, ROOT, Sandbox, Stack, make_project, run, running_sandbox
from reviewed_changes import CHANGES, RAW_PROGRAM, SUBSCRIPTION

RECORDED: Final = ROOT / "tests" / "lifecycle" / "reviews"
PLANNED: Final = ("role-raised-to-owner", "connection-replaced", "connection-deleted", "access-and-trusts")
STREAMED: Final = "opened-to-all-pipelines"
_LEFT_OUT: Final = frozenset({"stackTrace", "sourcePosition", "created", "modified", "duration", "seed"})
_LEFT_OUT_EMPTY: Final = ("", None, [], {})
RAW: Final = "raw-resources"


def preview(stack: Stack, *arguments: str, fails: bool = False, **variables: str) -> str:
    """What `pulumi preview --json` writes."""
    done = run(
        ["pulumi", "preview", "--stack", stack.name, "--json", "--non-interactive", *arguments],
        {**stack.environment, **variables},
        stack.folder,
    )
    assert (done.returncode != 0) == fails, done.stdout[-3000:] + done.stderr
    return done.stdout


def before(names: Iterable[str] = CHANGES) -> dict[str, Any]:
    """The connections of some changes before any of them."""
    wanted = {name: CHANGES[name].before for name in names}
    return {name: dict(connection) for name, connection in wanted.items() if connection is not None}


def after(changed: Iterable[str], names: Iterable[str] = CHANGES) -> dict[str, Any]:
    """The connections of some changes, with some of these made."""
    connections = before(names)
    for name in changed:
        connections.pop(name, None)
        if (wanted := CHANGES[name].after) is not None:
            connections[name] = dict(wanted)
    return connections


def make_stack(sandbox: Sandbox, folder: Path) -> Stack:
    """The stack of the connections of all changes, which is up."""
    project = {**yaml.safe_load((ROOT / "Pulumi.yaml").read_text()), "runtime": PYTHON}
    folder.mkdir()
    stack = make_project(sandbox, folder, "review", project, (ROOT / "__main__.py").read_text())
    stack.connections(before()).init().up()
    return stack


def raw_stack(sandbox: Sandbox, folder: Path) -> Stack:
    """A stack of the providers' own resources, which is up and about to change."""
    folder.mkdir()
    stack = make_project(sandbox, folder, "raw", {"name": "raw", "runtime": PYTHON}, RAW_PROGRAM)
    config = {
        "raw:subscription": SUBSCRIPTION["id"],
        "raw:tenant": sandbox.environment["ARM_TENANT_ID"],
        "azure-native:subscriptionId": SUBSCRIPTION["id"],
    }
    stack.text(yaml.safe_dump({"config": config})).init().up()
    return stack.text(yaml.safe_dump({"config": {**config, "raw:wide": True}}))


def trimmed(document: Any, name: str) -> Any:
    """A document of the engine without what no review reads and without the other connections."""
    if isinstance(document, Mapping):
        kept = {
            key: trimmed(value, name)
            for key, value in document.items()
            if key not in _LEFT_OUT and not key.startswith("__") and not _of_another(key, name)
        }
        return {key: value for key, value in kept.items() if value not in _LEFT_OUT_EMPTY or key == "inputs"}
    if isinstance(document, list):
        return [trimmed(each, name) for each in document]
    if isinstance(document, str) and document.startswith('{"'):
        return json.dumps(trimmed(json.loads(document), name), ensure_ascii=False)
    return document


def _of_another(key: str, name: str) -> bool:
    """Whether a key is that of another connection in the stack's configuration, outputs or plan."""
    return key.rpartition("::")[2].split("/", 1)[0] in CHANGES.keys() - {name}


def main() -> None:
    """Make all of them anew."""
    with (
        tempfile.TemporaryDirectory() as made,
        running_sandbox(_engine_path(), Path(made) / "home") as sandbox,
    ):
        folder = Path(made)
        stack = make_stack(sandbox, folder / "review")
        for name, change in CHANGES.items():
            plan = folder / "plan.json"
            stack.connections(after([name]))
            _write(name, preview(stack, f"--save-plan={plan}", fails=change.fails), name, trimmed)
            if name in PLANNED:
                _write(f"{name}.plan", plan.read_text(), name, trimmed)
        stack.connections(after([STREAMED]))
        streamed = preview(stack, PULUMI_ENABLE_STREAMING_JSON_PREVIEW="true")
        events = [trimmed(json.loads(line), STREAMED) for line in streamed.splitlines()]
        kept = [each for each in events if _is_read(each)]
        text = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in kept)
        (RECORDED / f"{STREAMED}.events.json").write_text(text)
        _write(RAW, preview(raw_stack(sandbox, folder / "raw")), RAW, trimmed)


def _is_read(event: Mapping[str, Any]) -> bool:
    step = event.get("resourcePreEvent", {}).get("metadata", {})
    names = ("preludeEvent", "summaryEvent", "resourcePreEvent")
    return any(name in event for name in names) and not _of_another(step.get("urn", ""), STREAMED)


def _write(file: str, text: str, name: str, trim: Callable[[Any, str], Any]) -> None:
    document = trim(json.loads(text), name)
    (RECORDED / f"{file}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    sys.stderr.write(f"{file}\n")


def _engine_path() -> str:
    done = run([sys.executable, str(ROOT / "toolchain" / "engine.py")], dict(os.environ))
    assert done.returncode == 0, done.stderr
    folders = [done.stdout.strip(), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.pathsep.join(folder for folder in folders if folder)


if __name__ == "__main__":
    main()
