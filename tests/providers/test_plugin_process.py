"""The plugins as processes: the port on the first line, and no life after the engine."""

import os
import select
import signal
import subprocess
import sys

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

PACKAGES = "azure_service_connections.providers"
PARENT = """
import subprocess, sys
command = [sys.executable, "-m", sys.argv[1], "127.0.0.1:1"]
plugin = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
print(plugin.pid, plugin.stdout.readline().strip(), flush=True)
plugin.wait()
"""


def started(package: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"{PACKAGES}.{package}", "127.0.0.1:1"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_plugin_prints_its_port_answers_and_ends_at_once_on_a_signal() -> None:
    plugin = started("azuread")
    assert plugin.stdout is not None
    port = int(plugin.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=20).version == "6.11.1"
        plugin.send_signal(signal.SIGTERM)
        output, errors = plugin.communicate(timeout=5)
    assert (plugin.returncode, output, errors) == (0, "", "")


def test_a_plugin_ends_with_an_engine_that_was_killed() -> None:
    command = [sys.executable, "-c", PARENT, f"{PACKAGES}.azure_native"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        pid, port = map(int, engine.stdout.readline().split())
        assert port > 0
        ends = os.pidfd_open(pid)
        try:
            engine.kill()
            ended, _, _ = select.select([ends], [], [], 10)
            assert ended
        finally:
            os.close(ends)


def test_a_wrong_setting_ends_a_plugin_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_PROVIDER_PAUSE", "often")
    plugin = started("azuread")
    output, errors = plugin.communicate(timeout=20)
    assert (plugin.returncode, output) == (1, "")
    assert errors == "SANDBOX_PROVIDER_PAUSE is 'often'; write a number from 0, such as 0.02 or 1.\n"
