"""What plans meet when services fail, and when the world is not what it was."""

from pathlib import Path

import pytest
from old_connections import PATIENT, OldConnections, apply, apply_until, entry

from azure_service_connections.lifecycle.cloud_addresses import DEVOPS_RESOURCE
from azure_service_connections.lifecycle.errors import SettingError

PUT = "serviceendpoint/endpoints/"
CREDENTIALS = "federatedIdentityCredentials"


def test_a_storm_of_429_stops_the_run_with_nothing_lost(old: OldConnections, tmp_path: Path) -> None:
    store, first = old.read("store", "press-a")
    plan = old.plan(entry(store, "convert", "place"), entry(first, "convert", "place"))
    old.cloud.faults.fail_next("devops", 429, count=100_000, retry_after=1, path=PUT, method="PUT")
    outcomes, stopped = apply_until(old, plan, tmp_path, at_a_time=1)
    assert [each.state for each in outcomes] == ["failed", "notStarted"]
    assert "also after long waits; run the command again later, with a smaller --parallel" in stopped
    assert old.scheme("store") == "ServicePrincipal"
    assert old.works("store")
    old.cloud.faults.clear()
    assert [each.state for each in apply(old, plan, tmp_path)] == ["done", "done"]
    assert old.asked("POST", CREDENTIALS) == 2


def test_throttling_that_ends_is_waited_for(old: OldConnections, tmp_path: Path) -> None:
    (store,) = old.read("store")
    old.cloud.faults.fail_next("devops", 429, count=3, retry_after=7, method="PUT")
    old.cloud.faults.fail_next("graph", 429, count=2, retry_after=5, method="POST")
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "done"
    assert max(old.pauses) > 5


def test_a_token_that_expires_midway_stops_the_run_and_the_next_one_goes_on(
    old: OldConnections, tmp_path: Path
) -> None:
    names = ["store", "press-a", "press-b"]
    plan = old.plan(*(entry(each, "convert", "place") for each in old.read(*names)))
    token = old.environment["AZDO_PERSONAL_ACCESS_TOKEN"]
    kept = old.cloud.store.get("personal-access-tokens", token)
    assert kept is not None
    old.after(
        r"PUT .*/serviceendpoint/endpoints/", lambda: old.cloud.store.remove("personal-access-tokens", token)
    )
    outcomes, stopped = apply_until(old, plan, tmp_path, at_a_time=1)
    assert [each.state for each in outcomes] == ["failed", "notStarted", "notStarted"]
    assert stopped.startswith(
        "The organization fabrikam does not take the personal access token of AZDO_PERSONAL_ACCESS_TOKEN"
    )
    assert stopped.endswith("Then run the command again: it goes on where it stopped.")
    old.put("personal-access-tokens", kept, token)
    assert [each.state for each in apply(old, plan, tmp_path)] == ["done"] * 3
    assert old.asked("PUT", PUT) == 3


def test_an_answer_that_is_lost_after_the_work_is_no_failure(old: OldConnections, tmp_path: Path) -> None:
    store, legacy = old.read("store", "legacy")
    for service, method in (("graph", "POST"), ("devops", "PUT")):
        old.cloud.faults.fail_next(service, 500, method=method, after=True)
    old.cloud.faults.fail_next("devops", 500, path="externalfederated", after=True)
    plan = old.plan(
        entry(store, "convert", "place"),
        entry(legacy, "migrate-issuer", "place", retire=("old-credential",)),
    )
    old.cloud.faults.fail_next("graph", 500, method="DELETE", after=True)
    outcomes = apply(old, plan, tmp_path, at_a_time=1)
    assert [each.state for each in outcomes] == ["done", "done"], outcomes
    assert len(old.trusts(store.client_id)) == 1
    assert len(old.trusts(legacy.client_id)) == 1
    # A second conversion would be refused by the service, and a second credential by the directory.
    assert not [each for each in old.cloud.traffic.entries if each.status in (400, 409)]


