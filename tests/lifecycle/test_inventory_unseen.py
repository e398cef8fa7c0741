"""Reading connections of which not everything can be seen, or nothing."""

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.identity import ClientSecretCredential
from inventory_world import Organizations

from azure_service_connections.lifecycle.errors import (
    LifecycleError,
    ServiceError,
    SignedOutError,
)
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate


def test_a_subscription_is_gone_only_for_who_sees_the_whole_tenant(estate: Organizations) -> None:
    estate.connect("lab", application="payments", data={"subscriptionId": estate.world.subscription("Lab")})
    estate.cloud.store.remove("subscriptions", estate.world.subscription("Lab"))
    gone = estate.read()["fabrikam/Web shop/lab"]
    assert gone.subscription_gone
    assert not estate.read()["fabrikam/Web shop/payments"].subscription_gone
    estate.cloud.faults.fail_next("arm", 403, path="descendants")
    unclear = estate.read()["fabrikam/Web shop/lab"]
    assert not unclear.subscription_gone
    assert unclear.unseen[0] == f"{gone.scope} is not there, or the operator may see nothing in it."


@pytest.mark.parametrize(
    ("service", "path", "begins"),
    [
        ("devops", "pipelinepermissions", "Who may use it in Web shop could not be read: "),
        ("devops", "executionhistory", "Its execution history in Web shop could not be read: "),
        ("devops", "queryconfigurations", "Its checks in Web shop could not be read: "),
        ("graph", "/v1.0/applications$", "Its application could not be read: "),
        ("graph", "/v1.0/servicePrincipals$", "Its service principal could not be read: "),
        ("graph", "/owners", "The owners of its application could not be read: "),
        (
            "graph",
            "/federatedIdentityCredentials",
            "The federated credentials of its application could not be read: ",
        ),
        ("arm", "roleAssignments", "Its roles could not be read: "),
    ],
)
def test_what_may_not_be_read_is_said_and_the_rest_is_read(
    estate: Organizations, service: str, path: str, begins: str
) -> None:
    estate.cloud.faults.fail_next(service, 403, path=path)
    connection = estate.read(names=["payments"])["fabrikam/Web shop/payments"]
    assert [each[: len(begins)] for each in connection.unseen] == [begins]
    assert connection.identity.state == "present"


def test_identities_that_the_operator_may_not_look_at_are_not_called_missing(estate: Organizations) -> None:
    estate.cloud.faults.fail_next("graph", 403, count=2)
    connection = estate.read(names=["payments"])["fabrikam/Web shop/payments"]
    assert connection.identity.state == "notVisible"
    assert connection.identity.client_id == estate.client("payments")
    assert [each.partition(" could")[0] for each in connection.unseen] == [
        "Its application",
        "Its service principal",
    ]


def test_without_a_sign_in_to_azure_the_organization_is_read_alone(estate: Organizations) -> None:
    estate.environment["ARM_CLIENT_SECRET"] = "not-the-secret"
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.identity.state == "notVisible"
    assert [each.name for each in connection.pipelines] == ["deploy"]
    assert connection.unseen[0].startswith("Its identity could not be read: The operator ")
    assert "AADSTS7000215" in connection.unseen[0] or "secret" in connection.unseen[0]


def test_an_entra_token_does_where_there_is_no_personal_access_token(estate: Organizations) -> None:
    for name in list(estate.environment):
        if name.startswith("AZDO_PERSONAL"):
            del estate.environment[name]
    assert list(estate.read("fabrikam", "fabrikam-old")) == [
        "fabrikam-old/Stock/stock",
        "fabrikam/Web shop/payments",
        "fabrikam/Web shop/reports",
    ]


def test_the_tenant_is_asked_for_where_the_token_does_not_tell_it(
    estate: Organizations, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = estate.services.tenant
    assert told == estate.environment["ARM_TENANT_ID"]
    for payload in ("", "e30", "!", "bnVsbA"):
        monkeypatch.setattr(
            estate.services.credentials, "bearer", lambda _resource, part=payload: f"Bearer a.{part}.c"
        )
        assert estate.services.credentials.tenant("any") == ""
    monkeypatch.undo()
    monkeypatch.setattr(estate.services.credentials, "tenant", lambda _resource: "")
    assert estate.services.tenant == told


def test_a_sign_in_service_that_cannot_be_reached_is_told(
    estate: Organizations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise ServiceRequestError("Name or service not known")

    monkeypatch.setattr(ClientSecretCredential, "get_token", fail)
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.unseen[0].startswith(
        f"Its identity could not be read: The sign-in service {estate.cloud.url} does not answer (Name or"
    )


def test_a_token_that_ends_midway_is_renewed(estate: Organizations) -> None:
    for name in list(estate.environment):
        if name.startswith("AZDO_PERSONAL"):
            del estate.environment[name]
    estate.world.after(r"GET /v1\.0/applications", lambda: estate.cloud.clock.advance(7200))
    connection = estate.read()["fabrikam/Web shop/payments"]
    assert connection.identity.trusts
    assert {each.role for each in connection.roles} == {"Contributor"}
    assert connection.unseen == ()
    assert 401 in {each.status for each in estate.cloud.traffic.entries}


def test_a_refused_personal_access_token_is_told_with_its_variable(estate: Organizations) -> None:
    estate.environment["AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD"] = "token-of-kim-in-fabrikam"
    with pytest.raises(ServiceError) as refused:
        estate.read("fabrikam-old")
    assert str(refused.value) == (
        "The organization fabrikam-old does not take the personal access token of "
        "AZDO_PERSONAL_ACCESS_TOKEN_FABRIKAM_OLD: it has expired, was revoked or is another organization's; "
        "make a new one and set it."
    )
    assert "token-of-kim" not in str(refused.value)


def test_a_personal_access_token_that_ends_midway_is_told_and_nothing_is_called_unseen(
    estate: Organizations,
) -> None:
    def revoke() -> None:
        estate.cloud.store.remove("personal-access-tokens", "token-of-kim-in-fabrikam")

    estate.world.after("GET /fabrikam/.*/_apis/serviceendpoint/endpoints", revoke)
    told: list[LifecycleError] = []
    with pytest.raises(SignedOutError, match="does not take the personal access token of AZDO_PERSONAL"):
        read_estate(estate.services, [estate.address("fabrikam")], projects=["Web shop"], refused=told.append)
    assert told == []


def test_what_cannot_be_read_does_not_lose_the_others(estate: Organizations) -> None:
    told: list[LifecycleError] = []
    estate.cloud.faults.fail_next("devops", 403, path=f"{estate.project('Reports')}/_apis/serviceendpoint")
    read = read_estate(
        estate.services,
        [estate.address("nowhere"), estate.address("fabrikam")],
        refused=told.append,
    )
    assert [each.name for each in read] == ["payments", "reports"]
    assert str(told[0]).startswith(f"There is no Azure DevOps organization at {estate.address('nowhere')}; ")
    assert str(told[1]).startswith("Listing the service connections of fabrikam/Reports was refused with ")


def test_without_somebody_to_tell_the_first_refusal_ends_the_reading(estate: Organizations) -> None:
    with pytest.raises(ServiceError, match="There is no Azure DevOps organization at"):
        estate.read("nowhere", "fabrikam")
