"""What a connection signs in with: how it is sent, how it is kept secret, how it is renewed."""

import json
from typing import Any

import pulumi
import pytest
from mock_cloud import (
    APPLICATION_CREDENTIAL,
    APPLICATION_OBJECT,
    CLIENT,
    ENDPOINT,
    GENERIC_ENDPOINT,
    PRINCIPAL,
    SECRET_MARK,
    TENANT,
    Cloud,
    run,
    start,
)
from program import answers, connect
from test_input_error import mistakes_of
from test_loader_mistakes import CERTIFICATE as WRITTEN_CERTIFICATE
from test_loader_mistakes import END, KEY, PEM, connection
from test_service_connection import WORKSPACE, args, make

from components import ServiceConnection
from components.package import Package

PASSWORD = "azuread:index/applicationPassword:ApplicationPassword"
CERTIFICATE_OF_APPLICATION = "azuread:index/applicationCertificate:ApplicationCertificate"
CONNECTION = "azure-service-connections:index:ServiceConnection"
EXISTING = {
    "client_id": CLIENT,
    "tenant_id": TENANT,
    "principal_id": PRINCIPAL,
    "application_id": APPLICATION_OBJECT,
}


def secret(value: Any) -> dict[str, Any]:
    """A secret as the engine gets it. A map that holds one is sent as a whole as a secret."""
    return {SECRET_MARK: "1b47061264138c4ac30d75fd1eb44270", "value": value}


def test_a_secret_is_made_for_the_application_and_the_connection_gets_it(cloud: Cloud) -> None:
    make(credential={"secret": {"expires": END}})
    assert cloud.one(PASSWORD) == {
        "applicationId": f"/applications/{APPLICATION_OBJECT}",
        "displayName": "service-connection-1",
        "endDate": END,
    }
    endpoint = cloud.one(ENDPOINT)
    assert endpoint["serviceEndpointAuthenticationScheme"] == "ServicePrincipal"
    assert endpoint["credentials"] == secret(
        {"serviceprincipalid": CLIENT, "serviceprincipalkey": "secret of payments/1"}
    )
    assert cloud.of(APPLICATION_CREDENTIAL) == []


def test_a_new_generation_is_one_more_secret_beside_the_one_before(cloud: Cloud) -> None:
    make(credential={"secret": {"expires": END, "generation": 3}})
    assert cloud.names(PASSWORD) == {"payments/2", "payments/3"}
    assert cloud.one(ENDPOINT)["credentials"]["value"]["serviceprincipalkey"] == "secret of payments/3"


def test_a_certificate_is_published_without_its_key_and_the_connection_gets_both(cloud: Cloud) -> None:
    make(credential={"certificate": {"certificate": PEM, "private_key": KEY}})
    published = cloud.one(CERTIFICATE_OF_APPLICATION)
    assert published["applicationId"] == f"/applications/{APPLICATION_OBJECT}"
    assert PEM in str(published["value"]["value"])
    assert KEY not in json.dumps(published)
    assert cloud.one(ENDPOINT)["credentials"] == secret(
        {"serviceprincipalid": CLIENT, "serviceprincipalcertificate": KEY + PEM}
    )


@pytest.mark.parametrize(
    ("credential", "sent"),
    [
        ({"secret": {"value": "hunter2"}}, {"serviceprincipalkey": "hunter2"}),
        (
            {"certificate": {"certificate": PEM, "private_key": KEY}},
            {"serviceprincipalcertificate": KEY + PEM},
        ),
    ],
)
def test_a_service_principal_that_exists_brings_its_own_and_nothing_of_it_changes(
    cloud: Cloud, credential: dict[str, Any], sent: dict[str, Any]
) -> None:
    make(app_registration=None, service_principal=EXISTING, credential=credential)
    assert cloud.one(ENDPOINT)["credentials"] == secret({"serviceprincipalid": CLIENT, **sent})
    assert cloud.of(PASSWORD) == cloud.of(CERTIFICATE_OF_APPLICATION) == []


def test_a_secret_is_one_in_the_state_though_the_caller_did_not_mark_it(cloud: Cloud) -> None:
    make(app_registration=None, service_principal=EXISTING, credential={"secret": {"value": "hunter2"}})
    assert cloud.one(CONNECTION)["credential"] == secret({"secret": {"value": "hunter2"}})


def test_a_workspaces_connection_may_have_a_secret_too(cloud: Cloud) -> None:
    make(subscription=None, workspace=WORKSPACE, credential={"secret": {"expires": END}})
    endpoint = cloud.one(GENERIC_ENDPOINT)
    assert endpoint["authorizationScheme"] == "ServicePrincipal"
    assert endpoint["authorizationParameters"] == secret(
        {
            "tenantid": TENANT,
            "serviceprincipalid": CLIENT,
            "authenticationType": "spnKey",
            "serviceprincipalkey": "secret of payments/1",
        }
    )
    assert cloud.calls == []


