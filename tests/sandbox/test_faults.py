"""Faults as the services meet them: counted down, narrowed, kept over a restart."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.faults import Failure
from azure_service_connections.sandbox.message import Request


def request(method: str = "GET", path: str = "/subscriptions") -> Request:
    return Request(method, path, {}, {})


def test_a_failure_happens_as_often_as_asked_and_to_the_right_service() -> None:
    cloud = Cloud()
    cloud.faults.fail_next("arm", 503, count=2, retry_after=9)
    assert cloud.faults.take("graph", request(), after=False) is None
    assert cloud.faults.take("arm", request(), after=True) is None
    assert cloud.faults.take("arm", request(), after=False) == Failure(503, 9)
    assert cloud.faults.take("arm", request(), after=False) == Failure(503, 9)
    assert cloud.faults.take("arm", request(), after=False) is None
    cloud.close()


def test_failures_happen_in_the_order_in_which_they_were_asked_for() -> None:
    cloud = Cloud()
    statuses = [500, 429, 503, *[502] * 9]
    for status in statuses:
        cloud.faults.fail_next("*", status)
    taken = [cloud.faults.take("arm", request(), after=False) for _ in statuses]
    assert [failure.status for failure in taken if failure] == statuses
    cloud.close()


def test_a_failure_waits_for_its_method_and_its_path() -> None:
    cloud = Cloud()
    cloud.faults.fail_next("arm", 500, method="put", path="ROLEassignments")
    assert cloud.faults.take("arm", request("GET", "/x/roleAssignments/1"), after=False) is None
    assert cloud.faults.take("arm", request("PUT", "/x/roleDefinitions/1"), after=False) is None
    assert cloud.faults.take("arm", request("PUT", "/x/roleAssignments/1"), after=False)
    cloud.close()


def test_faults_that_are_set_outlive_the_process(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "state.db")
    cloud.faults.fail_next("arm", 500)
    cloud.faults.set_latency(1.5)
    cloud.clock.advance(60)
    cloud.close()
    cloud = Cloud(tmp_path / "state.db")
    assert cloud.faults.latency == 1.5
    assert cloud.clock.offset == 60
    assert cloud.faults.take("arm", request(), after=False)
    cloud.close()


def test_lifting_the_faults_leaves_time_and_seed_alone() -> None:
    cloud = Cloud()
    cloud.identifiers.plant("seven")
    cloud.clock.advance(60)
    cloud.faults.fail_next("arm", 500)
    cloud.faults.set_latency(3)
    cloud.faults.set_throttle("arm", 1)
    cloud.faults.set_visibility("applications", 4)
    cloud.faults.created("applications", "a")
    cloud.faults.clear()
    assert cloud.faults.take("arm", request(), after=False) is None
    assert cloud.faults.latency == 0
    assert [cloud.faults.throttled("arm") for _ in range(3)] == [None] * 3
    assert cloud.faults.visible("applications", "a")
    assert (cloud.clock.offset, cloud.identifiers.seed) == (60, "seven")
    cloud.close()


@given(reads=st.integers(0, 12))
@settings(max_examples=13, deadline=None)
def test_a_new_thing_is_seen_after_exactly_as_many_reads_in_vain(reads: int) -> None:
    cloud = Cloud()
    cloud.faults.set_visibility("applications", reads)
    cloud.faults.created("applications", "new")
    assert cloud.faults.visible("applications", "old")
    assert [cloud.faults.visible("applications", "new") for _ in range(reads + 2)] == [
        *[False] * reads,
        True,
        True,
    ]
    cloud.close()


def test_a_reset_forgets_what_was_not_yet_visible() -> None:
    cloud = Cloud()
    cloud.faults.set_visibility("applications", 5)
    cloud.faults.created("applications", "a")
    cloud.reset()
    assert cloud.faults.visible("applications", "a")
    cloud.close()
