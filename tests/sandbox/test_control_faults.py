"""Faults on request, each in the words of the service that it befalls; in process and over https."""

import time
from collections import Counter
from typing import Any

import httpx
import pytest

from azure_service_connections.sandbox.cloud import Cloud

TENANT = "3fd1f1a6-2b4e-4c8e-9a51-6f2f6f0f6a01"
SUBSCRIPTIONS = "/subscriptions?api-version=2022-12-01"
APPLICATIONS = "/v1.0/applications"
PROJECTS = "/contoso/_apis/projects?api-version=7.1"


def fail(client: httpx.Client, **fault: Any) -> None:
    answer = client.post("/_sandbox/fail-next", json=fault)
    assert answer.status_code == 200, answer.text


def test_latency_holds_every_answer_but_the_control_apis_own(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    assert client.post("/_sandbox/latency", json={"seconds": 0.08}).json() == {"seconds": 0.08}
    began = time.monotonic()
    assert client.get(SUBSCRIPTIONS, headers=operator).status_code == 200
    assert time.monotonic() - began >= 0.08
    client.post("/_sandbox/latency", json={"seconds": 30})
    assert client.get("/_sandbox/health").status_code == 200
    client.delete("/_sandbox/faults")
    assert client.get("/_sandbox/latency").json() == {"seconds": 0}


def test_one_failure_befalls_one_request_of_that_service(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    fail(client, service="graph", status=500)
    assert client.get(SUBSCRIPTIONS, headers=operator).status_code == 200
    refused = client.get(APPLICATIONS, headers=operator)
    assert refused.status_code == 500
    assert refused.json()["error"]["code"]
    assert client.get(APPLICATIONS, headers=operator).status_code == 200


def test_throttled_answers_say_how_long_to_wait_in_each_services_words(
    client: httpx.Client, operator: dict[str, str], ada: dict[str, str]
) -> None:
    fail(client, service="*", status=429, count=4, retryAfter=7)
    graph = client.get(APPLICATIONS, headers=operator)
    azure = client.get(SUBSCRIPTIONS, headers=operator)
    devops = client.get(PROJECTS, headers=ada)
    entra = client.post(f"/{TENANT}/oauth2/v2.0/token", data={})
    for answer in (graph, azure, devops, entra):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert graph.json()["error"]["code"] == "TooManyRequests"
    assert azure.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    assert devops.json()["typeKey"]
    assert entra.json()["error"] == "temporarily_unavailable"


def test_a_failure_can_be_kept_for_a_method_and_a_path(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    fail(client, service="graph", status=503, method="post", path="/servicePrincipals$")
    assert client.get(APPLICATIONS, headers=operator).status_code == 200
    made = client.post(APPLICATIONS, json={"displayName": "one"}, headers=operator).json()
    body = {"appId": made["appId"]}
    assert client.post("/v1.0/serviceprincipals", json=body, headers=operator).status_code == 503
    assert client.post("/v1.0/servicePrincipals", json=body, headers=operator).status_code == 201
    assert client.get("/_sandbox/faults").json() == {"value": []}


def test_an_answer_can_be_lost_after_its_request_was_carried_out(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    fail(client, service="graph", status=500, method="POST", after=True)
    assert client.post(APPLICATIONS, json={"displayName": "lost"}, headers=operator).status_code == 500
    found = client.get(APPLICATIONS, params={"$filter": "displayName eq 'lost'"}, headers=operator).json()
    assert len(found["value"]) == 1


def test_a_request_that_fails_before_it_is_carried_out_changes_nothing(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    fail(client, service="graph", status=500, method="POST")
    client.post(APPLICATIONS, json={"displayName": "never"}, headers=operator)
    found = client.get(APPLICATIONS, params={"$filter": "displayName eq 'never'"}, headers=operator).json()
    assert found["value"] == []


def test_beyond_its_limit_a_second_a_service_refuses_and_another_does_not(
    cloud: Cloud, client: httpx.Client, operator: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("azure_service_connections.sandbox.faults.monotonic", lambda: now)
    client.post(
        "/_sandbox/throttle", json={"service": "graph", "requestsPerSecond": 2, "retryAfter": 3}
    ).raise_for_status()
    answers = [client.get(APPLICATIONS, headers=operator) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429, 429]
    assert answers[2].headers["Retry-After"] == "3"
    assert client.get(SUBSCRIPTIONS, headers=operator).status_code == 200
    now += 1
    assert client.get(APPLICATIONS, headers=operator).status_code == 200
    client.post("/_sandbox/throttle", json={"service": "graph", "requestsPerSecond": 0})
    lifted = Counter(client.get(APPLICATIONS, headers=operator).status_code for _ in range(9))
    assert lifted == {200: 9}


def test_a_new_application_is_found_after_as_many_reads_in_vain_as_asked(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    client.post("/_sandbox/visible-after", json={"kind": "applications", "reads": 2}).raise_for_status()
    made = client.post(APPLICATIONS, json={"displayName": "late"}, headers=operator).json()
    address = f"{APPLICATIONS}/{made['id']}"
    seen = [client.get(address, headers=operator).status_code for _ in range(3)]
    assert seen == [404, 404, 200]


@pytest.mark.parametrize(
    ("address", "body", "words"),
    [
        ("latency", {"seconds": -1}, "seconds: input should be greater than or equal to 0"),
        ("latency", {}, "seconds: field required"),
        ("throttle", {"service": "mail", "requestsPerSecond": 1}, "service: input should be 'entra'"),
        ("fail-next", {"service": "arm", "status": 200}, "status: input should be greater than"),
        ("fail-next", {"service": "arm", "status": 500, "path": "("}, "path: value error, is not a regular"),
        ("fail-next", {"service": "arm", "status": 500, "times": 2}, "times: extra inputs are not permitted"),
        ("visible-after", {"kind": "people", "reads": 1}, "kind: input should be 'applications'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(
    client: httpx.Client, address: str, body: dict[str, Any], words: str
) -> None:
    answer = client.post(f"/_sandbox/{address}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert client.get("/_sandbox/faults").json() == {"value": []}


def test_every_request_is_noted_with_its_answers_status_and_service(
    client: httpx.Client, operator: dict[str, str], ada: dict[str, str]
) -> None:
    client.delete("/_sandbox/requests")
    client.get(SUBSCRIPTIONS, headers=operator)
    client.get(SUBSCRIPTIONS)
    client.get(PROJECTS, headers=ada)
    noted = client.get("/_sandbox/requests").json()
    assert noted["counts"] == {"arm": 2, "devops": 1}
    assert [(each["service"], each["method"], each["path"], each["status"]) for each in noted["value"]] == [
        ("arm", "GET", "/subscriptions", 200),
        ("arm", "GET", "/subscriptions", 401),
        ("devops", "GET", "/contoso/_apis/projects", 200),
    ]
    assert len(client.get("/_sandbox/requests?service=devops").json()["value"]) == 1


def test_throttled_and_failed_requests_are_noted_too(client: httpx.Client, operator: dict[str, str]) -> None:
    client.delete("/_sandbox/requests")
    fail(client, service="arm", status=503)
    client.get(SUBSCRIPTIONS, headers=operator)
    assert [each["status"] for each in client.get("/_sandbox/requests").json()["value"]] == [503]


def test_where_the_sandbox_fails_itself_it_says_so_and_undoes_the_request(
    cloud: Cloud, client: httpx.Client, operator: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: Any) -> None:
        raise ZeroDivisionError

    before = cloud.store.keys("applications")
    with monkeypatch.context() as patch:
        patch.setattr(cloud.faults, "created", fault)
        answer = client.post(APPLICATIONS, json={"displayName": "half"}, headers=operator)
    assert answer.status_code == 500
    assert "POST /v1.0/applications" in answer.json()["error"]["message"]
    assert cloud.store.keys("applications") == before
    assert client.get(APPLICATIONS, headers=operator).status_code == 200
