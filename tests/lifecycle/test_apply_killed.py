"""Runs that die at every moment at which a process can be killed, and what the next run makes of it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from old_connections import OldConnections, apply, entry, lines
from served_cloud import Https

from azure_service_connections.lifecycle.apply.execution import Choices, Execution
from azure_service_connections.lifecycle.apply.journal import Journal, Line, journal_path
from azure_service_connections.lifecycle.apply.survey import survey
from azure_service_connections.lifecycle.http_client import Answer, HttpClient
from azure_service_connections.lifecycle.plan.plan_file import Plan
from azure_service_connections.lifecycle.services import Services

ENTRA = "https://login.microsoftonline.com/"


class Death(BaseException):
    """What the process is to die of; nothing catches it."""


class Moments:
    """Counts the moments at which a process can die, and dies at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.seen = 0

    def pass_one(self) -> bool:
        """Whether this is the last moment."""
        self.seen += 1
        return self.seen == self.last


class MortalJournal(Journal):
    """Dies in the middle of a line, or after it."""

    moments: Moments

    def write(self, *words: Any, **detail: Any) -> Line:
        torn = self.moments.pass_one()
        before = self.path.stat().st_size
        line = super().write(*words, **detail)
        if torn:
            os.truncate(self.path, (before + self.path.stat().st_size) // 2)
            raise Death
        if self.moments.pass_one():
            raise Death
        return line


class MortalClient(HttpClient):
    """Dies after the service has done what a request asked for."""

    moments: Moments

    def send(self, method: str, url: str, **more: Any) -> Answer:
        changes = method != "GET" and "oauth2" not in url and "checks" not in url
        answer = super().send(method, url, **more)
        if changes and self.moments.pass_one():
            raise Death
        return answer


@dataclass(frozen=True)
class Story:
    """A plan that dies again and again, and how it has to end."""

    begin: Callable[[OldConnections], Plan]
    check: Callable[[OldConnections], None]


def a_manual_conversion(old: OldConnections) -> Plan:
    (store,) = old.read("store")
    northwind = old.endpoint("tills")
    old.cloud.store.remove("endpoints", northwind["id"])
    return old.plan(entry(store, "convert", "place", retire=("secrets",)))


def it_has_one_trust_and_no_secret(old: OldConnections) -> None:
    client = old.client("store")
    assert old.scheme("store") == "WorkloadIdentityFederation"
    assert len(old.trusts(client)) == 1
    assert old.one("applications", appId=client)["passwordCredentials"] == []
    assert old.asked("POST", "federatedIdentityCredentials") == 1
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1
    assert old.asked("POST", "removePassword") == 1
    assert old.works("store")


def an_automatic_conversion(old: OldConnections) -> Plan:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    return old.plan(entry(shelf, "convert", "service"))


def the_service_has_placed_one_trust(old: OldConnections) -> None:
    assert old.scheme("shelf") == "WorkloadIdentityFederation"
    assert len(old.trusts(old.client("shelf"))) == 1
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1
    assert old.works("shelf")


def a_move_to_entra(name: str) -> Callable[[OldConnections], Plan]:
    def begin(old: OldConnections) -> Plan:
        (connection,) = old.read(name)
        return old.plan(entry(connection, "migrate-issuer", "place", retire=("old-credential",)))

    return begin


def it_trusts_entra_alone(name: str, method: str) -> Callable[[OldConnections], None]:
    def check(old: OldConnections) -> None:
        ((issuer, _),) = old.trusts(old.client(name))
        assert issuer.startswith(ENTRA)
        assert old.works(name)
        assert old.asked("POST", "externalfederatedcredentialmigration") == 1
        assert old.asked(method, "federatedIdentityCredentials") == 1
        assert old.asked("DELETE", "federatedIdentityCredentials") == 1

    return check


def a_reversion(old: OldConnections) -> Plan:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    folder = Path(os.environ["STORY_FOLDER"]) / "before"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml.journal.jsonl").unlink(missing_ok=True)
    apply(old, old.plan(entry(shelf, "convert", "service")), folder)
    (shelf,) = old.read("shelf")
    return old.plan(entry(shelf, "revert"))


def it_has_its_secret(old: OldConnections) -> None:
    assert old.scheme("shelf") == "ServicePrincipal"
    assert old.asked("PUT", "serviceendpoint/endpoints") == 1
    assert old.works("shelf")


STORIES = {
    "manual": Story(a_manual_conversion, it_has_one_trust_and_no_secret),
    "automatic": Story(an_automatic_conversion, the_service_has_placed_one_trust),
    "issuer of an application": Story(a_move_to_entra("legacy"), it_trusts_entra_alone("legacy", "POST")),
    "issuer of a managed identity": Story(
        a_move_to_entra("network"), it_trusts_entra_alone("network", "PUT")
    ),
    "reversion": Story(a_reversion, it_has_its_secret),
}


@pytest.fixture
def anew(
    https: Https, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[], OldConnections]]:
    """Makes a cloud anew, as often as a story is told."""
    worlds: list[OldConnections] = []
    monkeypatch.setenv("STORY_FOLDER", str(tmp_path))

    def make() -> OldConnections:
        while worlds:
            worlds.pop().cloud.close()
        world = https.world = OldConnections(https)
        worlds.append(world)
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            monkeypatch.setenv(name, world.environment[name])
        return world

    yield make
    https.world = None
    for world in worlds:
        world.cloud.close()


def die(old: OldConnections, plan: Plan, folder: Path, moments: Moments) -> bool:
    """Carry a plan out until its moment comes; whether it came."""
    client = MortalClient(httpx.Client(timeout=30.0), old.pauses.append)
    journal = MortalJournal(journal_path(folder / "plan.yaml"))
    client.moments = journal.moments = moments
    with Services(old.environment, client) as services, journal:
        execution = Execution(
            services,
            journal,
            plan,
            Choices(at_a_time=1),
            still_orphaned=lambda removals: set(),
            patience=old.patience,
        )
        try:
            execution.run(survey(services, plan, journal.lines))
        except Death:
            return True
    return False


@pytest.mark.parametrize("name", STORIES)
def test_a_run_that_dies_at_any_moment_is_brought_to_its_end_by_the_next_and_nothing_is_done_twice(
    name: str, anew: Callable[[], OldConnections], tmp_path: Path
) -> None:
    story = STORIES[name]
    moment = 0
    died = True
    while died:
        moment += 1
        folder = tmp_path / str(moment)
        folder.mkdir()
        old = anew()
        plan = story.begin(old)
        old.cloud.traffic.clear()
        died = die(old, plan, folder, Moments(moment))
        for each in plan.entries:
            assert old.works(each.connection), f"{each.connection} does not work after moment {moment}"
        outcomes = apply(old, plan, folder)
        assert [each.state for each in outcomes] == ["done"] * len(plan.entries), (moment, outcomes)
        story.check(old)
        assert lines(folder)
    assert not any(each.changed for each in apply(old, plan, folder))
    story.check(old)
    assert moment > 8, "the story has hardly any moments, so it is not told right"
