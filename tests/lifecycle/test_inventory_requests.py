"""How the services are asked: at the pace that they want, each organization with its own token."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import httpx
import pytest
from inventory_world import Organizations
from served_cloud import World

from azure_service_connections.lifecycle.errors import ServiceError, SettingError
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.inventory.workers import THREADS, Workers
from azure_service_connections.lifecycle.organizations import (
    organization_addresses,
    organization_name,
    token_variables,
)
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.throttling import MOST_AT_A_TIME, Throttle

Answers = Sequence[httpx.Response | httpx.HTTPError]


def client(answers: Answers) -> tuple[HttpClient, list[float]]:
    """A client that gets these answers one after the other, and the seconds that it has waited."""
    left, waits = list(answers), []

    def answer(_request: httpx.Request) -> httpx.Response:
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    return HttpClient(httpx.Client(transport=httpx.MockTransport(answer)), waits.append), waits


def throttled(seconds: int) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": str(seconds)})


def rounded(waits: Sequence[float]) -> list[int]:
    return [round(each) for each in waits]


def test_a_throttled_request_is_sent_again_when_the_service_wants_it() -> None:
    http, waits = client([throttled(7), throttled(45), httpx.Response(200, json={"value": 1})])
    assert http.send("GET", "https://service.example/a").document == {"value": 1}
    assert rounded(waits) == [7, 45]


def test_a_throttled_request_without_a_time_waits_longer_each_time() -> None:
    http, waits = client([*[httpx.Response(429)] * 7, httpx.Response(200, json={})])
    assert http.send("PUT", "https://service.example/a").status == 200
    assert rounded(waits) == [1, 2, 4, 8, 16, 30, 30]


def test_a_service_that_throttles_for_ever_is_given_up_in_the_end() -> None:
    http, waits = client([throttled(1)] * 60)
    assert http.send("GET", "https://service.example/a").status == 429
    assert len(waits) == 59


def test_an_answer_that_was_delayed_slows_the_next_request_down() -> None:
    """Azure DevOps answers and says in the same breath that it wants to be left alone for a while."""
    delayed = {"X-RateLimit-Delay": "2.345", "Retry-After": "20"}
    http, waits = client([httpx.Response(200, json={}, headers=delayed), httpx.Response(200, json={})])
    assert http.send("GET", "https://service.example/a").status == 200
    assert waits == []
    assert http.send("GET", "https://service.example/b").status == 200
    assert rounded(waits) == [20]


def test_another_service_is_not_slowed_down() -> None:
    http, waits = client([throttled(1), httpx.Response(200), httpx.Response(200)])
    http.send("GET", "https://service.example/a", service="one")
    waits.clear()
    http.send("GET", "https://service.example/a", service="another")
    assert waits == []


def test_a_reading_outlives_a_dropped_connection() -> None:
    dropped = httpx.RemoteProtocolError("Server disconnected without sending a response.")
    http, waits = client([dropped, dropped, httpx.Response(200, json={})])
    assert http.send("GET", "https://service.example/a").status == 200
    assert waits == [1, 2]


def test_a_change_is_not_sent_again_after_a_dropped_connection() -> None:
    http, _ = client([httpx.RemoteProtocolError("Server disconnected.")])
    with pytest.raises(
        ServiceError, match=r"^service\.example does not answer \(Server disconnected\.\); check"
    ):
        http.send("PUT", "https://service.example/a")


def test_a_certificate_that_is_not_trusted_is_told_as_such() -> None:
    untrusted = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    http, _ = client([untrusted])
    with pytest.raises(ServiceError, match=r"^service\.example shows a certificate .* in SSL_CERT_FILE\.$"):
        http.send("GET", "https://service.example/a")


def test_a_change_is_not_sent_again_after_an_answer_that_leaves_it_open() -> None:
    http, waits = client([httpx.Response(500)])
    assert http.send("POST", "https://service.example/a").status == 500
    assert waits == []


def free_places(throttle: Throttle) -> int:
    """How many requests may be under way together, at most one more than there are places at all."""
    with ExitStack() as held, ThreadPoolExecutor(1) as pool:
        for number in range(MOST_AT_A_TIME + 1):
            entered = threading.Event()

            def enter(entered: threading.Event = entered) -> None:
                held.enter_context(throttle.turn())
                entered.set()

            job = pool.submit(enter)
            if not entered.wait(0.05):
                held.close()
                job.result(10)
                return number
    return MOST_AT_A_TIME + 1


def test_an_objection_halves_the_requests_under_way_and_answers_give_them_back() -> None:
    throttle = Throttle(lambda _seconds: None)
    assert free_places(throttle) == MOST_AT_A_TIME
    together = throttle.wait()
    throttle.objected(together, 0)
    throttle.objected(together, 0)
    assert free_places(throttle) == MOST_AT_A_TIME // 2, "those sent together count as one objection"
    throttle.objected(throttle.wait(), 0)
    assert free_places(throttle) == MOST_AT_A_TIME // 4
    for _ in range(MOST_AT_A_TIME // 4):
        throttle.answered()
    assert free_places(throttle) == MOST_AT_A_TIME // 4 + 1
    for _ in range(MOST_AT_A_TIME**2):
        throttle.answered()
    assert free_places(throttle) == MOST_AT_A_TIME


def test_an_interrupt_does_not_wait_for_what_a_service_keeps_waiting() -> None:
    refused = httpx.MockTransport(lambda _request: httpx.Response(429, headers={"Retry-After": "250"}))
    http = HttpClient(httpx.Client(transport=refused))
    waiting = threading.Event()
    ended: list[str] = []

    def ask() -> None:
        waiting.set()
        try:
            http.send("GET", "https://service.example/a")
        except ServiceError as error:
            ended.append(str(error))

    def interrupt() -> None:
        waiting.wait(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Workers() as workers:
        workers.all("jobs", [interrupt, *[ask] * 5])
    http.close()
    for thread in threading.enumerate():
        if thread.name.startswith("inventory"):
            thread.join(10)
            assert not thread.is_alive()
    assert set(ended) == {"The command was ended while a service kept it waiting."}


def test_the_first_error_of_many_jobs_ends_the_others() -> None:
    begun, released = [], threading.Event()

    def job(number: int) -> int:
        begun.append(number)
        if number == 0:
            raise ServiceError("it is over")
        released.wait(10)
        return number

    with Workers() as workers:
        with pytest.raises(ServiceError, match="it is over"):
            workers.all("jobs", [partial(job, number) for number in range(5000)])
        released.set()
    assert len(begun) <= THREADS + 1


def test_answers_of_many_jobs_keep_their_order() -> None:
    with Workers() as workers:
        assert workers.all("jobs", [partial(int, str(number)) for number in range(200)]) == list(range(200))


def test_a_storm_of_refusals_loses_nothing(world: World) -> None:
    organizations = Organizations(world)
    calm = organizations.read("fabrikam", "fabrikam-old")
    world.cloud.traffic.clear()
    organizations.services.http.close()
    organizations.services.http = HttpClient(pause=lambda _seconds: None)
    for service in ("devops", "graph", "arm"):
        world.cloud.faults.fail_next(service, 429, count=12, retry_after=1)
    assert organizations.read("fabrikam", "fabrikam-old") == calm
    assert sum(each.status == 429 for each in world.cloud.traffic.entries) == 36
    organizations.services.close()


@pytest.mark.parametrize(
    ("given", "own", "address"),
    [
        ("contoso", "", "https://dev.azure.com/contoso"),
        ("contoso", "https://dev.azure.com/fabrikam", "https://dev.azure.com/contoso"),
        ("contoso", "https://fabrikam.visualstudio.com", "https://dev.azure.com/contoso"),
        (
            "contoso",
            "https://devops.contoso.example:8443/tfs/one/",
            "https://devops.contoso.example:8443/tfs/contoso",
        ),
        ("https://dev.azure.com/contoso/", "", "https://dev.azure.com/contoso"),
        ("https://contoso.visualstudio.com/", "", "https://contoso.visualstudio.com"),
    ],
)
def test_an_organization_is_given_by_name_or_address(given: str, own: str, address: str) -> None:
    environment = {"AZDO_ORG_SERVICE_URL": own} if own else {}
    assert organization_addresses([given], environment) == (address,)
    assert organization_name(address) == "contoso"


def test_without_one_given_the_organization_of_the_environment_is_meant() -> None:
    own = {"AZDO_ORG_SERVICE_URL": "https://dev.azure.com/contoso/"}
    assert organization_addresses([], own) == ("https://dev.azure.com/contoso",)
    with pytest.raises(SettingError, match="give --organization or set AZDO_ORG_SERVICE_URL"):
        organization_addresses([], {})


def test_an_organization_named_twice_is_read_once() -> None:
    given = ["contoso", "https://dev.azure.com/Contoso/", "fabrikam"]
    assert organization_addresses(given, {}) == (
        "https://dev.azure.com/contoso",
        "https://dev.azure.com/fabrikam",
    )


@pytest.mark.parametrize("given", ["", "a b", "https://", "ftp://dev.azure.com/contoso", "contoso/payments"])
def test_what_is_no_organization_is_told(given: str) -> None:
    with pytest.raises(SettingError, match="is no Azure DevOps organization; give its name or its address"):
        organization_addresses([given], {})


def test_a_token_of_one_organization_goes_before_that_of_all() -> None:
    assert token_variables("https://dev.azure.com/fabrikam-old") == (
        "AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD",
        "AZDO_PERSONAL_ACCESS_TOKEN",
    )


def test_the_page_for_signing_in_is_not_taken_for_an_answer() -> None:
    page = httpx.Response(203, text="<html><title>Azure DevOps Services | Sign In</title></html>")
    http, _ = client([page])
    services = Services({"AZDO_PERSONAL_ACCESS_TOKEN": "hidden"}, http)
    with pytest.raises(ServiceError) as refused:
        services.devops("GET", "/_apis/projects", organization="https://dev.azure.com/contoso")
    assert str(refused.value).startswith(
        "The organization contoso does not take the personal access token of AZDO_PERSONAL_ACCESS_TOKEN: "
    )
    assert "hidden" not in str(refused.value)
