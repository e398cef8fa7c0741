"""What all services of the sandbox stand on: addresses, messages, ids, keys, time."""

import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_service_connections.sandbox import application
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.traffic import KEPT, Traffic

NAMES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="/?#%"), min_size=1, max_size=12
)


def request(method: str, path: str, **more: Any) -> Request:
    return Request(method, path, more.get("query", {}), more.get("headers", {}), more.get("body", b""))


def routes() -> Routes:
    table = Routes()

    @table.get("/subscriptions/{subscription}/resourceGroups/{group}")
    def show(cloud: Cloud, request: Request, subscription: str, group: str) -> Response:
        return Response(body=[subscription, group])

    @table.get("/{*scope}/providers/Microsoft.Authorization/roleAssignments/{name}")
    def assignment(cloud: Cloud, request: Request, scope: str, name: str) -> Response:
        return Response(body=[scope, name])

    return table


def test_paths_are_matched_without_regard_to_case_and_names_keep_their_spelling() -> None:
    cloud = Cloud()
    answer = routes().handle(cloud, request("GET", "/SUBSCRIPTIONS/Abc/resourcegroups/Rg-X/"))
    assert answer == Response(body=["Abc", "Rg-X"])
    cloud.close()


@given(group=NAMES)
def test_names_arrive_decoded(group: str) -> None:
    from urllib.parse import quote

    found = routes().find(request("GET", f"/subscriptions/s/resourceGroups/{quote(group, safe='')}"))
    assert found is not None
    assert found[1] == {"subscription": "s", "group": group}


def test_a_parameter_with_a_star_takes_several_segments() -> None:
    found = routes().find(
        request(
            "GET", "/subscriptions/s/resourceGroups/g/providers/microsoft.authorization/roleassignments/n"
        )
    )
    assert found is not None
    assert found[1] == {"scope": "subscriptions/s/resourceGroups/g", "name": "n"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/subscriptions/s/resourceGroups/g"),
        ("GET", "/subscriptions/s/resourceGroups"),
        ("GET", "/subscriptions/s/resourceGroups/g/more"),
        ("GET", "/subscriptions//resourceGroups/g"),
    ],
)
def test_what_does_not_fit_is_nobodys(method: str, path: str) -> None:
    assert routes().find(request(method, path)) is None


def test_headers_and_query_keys_are_found_in_any_case() -> None:
    message = Request("GET", "/", {"Api-Version": "1"}, {"authorization": "Bearer x"})
    assert message.header("Authorization") == "Bearer x"
    assert message.header("Missing") == ""
    assert message.argument("api-version") == "1"
    assert message.argument("missing") is None


def test_bodies_are_read_as_json_and_as_forms() -> None:
    assert request("POST", "/", body=b" ").json() is None
    assert request("POST", "/", body=b'{"a": 1}').json() == {"a": 1}
    with pytest.raises(ValueError, match="Expecting"):
        request("POST", "/", body=b"{").json()
    assert request("POST", "/", body=b"a=1&b=&a=2").form() == {"a": "1", "b": ""}


def test_an_empty_answer_a_null_and_bytes_are_three_things() -> None:
    assert Response(204).content() == b""
    assert Response(null=True).content() == b"null"
    assert Response(body=b"raw").content() == b"raw"
    assert Response(body=[]).content() == b"[]"


def test_ids_depend_on_kind_and_name_and_not_on_the_order_of_requests() -> None:
    first, second = Cloud(), Cloud()
    order = [("application", "a"), ("application", "b"), ("user", "a"), ("application", "a")]
    given_first = {
        (kind, name, n): first.identifiers.guid(kind, name) for n, (kind, name) in enumerate(order)
    }
    given_second = [second.identifiers.guid(kind, name) for kind, name in reversed(order)]
    assert set(given_first.values()) == set(given_second)
    assert len(set(given_second)) == 4
    for value in given_second:
        assert uuid.UUID(value).version == 4
    first.close()
    second.close()


