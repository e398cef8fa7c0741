"""What plans meet when connections are not what they were when the plan was written."""

from pathlib import Path

import pytest
from old_connections import OldConnections, apply, apply_until, entry, lines, place, steps

from azure_service_connections.lifecycle.errors import LifecycleError

PUT = "serviceendpoint/endpoints/"
CREDENTIALS = "federatedIdentityCredentials"


def test_a_connection_that_is_gone_is_told_and_the_others_go_on(old: OldConnections, tmp_path: Path) -> None:
    store, first = old.read("store", "press-a")
    plan = old.plan(entry(store, "convert", "place"), entry(first, "convert", "place"))
    with old.services() as services:
        services.devops(
            "DELETE",
            f"/_apis/serviceendpoint/endpoints/{store.id}",
            organization=store.organization,
            parameters={"projectIds": store.project.id},
        )
    outcomes = apply(old, plan, tmp_path)
    assert [each.state for each in outcomes] == ["refused", "done"]
    assert outcomes[0].note == (
        "it is not there any more, or the operator may not see it; write a new plan and have it reviewed"
    )


def test_a_renamed_connection_is_refused_with_its_new_name(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place"))
    endpoint = old.endpoint("store")
    endpoint["references"][0]["name"] = "shop"
    old.keep(endpoint)
    (outcome,) = apply(old, plan, tmp_path)
    assert (outcome.state, outcome.changed) == ("refused", False)
    assert outcome.note == "it is now called 'shop'; write a new plan and have it reviewed"
    assert old.trusts(store.client_id) == []
    assert steps(tmp_path, store.id) == [("checked", "failed")]


def test_what_was_converted_meanwhile_is_refused(old: OldConnections, tmp_path: Path) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    plan = old.plan(entry(shelf, "convert", "service"))
    (tmp_path / "other").mkdir()
    apply(old, plan, tmp_path / "other")
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.note.startswith("it has been converted meanwhile; ")


def test_a_change_that_nothing_names_is_refused_all_the_same(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place"))
    place(old, store, subject="repo:fabrikam/store")
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "refused"
    assert "its scope, what its identity trusts, its secrets or the pipelines" in outcome.note
    assert old.scheme("store") == "ServicePrincipal"


def test_a_change_after_the_check_and_before_the_conversion_is_seen(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")

    def rename() -> None:
        endpoint = old.endpoint("store")
        endpoint["references"][0]["name"] = "shop"
        old.keep(endpoint)

    old.after(f"POST .*{CREDENTIALS}", rename)
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "refused"
    assert outcome.note.startswith("somebody changed its name while this plan was being carried out")
    assert old.asked("PUT", PUT) == 0


def test_an_organization_that_is_not_there_is_named_before_anything_is_done(
    old: OldConnections, tmp_path: Path
) -> None:
    store, first = old.read("store", "press-a")
    elsewhere = entry(first, "convert", "place").model_copy(
        update={"organization": old.organization("nowhere")}
    )
    plan = old.plan(entry(store, "convert", "place"), elsewhere)
    with pytest.raises(LifecycleError, match=r"There is no Azure DevOps organization at .*/nowhere; check"):
        apply(old, plan, tmp_path)
    assert old.scheme("store") == "ServicePrincipal"
    assert lines(tmp_path) == ()


def test_a_refusal_midway_does_not_make_a_later_run_forget_what_was_done(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    plan = old.plan(entry(store, "convert", "place"))
    old.cloud.faults.fail_next("devops", 429, count=100_000, retry_after=1, path="endpointproxy")
    apply_until(old, plan, tmp_path)
    old.cloud.faults.clear()
    converted = old.endpoint("store")
    other = old.client("press-a")
    changed = {**converted["authorization"]["parameters"], "serviceprincipalid": other}
    old.put(
        "endpoints", {**converted, "authorization": {**converted["authorization"], "parameters": changed}}
    )
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "refused"
    assert outcome.note.startswith(f"somebody gave it another identity ('{other}') while its change was half")
    old.keep(converted)
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert old.asked("PUT", PUT) == 1
