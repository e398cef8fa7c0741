"""An adoption that fails at any step leaves the stack's file and its state as they were."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from adopted_connections import existing
from planned_connections import CONTOSO, guid
from test_adopt_import import COMPONENT, PREFIX, ROOT, step

from azure_service_connections.lifecycle.adopt import part_names
from azure_service_connections.lifecycle.adopt.adoption import Adoption, Planned
from azure_service_connections.lifecycle.adopt.stack_document import KEY
from azure_service_connections.lifecycle.adopt.undo import Undo, record_beside
from azure_service_connections.lifecycle.engine import Engine, Finished
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.services import Services

SHOP = f"{PREFIX}{COMPONENT}::shop"
ENDPOINT = f"{PREFIX}{COMPONENT}${part_names.CONNECTION}::shop"
BEFORE = {"version": 3, "deployment": {"resources": [{"urn": ROOT, "custom": False, "type": "s"}]}}
FILE = "# ours\nconfig:\n  a:b: c\n"


class KilledError(BaseException):
    """The process is gone, and nothing of it runs any more."""


class Fake:
    """An engine that keeps one stack and can fail at a command."""

    def __init__(self, folder: Path, *, exists: bool = True) -> None:
        self.folder = folder
        (folder / "Pulumi.yaml").write_text(
            "name: shop-connections\nruntime: python\nstackConfigDir: stacks\n"
        )
        (folder / "stacks").mkdir()
        self.path = folder / "stacks" / "Pulumi.prod.yaml"
        self.state: Any = BEFORE if exists else None
        self.failing = ""
        self.commands: list[str] = []
        self.previews: list[list[dict[str, Any]]] = [
            [step(SHOP, custom=False, parent=ROOT), step(ENDPOINT)],
            [],
        ]
        self.imported: dict[str, Any] = {}
        self.without_checkpoints = False
        self.killed_after = ""

    def __call__(
        self,
        command: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        given: str | None,
        seconds: float | None = None,
    ) -> Finished:
        words = [each for each in command[1:] if not each.startswith("-")]
        verb = " ".join(words[:2]) if words[0] == "stack" else words[0]
        self.commands.append(verb)
        if verb == self.failing:
            return Finished(255, talk=f"error: {verb} broke")
        if verb == "stack init":
            self.state = {"version": 3, "deployment": {}}
            text = self.path.read_text() if self.path.exists() else ""
            self.path.write_text(f"{text}encryptionsalt: v1:x\n")
        elif self.state is None:
            return Finished(255, talk="error: no stack named 'prod' found")
        elif verb == "stack rm":
            self.state = None
            self.path.unlink(missing_ok=True)
        elif verb == "stack export":
            return self._ended(verb, json.dumps(self.state))
        elif verb == "stack import":
            assert given is not None
            self.state = json.loads(given)
        elif verb == "preview":
            steps = self.previews.pop(0)
            return self._ended("preview" if self.previews else "second preview", json.dumps({"steps": steps}))
        elif verb == "import":
            self.imported = json.loads(Path(command[command.index("--file") + 1]).read_text())
            self.without_checkpoints = environment.get("PULUMI_SKIP_CHECKPOINTS") == "true"
            held = [*BEFORE["deployment"]["resources"], {"urn": SHOP, "custom": False, "type": COMPONENT}]
            self.state = {"version": 3, "deployment": {"resources": held}}
        return self._ended(verb)

    def _ended(self, verb: str, output: str = "") -> Finished:
        if verb == self.killed_after:
            raise KilledError
        return Finished(0, output)

    def adoption(self) -> Adoption:
        environment = {"AZDO_ORG_SERVICE_URL": CONTOSO}
        return Adoption(Engine("prod", self.folder, environment, self), Services(environment))

    def planned(self) -> Planned:
        return self.adoption().plan([existing(creation_mode="Automatic")])


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    made = Fake(tmp_path)
    made.path.write_text(FILE)
    return made


def refusal(fake: Fake) -> str:
    """Why an adoption failed."""
    planned = fake.planned()
    with pytest.raises(LifecycleError) as raised:
        fake.adoption().carry_out(planned)
    return str(raised.value)


def test_a_plan_writes_nothing(fake: Fake) -> None:
    planned = fake.planned()
    assert [each.key for each in planned.candidates] == ["shop"]
    assert yaml.safe_load(planned.changes[0].after)["config"][KEY]["shop"]["automatic"] == {
        "tenantId": guid("tenant")
    }
    assert (fake.path.read_text(), fake.state, fake.commands) == (FILE, BEFORE, ["stack export"])


def test_an_adoption_writes_the_file_imports_and_proves(fake: Fake) -> None:
    planned = fake.planned()
    fake.commands.clear()
    fake.adoption().carry_out(planned)
    assert fake.commands == ["preview", "import", "stack export", "stack import", "preview"]
    assert fake.path.read_text() == planned.changes[0].after
    assert [each["type"] for each in fake.imported["resources"]] == [COMPONENT, part_names.CONNECTION]
    assert fake.without_checkpoints


@pytest.mark.parametrize("verb", ["preview", "import"])
def test_a_command_that_fails_leaves_file_and_state_as_they_were(fake: Fake, verb: str) -> None:
    planned = fake.planned()
    fake.failing = verb
    with pytest.raises(LifecycleError, match=f"`pulumi {verb}` failed: {verb} broke"):
        fake.adoption().carry_out(planned)
    assert (fake.path.read_text(), fake.state) == (FILE, BEFORE)


def test_a_preview_that_shows_a_change_is_refused_in_words(fake: Fake) -> None:
    fake.previews[1] = [{**step(ENDPOINT, "update"), "detailedDiff": {"description": {}}}]
    assert refusal(fake) == (
        "The stack is not what exists: ServiceEndpointAzureRM 'shop' would be changed (description). "
        "Nothing was adopted; leave out what differs with --except, or make it alike first."
    )
    assert (fake.path.read_text(), fake.state) == (FILE, BEFORE)


def test_a_stack_with_changes_of_its_own_is_refused_before_anything_is_imported(fake: Fake) -> None:
    fake.previews[0].append(step(f"{PREFIX}{COMPONENT}${part_names.CONNECTION}::old", "delete"))
    assert (
        "has changes of its own that are still to be made (delete ServiceEndpointAzureRM 'old')"
        in refusal(fake)
    )
    assert (fake.path.read_text(), "import" in fake.commands) == (FILE, False)


def test_what_would_be_made_anew_is_refused(fake: Fake) -> None:
    fake.previews[0].append(step(f"{PREFIX}{COMPONENT}${part_names.EXCLUSIVE_LOCK}::shop"))
    assert "would make what does not exist yet: CheckExclusiveLock 'shop'" in refusal(fake)
    assert (fake.path.read_text(), fake.state) == (FILE, BEFORE)


def test_many_changes_are_counted(fake: Fake) -> None:
    fake.previews[1] = [step(f"{ENDPOINT}-{number}", "update") for number in range(12)]
    assert "and 2 more. Nothing was adopted" in refusal(fake)


def test_a_new_stack_is_made_and_keeps_what_the_engine_notes_in_its_file(tmp_path: Path) -> None:
    fake = Fake(tmp_path, exists=False)
    fake.adoption().carry_out(fake.planned())
    written = yaml.safe_load(fake.path.read_text())
    assert (written["encryptionsalt"], list(written["config"][KEY])) == ("v1:x", ["shop"])


def test_a_new_stack_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    fake = Fake(tmp_path, exists=False)
    planned = fake.planned()
    fake.failing = "stack init"
    with pytest.raises(LifecycleError, match="`pulumi stack init` failed: stack init broke"):
        fake.adoption().carry_out(planned)
    assert list(fake.path.parent.iterdir()) == []


@pytest.mark.parametrize("text", [None, FILE])
def test_a_new_stack_is_gone_again_after_a_failure(tmp_path: Path, text: str | None) -> None:
    fake = Fake(tmp_path, exists=False)
    if text is not None:
        fake.path.write_text(text)
    fake.previews[1] = [step(ENDPOINT, "update")]
    refusal(fake)
    assert fake.state is None
    assert (fake.path.read_text() if fake.path.exists() else None) == text


def test_an_interrupt_is_undone_too(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = fake.planned()

    def interrupted(*_: object, **__: object) -> None:
        fake.state = {"version": 3, "deployment": {}}
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "import_resources", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fake.adoption().carry_out(planned)
    assert (fake.path.read_text(), fake.state) == (FILE, BEFORE)


def test_a_state_that_cannot_be_put_back_is_kept_and_put_back_by_the_next_run(fake: Fake) -> None:
    planned = fake.planned()
    fake.failing = "stack import"
    with pytest.raises(LifecycleError) as raised:
        fake.adoption().carry_out(planned)
    kept = record_beside(fake.path)
    assert str(raised.value) == (
        "The state could not be put back (`pulumi stack import` failed: stack import broke); it is kept in "
        f"{kept}, and `connections adopt` puts it back when it runs again."
    )
    assert fake.path.read_text() == FILE
    assert fake.state != BEFORE
    fake.failing = ""
    fake.adoption().put_back()
    assert (fake.state, kept.exists()) == (BEFORE, False)


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    "verb", ["stack init", "preview", "import", "stack export", "stack import", "second preview"]
)
def test_an_adoption_that_is_killed_is_put_back_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, exists: bool
) -> None:
    fake = Fake(tmp_path, exists=exists)
    fake.path.write_text(FILE)
    planned = fake.planned()
    fake.killed_after = verb
    with monkeypatch.context() as killed:
        killed.setattr(Undo, "run", lambda _: None)
        if exists and verb == "stack init":
            fake.adoption().carry_out(planned)
            return
        with pytest.raises(KilledError):
            fake.adoption().carry_out(planned)
    fake.killed_after = ""
    with pytest.raises(LifecycleError, match="run the command without --dry-run"):
        fake.adoption().put_back(only_look=True)
    fake.adoption().put_back()
    assert (fake.path.read_text(), fake.state) == (FILE, BEFORE if exists else None)
    assert not record_beside(fake.path).exists()
    assert [each.key for each in fake.planned().candidates] == ["shop"]


def test_a_stack_that_changed_after_a_kill_is_left_alone(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = fake.planned()
    fake.killed_after = "import"
    with monkeypatch.context() as killed:
        killed.setattr(Undo, "run", lambda _: None)
        with pytest.raises(KilledError):
            fake.adoption().carry_out(planned)
    fake.killed_after = ""
    changed = {"version": 3, "deployment": {"resources": [{"urn": ROOT, "custom": False, "outputs": {}}]}}
    fake.state = changed
    with pytest.raises(LifecycleError, match="the stack has changed since, so its state is not put back"):
        fake.adoption().put_back()
    assert fake.state == changed


def test_a_record_that_nobody_can_read_is_said(fake: Fake) -> None:
    record_beside(fake.path).write_text("{")
    with pytest.raises(LifecycleError, match="cannot be read, and says what an interrupted adoption"):
        fake.adoption().put_back()


def test_a_file_that_would_not_be_valid_is_refused_before_the_engine_is_asked(fake: Fake) -> None:
    wrong = f"config:\n  {KEY}:\n    old: {{project: Web, automatic: {{}}}}\n"
    fake.path.write_text(wrong)
    planned = fake.planned()
    fake.commands.clear()
    with pytest.raises(LifecycleError, match=r"The stack would not be valid: connections\.old: .*scope"):
        fake.adoption().carry_out(planned)
    assert (fake.path.read_text(), fake.commands) == (wrong, [])