def test_the_outputs_of_a_connection_with_a_secret_name_no_issuer(cloud: Cloud) -> None:
    def program() -> pulumi.Output[None]:
        made = ServiceConnection("payments", args(credential={"secret": {"expires": END}}))

        def check(known: list[str]) -> None:
            assert known == ["", ""]

        return pulumi.Output.all(made.issuer, made.subject).apply(check)

    run(program)


def test_the_program_marks_the_secrets_that_the_engine_hands_over_in_clear() -> None:
    cloud = start(Cloud(answers=answers()))
    written = {
        "key": connection(
            appRegistration=None,
            servicePrincipal={"clientId": CLIENT, "tenantId": TENANT},
            credential={"secret": {"value": "hunter2"}},
        ),
        "certificate": connection(credential={"certificate": WRITTEN_CERTIFICATE}),
    }
    run(lambda: connect(json.dumps(written), secret=True))
    sent = [each.inputs for each in cloud.resources]
    for value in ("hunter2", "MIIE"):
        assert value in json.dumps(sent)
        assert value not in json.dumps(without_secrets(sent))


def without_secrets(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_secrets(each) for key, each in node.items()} if SECRET_MARK not in node else None
    return [without_secrets(each) for each in node] if isinstance(node, list) else node


def test_the_program_refuses_a_secret_that_is_not_encrypted() -> None:
    start(Cloud(answers=answers()))
    written = connection(
        appRegistration=None,
        servicePrincipal={"clientId": CLIENT, "tenantId": TENANT},
        credential={"secret": {"value": "hunter2"}},
    )
    with pytest.raises(pulumi.RunError) as raised:
        run(lambda: connect(json.dumps({"a": written})))
    assert "stands in the stack's file for everybody to read" in str(raised.value)
    assert "hunter2" not in str(raised.value)


PRINCIPALS = {"app_registration": None, "service_principal": EXISTING}
MISTAKES = [
    (
        {"credential": {"secret": {"expires": END}, "certificate": {"certificate": PEM, "private_key": KEY}}},
        "credential.certificate: Only one of secret and certificate can be given; keep the one you mean",
    ),
    ({"credential": {}}, "credential: has no credential; write one of secret or certificate"),
    (
        {"credential": "hunter2"},
        "credential: is a text where a map belongs; write `key: value` pairs",
    ),
    (
        {"credential": {"secret": "hunter2"}},
        "credential.secret: is a text where a map belongs; write `key: value` pairs",
    ),
    (
        {"credential": {"secret": {}}},
        "credential.secret.expires: is missing; write when it ends, as 2027-01-31T00:00:00Z",
    ),
    (
        {"credential": {"secret": {"expires": END, "value": "hunter2"}}},
        "credential.secret.value: is that of a service principal that exists, and this application gets one "
        "of its own; remove it",
    ),
    (
        {**PRINCIPALS, "credential": {"secret": {}}},
        "credential.secret.value: is missing; write the secret, encrypted",
    ),
    (
        {**PRINCIPALS, "credential": {"secret": {"value": " "}}},
        "credential.secret.value: is blank; write the secret, encrypted",
    ),
    (
        {**PRINCIPALS, "credential": {"secret": {"value": 12345}}},
        "credential.secret.value: is a number where a text belongs; write one text in quotes",
    ),
    (
        {**PRINCIPALS, "credential": {"secret": {"value": "x", "generation": 2}}},
        "credential.secret.generation: is that of a secret which is made here, and a service principal that "
        "exists brings its own; remove it",
    ),
    (
        {"credential": {"certificate": {"certificate": PEM, "private_key": "hunter2"}}},
        "credential.certificate.privateKey: holds no private key in PEM form; write the text from "
        "-----BEGIN PRIVATE KEY----- to its end",
    ),
    (
        {
            "app_registration": None,
            "managed_identity": {"name": "id-a", "resource_group": "rg"},
            "credential": {"secret": {"expires": END}},
        },
        "credential: a managed identity has no secret and no certificate; remove `credential` or use "
        "appRegistration",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), MISTAKES, ids=[sentence[:60] for _, sentence in MISTAKES])
def test_a_mistake_in_a_credential_is_one_sentence_that_shows_no_secret(
    cloud: Cloud, changes: dict[str, Any], sentence: str
) -> None:
    assert mistakes_of(lambda: ServiceConnection("payments", args(**changes))) == [sentence]
    assert cloud.resources == []


def test_a_secret_that_is_wrong_is_not_named_by_its_path_to_the_engine(cloud: Cloud) -> None:
    inputs = {
        "projectId": "Payments",
        "servicePrincipal": {"clientId": CLIENT, "tenantId": TENANT},
        "subscription": {"id": TENANT, "name": "s"},
        "credential": {"secret": {"value": pulumi.Output.secret(" ")}},
    }
    with pytest.raises(pulumi.InputPropertiesError) as raised:
        run(lambda: Package().construct("payments", CONNECTION, {**inputs, "credential": "hunter2"}))
    assert raised.value.message == (
        "ServiceConnection 'payments' cannot be made; credential: is a text where a map belongs; write "
        "`key: value` pairs"
    )
    assert "hunter2" not in str(raised.value.errors)
