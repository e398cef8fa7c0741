"""Federated credentials with an expression over claims: what Graph is sent, and what the engine is told."""

import pytest

from azure_service_connections.providers.azuread.package import AzureadPlugin
from azure_service_connections.providers.property_values import UNKNOWN
from tests.providers.local_cloud import LocalCloud
from tests.providers.recorded_engine import Engine, RecordedPauses, RefusedError
from tests.providers.recording_cloud import CALLER, RecordingCloud
from tests.providers.test_applications import APPLICATION, USER, make
from tests.providers.test_local_cloud import end, graph, live

CREDENTIAL = graph("ApplicationFlexibleFederatedIdentityCredential")
EXPRESSION = "claims['sub'] matches 'repo:contoso/shop:ref:refs/heads/*'"
FEDERATION = {
    "displayName": "github-main",
    "audience": "api://AzureADTokenExchange",
    "issuer": "https://token.actions.githubusercontent.com",
    "claimsMatchingExpression": EXPRESSION,
}


@pytest.fixture
def application(azuread: Engine, cloud: RecordingCloud) -> str:
    identifier, _, _ = make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    cloud.clear()
    return identifier


def test_every_call_about_it_is_to_the_beta_version(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    identifier, inputs, outputs = make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    base = f"/beta{application}/federatedIdentityCredentials"
    path = f"{base}/{outputs['credentialId']}"
    assert f"/beta{identifier}" == path
    assert cloud.requests == [f"GET /beta{application}", f"POST {base}", f"GET {path}", f"GET {path}"]
    assert pauses.waits == [10.0]
    assert cloud.bodies[1] == {
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "audiences": ["api://AzureADTokenExchange"],
        "claimsMatchingExpression": {"languageVersion": 1, "value": EXPRESSION},
        "description": "",
        "issuer": FEDERATION["issuer"],
        "name": "github-main",
    }
    assert outputs == {
        **FEDERATION,
        "applicationId": application,
        "credentialId": outputs["credentialId"],
        "description": "",
        "id": identifier,
    }
    cloud.clear()
    pauses.waits.clear()
    azuread.delete(CREDENTIAL, identifier, outputs, inputs)
    assert cloud.requests == [f"DELETE {path}", *[f"GET {path}"] * 5]
    assert pauses.waits == [5.0] * 4


def test_one_that_is_not_there_yet_is_looked_for_every_second(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    cloud.plan("GET", "/federatedIdentityCredentials/", 404, times=2)
    make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    assert pauses.waits == [10.0, 1.0, 1.0]
    assert len(cloud.requests) == 2 + 2 + 2


def test_one_that_never_appears_is_told_after_a_quarter_of_an_hour(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    cloud.plan("GET", "/federatedIdentityCredentials/", 404, times=890)
    with pytest.raises(RefusedError, match=r"was not seen within 900 s; run the update again\.$"):
        make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    assert sum(pauses.waits) == 900


def test_it_changes_in_place_but_for_its_name_and_application(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    identifier, inputs, outputs = make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    cloud.clear()
    other = "claims['sub'] eq 'repo:contoso/shop:environment:prod'"
    changed = {**inputs, "claimsMatchingExpression": other, "audience": "api://own"}
    updated = azuread.update(CREDENTIAL, identifier, outputs, inputs, changed)
    assert cloud.requests == [f"PATCH /beta{identifier}", f"GET /beta{identifier}"]
    assert cloud.bodies[0] == {
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "audiences": ["api://own"],
        "claimsMatchingExpression": {"languageVersion": 1, "value": other},
        "description": "",
        "id": outputs["credentialId"],
        "issuer": FEDERATION["issuer"],
        "name": "github-main",
    }
    assert (updated["claimsMatchingExpression"], updated["audience"]) == (other, "api://own")
    difference = azuread.diff(
        CREDENTIAL,
        outputs,
        inputs,
        {**changed, "displayName": "new", "applicationId": f"/applications/{USER}", "issuer": "https://i"},
    )
    assert list(difference.replaces) == ["applicationId", "displayName"]
    assert set(difference.detailedDiff) == {
        "applicationId",
        "audience",
        "claimsMatchingExpression",
        "displayName",
        "issuer",
    }


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"audience": ""}, "audience has 0 characters; write 1 to 600."),
        ({"claimsMatchingExpression": " "}, "claimsMatchingExpression is blank; write a value."),
        ({"description": "x" * 601}, "description has 601 characters; write 0 to 600."),
        ({"displayName": "x" * 121}, "displayName has 121 characters; write 1 to 120."),
        ({"issuer": ""}, "issuer is blank; write a value."),
        (
            {"applicationId": USER},
            f"applicationId is '{USER}'; write the application's id, /applications/{{objectId}}.",
        ),
        ({"subject": "s"}, f"subject is not an input of {CREDENTIAL.split('::')[2]}; leave it out."),
    ],
)
def test_a_mistake_in_it_is_one_sentence(azuread: Engine, wrong: dict[str, object], reason: str) -> None:
    _, failures = azuread.check(CREDENTIAL, {"applicationId": f"/applications/{USER}", **FEDERATION, **wrong})
    assert failures == [reason]


def test_what_it_lacks_is_named(azuread: Engine) -> None:
    _, failures = azuread.check(CREDENTIAL, {"displayName": UNKNOWN, "audience": UNKNOWN})
    missing = ("applicationId", "claimsMatchingExpression", "issuer")
    assert failures == [f"{name} is missing; give it." for name in missing]


def test_one_that_is_gone_is_taken_out_of_state(azuread: Engine) -> None:
    identifier = f"/applications/{USER}/federatedIdentityCredentials/{CALLER}"
    assert azuread.read(CREDENTIAL, identifier, {"displayName": "x"}, {"id": identifier}) == ("", {}, {})


def test_an_id_of_another_form_is_refused(azuread: Engine, cloud: RecordingCloud) -> None:
    with pytest.raises(RefusedError, match=r"write /applications/\{objectId\}/federatedIdentityCredentials/"):
        azuread.read(CREDENTIAL, f"{USER}/federatedIdentityCredential/{CALLER}")
    assert cloud.requests == []


def test_an_import_by_id_makes_inputs_that_preview_no_change(azuread: Engine, application: str) -> None:
    identifier, _, _ = make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    _, inputs, outputs = azuread.read(CREDENTIAL, identifier)
    assert inputs == {"__defaults": [], "applicationId": application, **FEDERATION}
    assert dict(azuread.diff(CREDENTIAL, outputs, inputs, inputs).detailedDiff) == {}


def test_it_lives_and_ends_in_the_local_cloud(pauses: RecordedPauses) -> None:
    local = LocalCloud()
    engine = Engine(AzureadPlugin(pauses, local))
    try:
        engine.configure("azuread", **local.identity)
        application = live(engine, graph("Application"), displayName="payments")
        credential = live(engine, CREDENTIAL, applicationId=application[0], **FEDERATION)
        end(engine, CREDENTIAL, credential)
        end(engine, graph("Application"), application)
    finally:
        engine.close()
        local.close()
