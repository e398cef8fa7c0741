"""Recovering a stack: what is looked up, imported, dropped and refreshed, and when nothing may be touched."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_engine import AZUREAD, CONNECTION, DEVOPS, PARENT, PREFIX, STACK, FakeEngine, pending, resource
from served_cloud import World

from azure_service_connections.lifecycle.engine_leftovers import Process
from azure_service_connections.lifecycle.errors import EngineError, ServiceError
from azure_service_connections.lifecycle.recovery import Recovery, Report

HOST = socket.gethostname()
NOBODY = 4194303
"""Above every process id that a system gives by default."""

Recover = Callable[..., Report]


@pytest.fixture
def engine(world: World, tmp_path: Path) -> FakeEngine:
    return FakeEngine(tmp_path, world.subscription("Shop"))


@pytest.fixture
def tells() -> list[str]:
    """What a recovery told on the way."""
    return []


@pytest.fixture
def recover(world: World, engine: FakeEngine, tells: list[str]) -> Recover:
    def run(
        *processes: Process,
        stack: str | None = STACK,
        pauses: list[float] | None = None,
        scan: bool = False,
    ) -> Report:
        def look() -> Iterator[Process]:
            return iter(processes)

        def pause(seconds: float) -> None:
            if pauses is not None:
                pauses.append(seconds)

        return Recovery(
            engine.engine(stack), world.environment, tells.append, scan=scan, look=look, pause=pause
        ).run()

    return run


def application(world: World, tag: str = "pulumi:shop-connections/prod/shop") -> dict[str, Any]:
    """The application `shop` of the estate, as the run would have made it."""
    document = {**world.one("applications", displayName="shop"), "tags": [tag]}
    world.put("applications", document, document["id"])
    return document


def endpoint_inputs(world: World, name: str = "shop") -> dict[str, Any]:
    return {"projectId": world.one("projects", name="Web")["id"], "serviceEndpointName": name}


def test_a_stack_in_order_is_left_alone(engine: FakeEngine, recover: Recover) -> None:
    report = recover()
    assert report.idle
    assert engine.verbs() == ["whoami", "stack export", "stack history"]


def test_a_stack_that_does_not_exist_needs_no_recovery(engine: FakeEngine, recover: Recover) -> None:
    engine.exists = False
    report = recover()
    assert report.idle
    assert report.note == "stack 'prod' has not been brought up yet."


def test_the_selected_stack_is_recovered_where_none_is_named(engine: FakeEngine, recover: Recover) -> None:
    assert recover(stack=None).stack == STACK
    assert engine.commands[-1][-5:-3] == ("--stack", STACK)


def test_what_was_made_is_imported_under_the_name_parent_and_provider_of_the_program(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    made = application(world)
    inputs = {"displayName": "shop", "tags": ["pulumi:shop-connections/prod/shop"]}
    of_application = resource("application", "shop", inputs, propertyDependencies={"displayName": []})
    of_endpoint = resource("endpoint", "shop", endpoint_inputs(world))
    engine.pending = [pending("creating", of_application), pending("creating", of_endpoint)]
    report = recover()
    endpoint = world.shop().connection_id
    project = world.one("projects", name="Web")["id"]
    assert engine.imported == {
        "resources": [
            {
                "type": of_application["type"],
                "name": "object0",
                "logicalName": "shop",
                "id": f"/applications/{made['id']}",
                "parent": "known0",
                "provider": "known1",
            },
            {
                "type": of_endpoint["type"],
                "name": "object1",
                "logicalName": "shop",
                "id": f"{project}/{endpoint}",
                "parent": "known0",
                "provider": "known2",
            },
        ],
        "nameTable": {"known0": PARENT, "known1": AZUREAD, "known2": DEVOPS},
    }
    (command,) = [each for each in engine.commands if each[1] == "import"]
    assert {"--protect=false", "--generate-code=false", "--yes", "--skip-preview"} <= set(command)
    assert [str(each) for each in report.outcomes] == [
        f"imported application 'shop' (/applications/{made['id']}): it was made and is now in the state",
        f"imported service connection 'shop' ({endpoint}): it was made and is now in the state",
    ]
    assert engine.pending == []


def test_an_imported_entry_is_what_the_finished_creation_would_have_left(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    inputs = endpoint_inputs(world)
    made = resource("endpoint", "shop", inputs, propertyDependencies={"projectId": []})
    engine.pending = [pending("creating", made)]
    recover()
    entry = engine.live(made["urn"])
    assert entry["inputs"] == inputs
    assert entry["dependencies"] == [PARENT]
    assert entry["propertyDependencies"] == {"projectId": []}
    assert entry["provider"] == made["provider"]
    assert entry["id"] == world.shop().connection_id
    assert entry["outputs"] == {"read": "back"}
    assert "importID" not in entry


def test_what_was_never_made_is_dropped(world: World, engine: FakeEngine, recover: Recover) -> None:
    engine.pending = [
        pending("creating", resource("endpoint", "new", endpoint_inputs(world, "new"))),
        pending(
            "creating",
            resource("identity", "new", {"resourceGroupName": "rg-shop", "resourceName": "id-new"}),
        ),
    ]
    report = recover()
    assert [each.action for each in report.outcomes] == ["dropped", "dropped"]
    assert engine.pending == []
    assert "import" not in engine.verbs()


def test_components_and_providers_have_nothing_to_look_up(engine: FakeEngine, recover: Recover) -> None:
    component = {"urn": f"{PREFIX}{CONNECTION}::other", "type": CONNECTION, "custom": False}
    provider = {
        "urn": f"{PREFIX}pulumi:providers:azuread::x",
        "type": "pulumi:providers:azuread",
        "custom": True,
    }
    engine.pending = [pending("creating", component), pending("creating", provider)]
    report = recover()
    assert [each.action for each in report.outcomes] == ["dropped", "dropped"]
    assert not report.unclear


def test_an_interrupted_update_is_refreshed(engine: FakeEngine, recover: Recover) -> None:
    kept = resource("application", "kept", {"displayName": "kept"}, id="/applications/1")
    engine.resources.append(kept)
    engine.pending = [pending("updating", kept)]
    report = recover()
    assert [each.action for each in report.outcomes] == ["refreshed"]
    (command,) = [each for each in engine.commands if each[1] == "refresh"]
    targets = [command[at + 1] for at, word in enumerate(command) if word == "--target"]
    assert targets == [kept["urn"]]
    assert engine.verbs().index("stack import") < engine.verbs().index("refresh")


def test_an_update_that_cannot_be_refreshed_is_made_again(engine: FakeEngine, recover: Recover) -> None:
    kept = resource("application", "kept", {"displayName": "kept"}, id="/applications/1")
    engine.resources.append(kept)
    engine.pending = [pending("updating", kept)]
    engine.failures["refresh"] = "error: the provider said no"
    assert [each.action for each in recover().outcomes] == ["refreshed"]
    assert engine.live(kept["urn"]) == kept


def test_what_was_deleted_leaves_the_state_and_what_was_not_stays(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    there = resource("endpoint", "there", endpoint_inputs(world), id=world.shop().connection_id)
    gone = resource("endpoint", "gone", endpoint_inputs(world), id="00000000-0000-0000-0000-000000000001")
    leaning = resource(
        "authorization",
        "leaning",
        {},
        id="3",
        dependencies=[there["urn"], gone["urn"]],
        propertyDependencies={"resourceId": [gone["urn"]]},
        deletedWith=gone["urn"],
    )
    engine.resources += [there, gone, leaning]
    engine.pending = [pending("deleting", there), pending("deleting", gone)]
    report = recover()
    assert [each.action for each in report.outcomes] == ["kept", "dropped"]
    assert engine.live(there["urn"])["id"] == there["id"]
    assert gone["urn"] not in [each["urn"] for each in engine.resources]
    left = engine.live(leaning["urn"])
    assert left["dependencies"] == [there["urn"]]
    assert left["propertyDependencies"] == {"resourceId": []}
    assert "deletedWith" not in left
    assert "refresh" not in engine.verbs()


def test_a_replaced_object_that_was_deleted_leaves_only_its_own_entry(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    new = resource("endpoint", "shop", endpoint_inputs(world), id=world.shop().connection_id)
    old = {**new, "id": "00000000-0000-0000-0000-000000000001", "delete": True}
    engine.resources += [new, old]
    engine.pending = [pending("deleting", old)]
    recover()
    assert [each for each in engine.resources if each["urn"] == new["urn"]] == [new]


def test_an_import_that_fails_loses_no_pending_operation(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.pending = [pending("creating", resource("endpoint", "shop", endpoint_inputs(world)))]
    engine.failures["import"] = "error: Preview failed: the provider said no"
    with pytest.raises(EngineError, match="`pulumi import` failed: Preview failed: the provider said no"):
        recover()
    assert len(engine.pending) == 1
    del engine.failures["import"]
    assert [each.action for each in recover().outcomes] == ["imported"]


def test_an_object_that_the_state_has_already_is_not_imported_twice(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    made = resource("endpoint", "shop", endpoint_inputs(world))
    engine.resources.append({**made, "id": world.shop().connection_id})
    engine.pending = [pending("creating", made)]
    report = recover()
    assert report.outcomes[0].reason == "the state knows it already"
    assert "import" not in engine.verbs()


def test_a_replacement_whose_old_object_is_gone_becomes_the_new_one(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    made = resource("endpoint", "shop", endpoint_inputs(world))
    engine.resources.append(
        {
            **made,
            "id": "old",
            "inputs": {"projectId": "old"},
            "outputs": {"id": "old", "workloadIdentityFederationSubject": "old"},
            "pendingReplacement": True,
        }
    )
    engine.pending = [pending("creating", made)]
    report = recover()
    entry, new = engine.live(made["urn"]), world.shop().connection_id
    assert report.outcomes[0].action == "imported"
    assert (entry["id"], entry["outputs"]["id"], entry["inputs"]) == (new, new, made["inputs"])
    assert "pendingReplacement" not in entry
    assert engine.verbs()[-2:] == ["refresh", "stack history"]


def test_a_replacement_beside_its_old_object_leaves_the_old_one_to_be_deleted(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    made = resource("endpoint", "shop", endpoint_inputs(world))
    leaning = resource("authorization", "leaning", {}, id="3", dependencies=[made["urn"]])
    engine.resources += [{**made, "id": "old"}, leaning]
    engine.pending = [pending("creating", made)]
    recover()
    of_urn = [each for each in engine.resources if each["urn"] == made["urn"]]
    assert [(each["id"], each.get("delete", False)) for each in of_urn] == [
        (world.shop().connection_id, False),
        ("old", True),
    ]
    assert engine.resources.index(of_urn[0]) < engine.resources.index(leaning)
    assert engine.verbs()[-2:] == ["refresh", "stack history"]


def test_two_applications_with_one_tag_are_left_to_a_person(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    tag = application(world)["tags"][0]
    twin = {**world.one("applications", displayName="audit"), "tags": [tag]}
    world.put("applications", twin, twin["id"])
    engine.pending = [pending("creating", resource("application", "shop", {"tags": [tag]}))]
    report = recover()
    assert report.unclear
    assert report.outcomes[0].reason.startswith(f"2 applications carry the tag '{tag}'")


def test_nothing_is_touched_while_an_engine_works_on_the_stack(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.pending = [pending("creating", resource("endpoint", "shop", endpoint_inputs(world)))]
    at_work = Process(NOBODY, ("pulumi", "up", "--stack", STACK), engine.folder)
    with pytest.raises(
        EngineError, match=rf"`pulumi up` \(process {NOBODY}\) is still at work on stack 'prod'"
    ):
        recover(at_work)
    assert engine.verbs() == []


def test_engines_of_other_stacks_and_projects_do_not_matter(engine: FakeEngine, recover: Recover) -> None:
    other_stack = Process(NOBODY, ("/opt/pulumi", "up", "-s", "organization/shop/dev"), engine.folder)
    other_project = Process(NOBODY, ("pulumi", "up"), Path("/srv/other"))
    reading = Process(NOBODY, ("pulumi", "stack", "output"), engine.folder)
    assert recover(other_stack, other_project, reading).idle


def test_the_lock_of_a_process_that_is_gone_is_taken_off(engine: FakeEngine, recover: Recover) -> None:
    engine.lock(NOBODY, HOST)
    report = recover()
    assert report.lock == f"kim@{HOST} (process {NOBODY}) since 2026-01-02T03:04:05"
    assert "cancel" in engine.verbs()


def test_a_lock_stays_while_its_process_runs_or_where_that_cannot_be_seen(
    engine: FakeEngine, recover: Recover
) -> None:
    engine.lock(NOBODY, HOST)
    reading = Process(NOBODY, ("pulumi", "preview"), Path("/srv/other"))
    with pytest.raises(EngineError, match=rf"locked by kim@{HOST} \(process {NOBODY}\)"):
        recover(reading)
    engine.lock(NOBODY, "build-agent-7")
    with pytest.raises(EngineError, match=r"locked by kim@build-agent-7 .* run `pulumi cancel` first"):
        recover()
    assert "cancel" not in engine.verbs()


def test_plugins_that_outlive_their_engine_are_waited_for(engine: FakeEngine, recover: Recover) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        plugin = Process(NOBODY, ("/bin/pulumi-resource-azuredevops", f"127.0.0.1:{port}"), engine.folder)
        pauses: list[float] = []
        with pytest.raises(EngineError, match=rf"have not ended yet .* `kill {NOBODY}`"):
            recover(plugin, pauses=pauses)
    assert sum(pauses) == 90
    assert engine.verbs() == []


def test_plugins_of_an_engine_that_still_runs_are_not_leftovers(engine: FakeEngine, recover: Recover) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        plugin = Process(NOBODY, ("/bin/pulumi-resource-azuredevops", f"127.0.0.1:{port}"), engine.folder)
        assert recover(plugin).idle


def test_files_that_a_kill_cut_off_are_repaired(engine: FakeEngine, recover: Recover) -> None:
    folder = engine.backend / ".pulumi" / "stacks" / "shop-connections"
    folder.mkdir(parents=True)
    for name, text in (
        ("prod.json", ""),
        ("prod.json.bak", '{"version": 3}'),
        ("prod.json.attrs", ""),
        ("prod.json.bak.attrs", "{}"),
        ("other.json.attrs", ""),
    ):
        (folder / name).write_text(text)
    report = recover()
    assert report.mended
    assert not report.idle
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "prod.json": '{"version": 3}',
        "prod.json.bak": '{"version": 3}',
        "prod.json.bak.attrs": "{}",
        "other.json.attrs": "",
    }


def test_a_backend_that_is_no_folder_names_its_locks_when_it_refuses(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.pending = [pending("creating", resource("endpoint", "new", endpoint_inputs(world, "new")))]
    engine.failures["stack import"] = (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or "
        "delete the lock file with `pulumi cancel`.\n"
        f"  s3://state/x.json: created by kim@{HOST} (pid {NOBODY}) at 2026-01-02T03:04:05Z"
    )
    run = engine.run

    def unlocking(command: Any, *rest: Any) -> Any:
        if command[1] == "cancel":
            engine.failures.clear()
        return run(command, *rest)

    engine.run = unlocking  # type: ignore[method-assign]
    report = recover()
    assert report.lock == f"kim@{HOST} (process {NOBODY}) since 2026-01-02T03:04:05Z"
    assert engine.pending == []


def test_a_service_that_refuses_to_tell_ends_the_recovery_before_anything_changes(
    world: World, engine: FakeEngine, recover: Recover
) -> None:
    engine.pending = [pending("creating", resource("endpoint", "shop", endpoint_inputs(world)))]
    world.environment["AZDO_PERSONAL_ACCESS_TOKEN"] = "wrong"
    with pytest.raises(ServiceError):
        recover()
    assert len(engine.pending) == 1
    assert "stack import" not in engine.verbs()
