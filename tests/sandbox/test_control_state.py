"""The control API's hold on state and time, in process and over https."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud

TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
SUBSCRIPTIONS = "/subscriptions?api-version=2022-12-01"
OTHER_ESTATE = """
seed: other
tenants:
  - name: fabrikam
    domain: fabrikam.example
    applications: [{name: automation, secret: its-secret, operator: true}]
    subscriptions: [{name: Lab}]
organizations:
  - name: fabrikam
    tenant: fabrikam
    projects: [{name: Lab, pipelines: [{name: build, yaml: "steps: [{script: make}]"}]}]
"""


def test_health_says_which_sandbox_answers(cloud: Cloud, client: httpx.Client) -> None:
    health = client.get("/_sandbox/health").json()
    assert health["pid"] == os.getpid()
    assert health["url"] == cloud.url
    assert (health["tenants"], health["subscriptions"], health["pipelines"]) == (1, 3, 6)


def test_an_application_made_meanwhile_is_gone_after_a_reset(
    client: httpx.Client, operator: dict[str, str], token: Callable[..., str]
) -> None:
    made = client.post("/v1.0/applications", json={"displayName": "fleeting"}, headers=operator).json()
    client.post("/_sandbox/fail-next", json={"service": "arm", "status": 500})
    client.post("/_sandbox/clock", json={"advance": 3600})
    answer = client.post("/_sandbox/reset")
    assert answer.status_code == 200
    assert answer.json()["applications"] == 3
    after = {"Authorization": f"Bearer {token()}"}
    assert client.get(f"/v1.0/applications/{made['id']}", headers=after).status_code == 404
    assert client.get(SUBSCRIPTIONS, headers=after).status_code == 200
    assert client.get("/_sandbox/clock").json()["offset"] == 0


def test_a_token_from_before_a_reset_is_worth_nothing(client: httpx.Client, operator: dict[str, str]) -> None:
    client.post("/_sandbox/reset")
    assert client.get(SUBSCRIPTIONS, headers=operator).status_code == 401


def test_another_estate_replaces_everything_and_a_reset_leads_back_to_it(
    cloud: Cloud, client: httpx.Client
) -> None:
    answer = client.post("/_sandbox/seed", content=OTHER_ESTATE)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "tenants": 1,
        "subscriptions": 1,
        "applications": 1,
        "organizations": 1,
        "projects": 1,
        "pipelines": 1,
    }
    assert client.post("/_sandbox/reset").json() == answer.json()
    found = client.get("/_sandbox/operator").json()
    signed_in = client.post(
        f"/{found['tenantId']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": found["clientId"],
            "client_secret": found["secret"],
            "scope": f"{cloud.url}/.default",
        },
    )
    assert signed_in.status_code == 200
    assert found["organization"] == "fabrikam"
    assert found["token"] is None
    assert client.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").status_code == 400


def test_an_estate_with_mistakes_replaces_nothing_and_says_all_of_them(client: httpx.Client) -> None:
    before = client.get("/_sandbox/dump").json()
    answer = client.post("/_sandbox/seed", content="tenants: [{name: x}]\norganisations: []\n")
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert "tenants[0].domain: is missing" in message
    assert "organisations: is not a key of this place; write 'organizations'" in message
    assert client.get("/_sandbox/dump").json() == before


def test_a_dump_shows_collections_and_no_signing_key(client: httpx.Client) -> None:
    everything = client.get("/_sandbox/dump").json()
    assert {"tenants", "applications", "resources", "endpoints", "pipelines"} <= everything.keys()
    assert "signing-keys" not in everything
    assert "PRIVATE KEY" not in client.get("/_sandbox/dump").text
    assert client.get("/_sandbox/dump?collection=projects").json() == everything["projects"]
    assert client.get("/_sandbox/dump?collection=signing-keys").json() == {}


def test_a_token_ends_when_the_sandbox_says_that_its_hour_is_over(
    client: httpx.Client, operator: dict[str, str], token: Callable[..., str]
) -> None:
    assert client.get(SUBSCRIPTIONS, headers=operator).status_code == 200
    assert client.post("/_sandbox/clock", json={"advance": 3700}).json()["offset"] == 3700
    refused = client.get(SUBSCRIPTIONS, headers=operator)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "ExpiredAuthenticationToken"
    assert client.get(SUBSCRIPTIONS, headers={"Authorization": f"Bearer {token()}"}).status_code == 200


def test_the_clock_can_be_set_to_a_moment_and_back_to_the_machines(client: httpx.Client) -> None:
    answer = client.post("/_sandbox/clock", json={"now": "2031-01-31T12:00:00Z"}).json()
    assert answer["now"].startswith("2031-01-31T12:00:0")
    answer = client.post("/_sandbox/clock", json={"offset": 0}).json()
    assert abs(datetime.fromisoformat(answer["now"]) - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "write exactly one of advance, offset and now"),
        ({"advance": 1, "offset": 2}, "write exactly one of advance, offset and now"),
        ({"advance": "soon"}, "advance: input should be a valid number"),
        ({"forward": 1}, "forward: extra inputs are not permitted"),
        ({"now": "2031-01-31T12:00:00"}, "now: input should have timezone info"),
        ({"advance": 1e300}, "lies beyond the calendar"),
        ([1], "the body: input should be a valid dictionary"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused_and_changes_nothing(
    client: httpx.Client, body: Any, words: str
) -> None:
    answer = client.post("/_sandbox/clock", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert client.get("/_sandbox/clock").json()["offset"] == 0


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    answer = client.post("/_sandbox/clock", content="{")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "the body: is not JSON")


def test_an_address_that_is_not_served_is_named(client: httpx.Client) -> None:
    answer = client.put("/_sandbox/weather")
    assert answer.status_code == 501
    assert "PUT /_sandbox/weather" in answer.json()["error"]["message"]
    assert client.get("/nowhere/at/all").status_code == 501


@pytest.mark.parametrize(
    "headers",
    [{"Host": "sandbox.example:443"}, {"Origin": "https://page.example"}, {"Host": "127.0.0.1.example"}],
)
def test_only_programs_of_this_machine_control_it(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/_sandbox/reset", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NotLoopback")


@pytest.mark.parametrize("host", ["localhost:18443", "[::1]:18443", "127.0.0.1"])
def test_every_name_of_this_machine_controls_it(client: httpx.Client, host: str) -> None:
    assert client.get("/_sandbox/health", headers={"Host": host}).status_code == 200


def test_the_operator_is_told_to_those_who_ask(cloud: Cloud, client: httpx.Client) -> None:
    assert client.get("/_sandbox/operator").json() == estate.operator(cloud)
