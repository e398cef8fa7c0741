"""The server as a process: it starts, is found, ends, and loses nothing that it has answered for."""

import fcntl
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from azure_service_connections.sandbox import process
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.home import Home, Running
from azure_service_connections.sandbox.process import SandboxError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home for one test, whose server is ended after it."""
    monkeypatch.delenv("SANDBOX_PORT", raising=False)
    home = Home(tmp_path / "home")
    yield home
    process.down(home)


def client_of(home: Home, running: Running) -> httpx.Client:
    verify = ssl.create_default_context(cafile=home.authority)
    return httpx.Client(base_url=running.url, verify=verify, trust_env=False, timeout=20)


def operator_of(client: httpx.Client, running: Running) -> dict[str, str]:
    found = client.get("/_sandbox/operator").json()
    answer = client.post(
        f"/{found['tenantId']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": found["clientId"],
            "client_secret": found["secret"],
            "scope": f"{running.url}/.default",
        },
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def ended(home: Home) -> bool:
    """Whether the server ends within a few seconds: it holds the lock as long as it lives."""
    with (home.path / "server.lock").open("a") as stream:
        waiting = threading.Thread(target=fcntl.flock, args=(stream, fcntl.LOCK_EX), daemon=True)
        waiting.start()
        waiting.join(10)
        return not waiting.is_alive()


def taken_port() -> tuple[socket.socket, int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener, listener.getsockname()[1]


def test_a_started_server_answers_over_https_with_its_own_certificate(home: Home) -> None:
    started = process.up(home, port=0)
    assert started.already is False
    with client_of(home, started.running) as client:
        health = client.get("/_sandbox/health").json()
    assert health["pid"] == started.running.pid != os.getpid()
    assert health["url"] == started.running.url
    assert (home.path / "server.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as stranger:
        stranger.get(f"{started.running.url}/_sandbox/health")


def test_a_server_that_is_at_work_stays_and_is_recognised(home: Home) -> None:
    first = process.up(home, port=0).running
    again = process.up(home)
    assert again.already is True
    assert again.running == first
    assert process.up(home, port=0).running == first
    assert process.up(home, port=first.port).running == first


def test_a_server_stops_and_comes_back_on_its_port_with_its_state(home: Home) -> None:
    first = process.up(home, port=0).running
    with client_of(home, first) as client:
        before = client.get("/_sandbox/dump").json()
    assert process.down(home) == first
    assert home.running() is None
    assert process.down(home) is None
    second = process.up(home).running
    assert (second.port, second.url) == (first.port, first.url)
    with client_of(home, second) as client:
        assert client.get("/_sandbox/dump").json() == before


def test_a_killed_server_has_lost_nothing_that_it_answered_for(home: Home) -> None:
    running = process.up(home, port=0).running
    acknowledged: list[str] = []
    with client_of(home, running) as client:
        operator = operator_of(client, running)
        before = len(client.get("/_sandbox/dump?collection=applications").json())
        killer = threading.Timer(0.4, os.kill, (running.pid, signal.SIGKILL))
        killer.start()
        try:
            while True:
                body = {"displayName": f"app-{len(acknowledged)}"}
                answer = client.post("/v1.0/applications", json=body, headers=operator)
                acknowledged.append(answer.raise_for_status().json()["id"])
        except httpx.TransportError:
            pass
    killer.join()
    assert len(acknowledged) > 5
    assert ended(home)
    again = process.up(home).running
    with client_of(home, again) as client:
        held = client.get("/_sandbox/dump?collection=applications").json()
        # At most the request that was under way is there as well.
        assert set(acknowledged) <= held.keys()
        assert len(held) - before - len(acknowledged) in (0, 1)
        answer = client.get(f"/v1.0/applications/{acknowledged[-1]}", headers=operator)
        assert answer.status_code == 200, "a token from before is as good as before"


def test_a_killed_server_is_not_taken_for_one_at_work(home: Home) -> None:
    running = process.up(home, port=0).running
    os.kill(running.pid, signal.SIGKILL)
    assert ended(home)
    assert home.noted() == running
    again = process.up(home)
    assert again.already is False
    assert again.running.pid != running.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_at_once_while_answers_are_outstanding(
    home: Home, number: signal.Signals
) -> None:
    running = process.up(home, port=0).running
    with client_of(home, running) as client, client_of(home, running) as other:
        client.post("/_sandbox/latency", json={"seconds": 60})
        outcome: list[str] = []
        sent = threading.Event()

        def ask() -> None:
            try:
                answer = client.get(
                    "/subscriptions?api-version=2022-12-01",
                    extensions={"trace": lambda name, _: sent.set() if "receive" in name else None},
                )
                outcome.append(str(answer.status_code))
            except httpx.TransportError:
                outcome.append("cut off")

        waiting = threading.Thread(target=ask)
        waiting.start()
        assert sent.wait(10)
        other.get("/_sandbox/health")  # the other request has arrived before this one
        began = time.monotonic()
        os.kill(running.pid, number)
        assert ended(home)
        assert time.monotonic() - began < 3
        waiting.join(10)
        assert outcome in (["cut off"], ["500"])


def test_a_taken_port_is_said_with_a_way_out(home: Home) -> None:
    listener, port = taken_port()
    with listener, pytest.raises(SandboxError) as caught:
        process.up(home, port=port)
    assert str(caught.value) == (
        f"port {port} is taken by another program; choose another with --port or SANDBOX_PORT "
        "(0 takes any free one)"
    )
    assert home.running() is None
    assert process.up(home, port=0).already is False


def test_the_port_of_the_environment_is_taken_before_the_usual_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, port = taken_port()
    monkeypatch.setenv("SANDBOX_PORT", str(port))
    with listener, pytest.raises(SandboxError, match=f"port {port} is taken"):
        process.up(home)
    monkeypatch.setenv("SANDBOX_PORT", "many")
    with pytest.raises(SandboxError, match="SANDBOX_PORT is 'many'"):
        process.up(home)


def test_another_port_needs_a_server_that_is_not_at_work(home: Home) -> None:
    running = process.up(home, port=0).running
    with pytest.raises(SandboxError, match=f"listens on port {running.port}; to move it to 1024"):
        process.up(home, port=1024)


def test_two_homes_are_two_sandboxes(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    one, two = process.up(home, port=0).running, process.up(other, port=0).running
    try:
        assert one.port != two.port
        # Neither trusts the other's certificate.
        with (
            pytest.raises(httpx.ConnectError),
            httpx.Client(verify=ssl.create_default_context(cafile=home.authority), trust_env=False) as client,
        ):
            client.get(f"{two.url}/_sandbox/health")
    finally:
        process.down(other)


NOTES: dict[str, Callable[[Home], object]] = {
    "of a process that is another program now": lambda home: home.note(
        Running(os.getpid(), 1, "https://127.0.0.1:1", "0.0.1")
    ),
    "that is cut off": lambda home: home.note_file.write_text('{"pid": 1'),
    "that is empty": lambda home: home.note_file.write_text(""),
    "that is a list": lambda home: home.note_file.write_text("[]"),
}


@pytest.mark.parametrize("kind", NOTES)
def test_a_stale_note_keeps_nobody_from_starting(home: Home, kind: str) -> None:
    home.path.mkdir()
    NOTES[kind](home)
    assert home.running() is None
    assert process.down(home) is None
    running = process.up(home, port=0).running
    assert home.running() == running


def test_a_home_that_lies_on_another_machine_now_serves_with_its_state(home: Home, tmp_path: Path) -> None:
    first = process.up(home, port=0).running
    process.down(home)
    moved = Home(tmp_path / "moved")
    home.path.rename(moved.path)
    (moved.path / "server.pem").unlink()
    try:
        running = process.up(moved, port=0).running
        with client_of(moved, running) as client:
            assert client.get("/_sandbox/health").json()["tenants"] == 1
    finally:
        process.down(moved)
    assert running.pid != first.pid


def test_state_of_another_version_is_not_touched_without_being_asked(home: Home) -> None:
    home.path.mkdir()
    cloud = Cloud(home.database)
    cloud.store.put("settings", "version", {"value": "7.0.0"})
    cloud.close()
    with pytest.raises(SandboxError, match=r"was made by version 7\.0\.0 .* up --fresh"):
        process.up(home, port=0)
    running = process.up(home, port=0, fresh=True).running
    with client_of(home, running) as client:
        assert client.get("/_sandbox/health").json()["tenants"] == 1


def test_a_server_of_another_version_is_named(home: Home) -> None:
    running = process.up(home, port=0).running
    home.note(replace(running, version="7.0.0"))
    with pytest.raises(SandboxError, match=r"is of version 7\.0\.0 .* sandbox down"):
        process.up(home)


def test_state_that_is_no_database_is_said_with_a_way_out(home: Home) -> None:
    home.path.mkdir()
    home.database.write_bytes(b"not a database, " * 100)
    with pytest.raises(SandboxError, match=r"state\.db cannot be read .* up --fresh"):
        process.up(home, port=0)
    assert process.up(home, port=0, fresh=True).already is False


def test_a_home_that_cannot_be_made_is_said_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match="name another folder with SANDBOX_HOME"):
        process.up(Home(tmp_path / "file" / "home"), port=0)


def test_an_estate_of_ones_own_is_planted_in_an_empty_home_only(home: Home, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("tenants: [{name: fabrikam, domain: fabrikam.example}]")
    running = process.up(home, port=0, estate=mine).running
    with client_of(home, running) as client:
        (tenant,) = client.get("/_sandbox/dump?collection=tenants").json().values()
        assert tenant["name"] == "fabrikam"
    with pytest.raises(SandboxError, match="connections sandbox seed"):
        process.up(home, estate=mine)
    process.down(home)
    with pytest.raises(SandboxError, match="connections sandbox seed"):
        process.up(home, estate=mine)


def test_an_estate_with_mistakes_starts_nothing_and_can_be_corrected(home: Home, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("tenants: [{name: fabrikam}]")
    with pytest.raises(SandboxError, match=r"tenants\[0\]\.domain: is missing"):
        process.up(home, port=0, estate=mine)
    assert home.running() is None
    mine.write_text("tenants: [{name: fabrikam, domain: fabrikam.example}]")
    assert process.up(home, port=0, estate=mine).already is False


def test_a_server_that_hangs_is_killed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "END_SECONDS", 0.5)
    running = process.up(home, port=0).running
    os.kill(running.pid, signal.SIGSTOP)
    assert process.down(home) == running
    assert home.running() is None


def test_asking_a_server_that_is_not_there_says_how_to_start_one(home: Home) -> None:
    with pytest.raises(SandboxError, match="connections sandbox up"):
        process.required(home)
    with pytest.raises(SandboxError, match="does not answer"):
        process.ask(home, Running(1, 1, "https://127.0.0.1:1", "0"), "GET", "health")
