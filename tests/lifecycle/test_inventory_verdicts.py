"""What may be done to a connection, and what there is to do about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from planned_connections import NOW, application, connection, federated, guid, trusts

from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection, Project
from azure_service_connections.lifecycle.inventory.findings import expiry, findings
from azure_service_connections.lifecycle.inventory.identity import HeldRole, Identity, Secret
from azure_service_connections.lifecycle.inventory.verdicts import (
    MOST_TRUSTS,
    conversion,
    judged,
    migration,
    reversion,
)

MANUAL = {"creation_mode": "Manual"}
HANDOFF = "it was made by hand; the owner of its identity has to place the federated credential (a handoff)"


def in_projects(*names: str) -> dict[str, Any]:
    return {"projects": tuple(Project(id=guid(each), name=each, connection_name="shop") for each in names)}


@pytest.mark.parametrize(
    ("looked_at", "possible", "reason"),
    [
        (
            connection("shop"),
            True,
            "Azure DevOps made its identity and places the credential itself",
        ),
        (
            connection("shop", **in_projects("Web", "Data", "Tools")),
            False,
            "it is shared by the projects Web, Data and Tools, and only one project may have it",
        ),
        (
            connection("shop", **MANUAL),
            True,
            "it was made by hand; the federated credential is placed first",
        ),
        (
            connection("shop", **MANUAL, identity=Identity(state="notVisible", client_id="c")),
            True,
            HANDOFF,
        ),
        (
            connection("shop", **MANUAL, identity=application("shop", object_id="")),
            True,
            HANDOFF,
        ),
        (
            connection("shop", **MANUAL, identity=application("shop", trusts=trusts(MOST_TRUSTS))),
            False,
            "its identity holds 20 federated credentials, and one more is not allowed; remove one first",
        ),
        (
            connection("shop", identity=application("shop", multi_tenant=True)),
            False,
            "its application is multi-tenant, and Entra's issuer refuses those (AADSTS70052); it would need "
            "an application of its own",
        ),
        (federated("shop"), False, "it is federated already"),
        (
            connection("shop", scheme="ManagedServiceIdentity", credential_kind="none"),
            False,
            "it signs in as the machine that runs the job and holds no secret",
        ),
        (
            connection("shop", scheme="PublishProfile", credential_kind="publishProfile"),
            False,
            "it signs in with a publish profile, which no identity of Entra ID stands behind",
        ),
        (
            connection("shop", cloud="AzureStack"),
            False,
            "Azure DevOps does not convert connections to Azure Stack",
        ),
        (
            connection("shop", cloud="AzureUSGovernment"),
            False,
            "in AzureUSGovernment federation is set up by hand, on Azure DevOps' own issuer",
        ),
        (
            connection("shop", identity=Identity(state="missing")),
            False,
            "its identity is gone from Entra ID",
        ),
        (
            connection("shop", identity=application("shop", state="deleted")),
            False,
            "its application app-shop was deleted; restore it first",
        ),
        (
            connection("shop", identity=application("shop", state="disabled")),
            False,
            "its service principal is disabled; enable it first",
        ),
        (
            connection("shop", identity=application("shop", principal_id="")),
            False,
            "its application has no service principal",
        ),
        (connection("shop", disabled=True), False, "it is disabled; enable it first"),
        (connection("shop", ready=False, status="No rights"), False, "it is not ready: No rights"),
    ],
)
def test_a_secret_can_be_given_up_or_not(looked_at: ExistingConnection, possible: bool, reason: str) -> None:
    verdict = conversion(looked_at)
    assert (verdict.possible, verdict.reason) == (possible, reason)


@pytest.mark.parametrize(
    ("looked_at", "possible", "reason"),
    [
        (
            federated("shop", **in_projects("Web", "Data")),
            True,
            "Azure DevOps' own issuer ends on 2027-07-01",
        ),
        (
            federated("shop", **MANUAL),
            True,
            "Azure DevOps' own issuer ends on 2027-07-01; the federated credential is placed first",
        ),
        (federated("shop", issuer_kind="entra"), False, "it trusts Entra's issuer already"),
        (federated("shop", issuer_kind=""), False, "its issuer is not told"),
        (connection("shop"), False, "it is not federated"),
        (
            federated("shop", cloud="AzureStack"),
            False,
            "connections to AzureStack stay with Azure DevOps' own issuer",
        ),
        (
            federated("shop", cloud="AzureChinaCloud"),
            False,
            "connections to AzureChinaCloud stay with Azure DevOps' own issuer",
        ),
        (
            federated("shop", identity=application("shop", multi_tenant=True)),
            False,
            "its application is multi-tenant, and those stay with Azure DevOps' own issuer",
        ),
        (
            federated("shop", identity=Identity(state="missing")),
            False,
            "its identity is gone from Entra ID",
        ),
    ],
)
def test_the_issuer_can_be_changed_or_not(looked_at: ExistingConnection, possible: bool, reason: str) -> None:
    verdict = migration(looked_at)
    assert (verdict.possible, verdict.reason) == (possible, reason)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=6, hours=23), "until 2026-12-01 11:00 UTC, 6 days left"),
        (timedelta(days=1), "until 2026-11-25 12:00 UTC, 1 day left"),
        (timedelta(hours=3, minutes=59), "until 2026-11-24 15:59 UTC, 3 hours left"),
        (timedelta(minutes=5), "until 2026-11-24 12:05 UTC, less than an hour left"),
    ],
)
def test_the_way_back_shows_what_is_left_of_it(left: timedelta, words: str) -> None:
    verdict = reversion(federated("shop", revert_deadline=NOW + left), NOW)
    assert (verdict.possible, verdict.reason) == (True, words)


@pytest.mark.parametrize(
    ("looked_at", "begins"),
    [
        (
            federated("shop", revert_deadline=NOW),
            "its 7 days ended on 2026-11-24 12:00 UTC; make a new secret",
        ),
        (federated("shop"), "it was not converted, or more than 7 days ago; for a secret, make a new secret"),
        (
            federated("shop", **MANUAL, revert_deadline=NOW + timedelta(days=3)),
            "it was made by hand, and Azure DevOps has no secret of it to go back to; make a new secret",
        ),
        (connection("shop"), "it is not federated"),
    ],
)
def test_where_there_is_no_way_back_it_is_said_what_to_do(looked_at: ExistingConnection, begins: str) -> None:
    verdict = reversion(looked_at, NOW)
    assert not verdict.possible
    assert verdict.reason.startswith(begins)


def role() -> HeldRole:
    return HeldRole(assignment_id="a", role="Reader", role_definition_id="d", scope="/", principal_id="p")


def kinds(looked_at: ExistingConnection) -> list[tuple[str, str]]:
    return [(each.kind, each.words) for each in findings(judged(looked_at, NOW), NOW)]


def ends_in(days: float, key: str = "k") -> Secret:
    return Secret(kind="secret", key_id=key, expires=NOW + timedelta(days=days))


def with_secrets(*secrets: Secret) -> ExistingConnection:
    return connection("shop", identity=application("shop", secrets=secrets), roles=(role(),))


def test_a_connection_in_order_has_nothing_to_do() -> None:
    issuer, subject = "https://login.microsoftonline.com/t/v2.0", "/eid1/c/pub/t/x/a/y/sc/o/c"
    trust = trusts(1)[0].model_copy(update={"issuer": issuer, "subject": subject})
    looked_at = federated(
        "shop",
        issuer_kind="entra",
        issuer=issuer,
        subject=subject,
        identity=application("shop", trusts=(trust,)),
        roles=(role(),),
        scope_level="Subscription",
    )
    assert kinds(looked_at) == []
    no_role = looked_at.model_copy(update={"roles": ()})
    assert kinds(no_role) == [("idle", "no role")]
    unread = no_role.model_copy(update={"unseen": ("Its roles could not be read: 403.",)})
    assert kinds(unread) == []
    other = trust.model_copy(update={"subject": "/eid1/c/pub/t/x/a/y/sc/o/another"})
    untrusted = looked_at.model_copy(update={"identity": application("shop", trusts=(other,))})
    assert kinds(untrusted) == [("broken", "no credential")]


@pytest.mark.parametrize(
    ("looked_at", "first"),
    [
        (with_secrets(ends_in(-1)), ("broken", "secret expired")),
        (with_secrets(ends_in(-30), ends_in(10)), ("expiring", "secret ends soon")),
        (with_secrets(ends_in(10), ends_in(300)), ("expiring", "secret ends soon")),
        (with_secrets(ends_in(300)), ("convert", "convert")),
        (with_secrets(), ("broken", "no secret")),
        (connection("shop", identity=Identity(state="missing")), ("broken", "identity gone")),
        (
            connection("shop", identity=application("shop", state="deleted")),
            ("broken", "application deleted"),
        ),
        (connection("shop", subscription_gone=True), ("broken", "scope gone")),
        (connection("shop", ready=False), ("broken", "not ready")),
        (
            federated("shop", roles=(role(),), unseen=("The federated credentials of it",)),
            ("migrate", "migrate by 2027-07-01"),
        ),
        (
            connection("shop", **in_projects("Web", "Data"), roles=(role(),)),
            ("secret", "keeps its secret"),
        ),
    ],
)
def test_the_worst_is_told_first(looked_at: ExistingConnection, first: tuple[str, str]) -> None:
    assert kinds(looked_at)[0] == first


def test_a_connection_that_stayed_with_the_ended_issuer_is_broken() -> None:
    looked_at = federated("shop", roles=(role(),))
    ended = datetime(2027, 7, 1, tzinfo=UTC)
    before, after = (findings(judged(looked_at, now), now) for now in (ended - timedelta(seconds=1), ended))
    assert "issuer ended" not in [each.words for each in before]
    assert after[0].words == "issuer ended"
    stays = looked_at.model_copy(update={"cloud": "AzureChinaCloud"})
    assert "issuer ended" not in [each.words for each in findings(judged(stays, ended), ended)]


def test_an_expiry_is_the_last_one_of_the_kind_that_the_connection_holds() -> None:
    certificate = Secret(kind="certificate", key_id="c", expires=NOW + timedelta(days=900))
    looked_at = with_secrets(ends_in(10), ends_in(20), certificate)
    assert expiry(looked_at) == NOW + timedelta(days=20)
    assert expiry(looked_at.model_copy(update={"credential_kind": "certificate"})) == certificate.expires
    assert expiry(federated("shop")) is None