@given(st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=2, unique=True))
def test_different_parts_never_give_one_id(pairs: list[tuple[str, str]]) -> None:
    cloud = Cloud()
    one, other = (cloud.identifiers.derived(*pair) for pair in pairs)
    assert (one == other) == (pairs[0] == pairs[1])
    cloud.close()


def test_another_seed_gives_other_ids() -> None:
    cloud = Cloud()
    before = cloud.identifiers.derived("organization", "contoso")
    cloud.identifiers.plant("8")
    assert cloud.identifiers.derived("organization", "contoso") != before
    cloud.close()


def test_a_token_signed_before_a_restart_is_good_after_it(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "state.db")
    token = cloud.signing.sign("entra", {"sub": "x"})
    cloud.close()
    cloud = Cloud(tmp_path / "state.db")
    assert jwt.decode(token, cloud.signing.public_key("entra"), algorithms=["RS256"]) == {"sub": "x"}
    assert jwt.get_unverified_header(token)["kid"] == cloud.signing.document("entra")["keys"][0]["kid"]
    cloud.close()


def test_each_issuer_has_a_key_of_its_own_that_its_key_set_shows() -> None:
    cloud = Cloud()
    token = cloud.signing.sign("devops", {"sub": "x"})
    shown = jwt.PyJWK(cloud.signing.document("devops")["keys"][0])
    assert jwt.decode(token, shown.key, algorithms=["RS256"]) == {"sub": "x"}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, cloud.signing.public_key("entra"), algorithms=["RS256"])
    cloud.close()


def test_the_clock_moves_as_it_is_told() -> None:
    cloud = Cloud()
    before = cloud.clock.timestamp()
    cloud.clock.advance(3600)
    cloud.clock.advance(-600)
    assert 3000 <= cloud.clock.timestamp() - before <= 3010
    assert cloud.clock.text().endswith("0Z")
    cloud.close()


def test_a_refused_request_leaves_nothing_behind() -> None:
    cloud = Cloud()

    def handle(cloud: Cloud, request: Request) -> Response:
        cloud.store.put("users", "eve", {})
        raise ServiceError(409, "already there")

    service = application.Service("arm", lambda *_: True, handle, lambda *_: Response(500))
    answer = application.answer_once(cloud, service, request("PUT", "/x"))
    assert (answer.status, cloud.store.get("users", "eve")) == (409, None)
    cloud.close()


def test_a_fault_in_a_handler_leaves_nothing_behind() -> None:
    cloud = Cloud()

    def handle(cloud: Cloud, request: Request) -> Response:
        cloud.store.put("users", "eve", {})
        raise ZeroDivisionError

    service = application.Service("arm", lambda *_: True, handle, lambda *_: Response(500))
    with pytest.raises(ZeroDivisionError):
        application.answer_once(cloud, service, request("PUT", "/x"))
    assert cloud.store.get("users", "eve") is None
    cloud.close()


def test_an_address_that_its_service_does_not_serve_answers_501_and_names_it() -> None:
    cloud = Cloud()
    service = application.Service("arm", lambda *_: True, lambda *_: None, lambda *_: Response(500))
    answer = application.answer_once(cloud, service, request("PATCH", "/subscriptions/s/oddity"))
    assert answer.status == 501
    assert "PATCH /subscriptions/s/oddity" in answer.body["error"]["message"]
    cloud.close()


def test_the_log_of_requests_keeps_the_latest_and_counts_all() -> None:
    traffic = Traffic()
    for number in range(KEPT + 5):
        traffic.record("now", "arm", request("GET", f"/{number}"), 200)
    assert len(traffic.entries) == KEPT
    assert traffic.entries[-1].path == f"/{KEPT + 4}"
    assert traffic.counts == {"arm": KEPT + 5}
    traffic.clear()
    assert (len(traffic.entries), traffic.counts) == (0, {})