def test_a_conversion_that_changes_nothing_is_a_failure_whatever_the_service_answers(
    old: OldConnections, tmp_path: Path
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")

    def forget() -> None:
        old.keep(before)

    before = old.endpoint("shelf")
    old.after(rf"PUT .*{PUT}", forget)
    (outcome,) = apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    assert outcome.state == "failed"
    assert outcome.note.startswith("Azure DevOps answered nothing and has not changed it")


def test_a_conversion_that_takes_the_service_a_while_is_waited_for(
    old: OldConnections, tmp_path: Path
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    old.cloud.faults.set_visibility("conversions", PATIENT - 1)
    (outcome,) = apply(old, old.plan(entry(shelf, "convert", "service")), tmp_path)
    assert outcome.state == "done", outcome.note


def test_a_migration_that_takes_the_service_a_while_is_waited_for_and_given_up_in_the_end(
    old: OldConnections, tmp_path: Path
) -> None:
    (legacy,) = old.read("legacy")
    plan = old.plan(entry(legacy, "migrate-issuer", "place"))
    old.cloud.faults.set_visibility("migrations", 1000)
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "failed"
    assert "it works as before; run the command again in some minutes" in outcome.note
    assert old.works("legacy")
    old.cloud.faults.clear()
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done", outcome.note


def test_a_new_credential_that_entra_does_not_know_everywhere_is_waited_for(
    old: OldConnections, tmp_path: Path
) -> None:
    (store,) = old.read("store")
    old.cloud.faults.set_visibility("federated-credentials", 2)
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "done", outcome.note
    assert old.asked("POST", CREDENTIALS) == 1


def test_a_conversion_that_does_not_sign_in_goes_back_to_the_secret(
    old: OldConnections, tmp_path: Path
) -> None:
    old.make_automatic("shelf")
    (shelf,) = old.read("shelf")
    plan = old.plan(entry(shelf, "convert", "service"))

    def lose_the_credential() -> None:
        for each in old.cloud.store.find("federated-credentials", clientId=shelf.client_id):
            old.cloud.store.remove("federated-credentials", each["id"])

    old.after(rf"PUT .*{PUT}", lose_the_credential)
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "rolledBack"
    assert outcome.note.startswith("it did not sign in once converted (AADSTS70025: ")
    assert outcome.note.endswith("so it was reverted to its secret; signs in and reads its scope")
    assert old.scheme("shelf") == "ServicePrincipal"
    assert old.works("shelf")
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "done"
    assert old.works("shelf")


def test_nothing_is_retired_where_the_last_look_shows_no_sign_in(old: OldConnections, tmp_path: Path) -> None:
    (legacy,) = old.read("legacy")
    plan = old.plan(entry(legacy, "migrate-issuer", "place", retire=("old-credential",)))

    def lose_the_credential() -> None:
        for each in old.cloud.store.find("federated-credentials", clientId=legacy.client_id):
            if "login.microsoftonline" in each["issuer"]:
                old.cloud.store.remove("federated-credentials", each["id"])

    old.after("POST .*endpointproxy", lose_the_credential)
    (outcome,) = apply(old, plan, tmp_path)
    assert outcome.state == "failed"
    assert "the credential that it signs in with is not seen, so nothing may go" in outcome.note
    assert [issuer for issuer, _ in old.trusts(legacy.client_id)] == [legacy.issuer]


def test_a_move_to_entra_with_a_personal_access_token_alone_says_what_is_needed(
    old: OldConnections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (legacy,) = old.read("legacy")
    plan = old.plan(entry(legacy, "migrate-issuer", "service"))
    services = old.services()
    found = services.credentials.bearer

    def bearer(resource: str) -> str:
        if resource == DEVOPS_RESOURCE:
            raise SettingError("nobody is signed in")
        return found(resource)

    monkeypatch.setattr(services.credentials, "bearer", bearer)
    outcomes, stopped = apply_until(old, plan, tmp_path, services=services)
    assert [each.state for each in outcomes] == ["failed"]
    assert stopped.startswith("The move to Entra's issuer takes no personal access token; set ARM_CLIENT_ID")
    assert old.works("legacy")


def test_what_has_to_stay_with_azure_devops_own_issuer_is_refused_with_the_reason(
    old: OldConnections, tmp_path: Path
) -> None:
    application = old.one("applications", displayName="legacy")
    old.put("applications", {**application, "signInAudience": "AzureADMultipleOrgs"})
    endpoint = old.endpoint("network")
    endpoint["data"]["environment"] = "AzureUSGovernment"
    old.keep(endpoint)
    legacy, network = old.read("legacy", "network")
    old.cloud.traffic.clear()
    plan = old.plan(entry(legacy, "migrate-issuer", "place"), entry(network, "migrate-issuer", "place"))
    outcomes = apply(old, plan, tmp_path)
    assert [each.state for each in outcomes] == ["refused", "refused"]
    assert outcomes[0].note.startswith("its application is multi-tenant")
    assert outcomes[1].note.startswith("connections to AzureUSGovernment stay with Azure DevOps' own issuer")
    assert old.asked("POST", CREDENTIALS) == old.asked("PUT", CREDENTIALS) == 0


def test_an_operator_who_may_not_touch_the_application_is_sent_to_its_owner(
    old: OldConnections, tmp_path: Path
) -> None:
    principal = old.one("service-principals", appId=old.environment["ARM_CLIENT_ID"])
    old.put("service-principals", {**principal, "directoryRoles": ["Directory Readers"]})
    (store,) = old.read("store")
    (outcome,) = apply(old, old.plan(entry(store, "convert", "place")), tmp_path)
    assert outcome.state == "failed"
    assert "the operator may not change the application 'store'" in outcome.note
    assert "`connections handoff`" in outcome.note
    assert old.works("store")
