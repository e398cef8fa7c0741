"""Applications, service principals and credentials: what Graph is sent, and what the engine is told."""

import grpc
import pytest

from azure_service_connections.providers.property_values import UNKNOWN, Secret
from tests.providers.recorded_engine import Engine, RecordedPauses, RefusedError
from tests.providers.recording_cloud import ADDRESS, CALLER, CLIENT, TENANT, RecordingCloud
from tests.providers.sent_application import as_the_azuread_provider_sends_it

APPLICATION = "urn:pulumi:dev::demo::azuread:index/application:Application::app"
REGISTRATION = "urn:pulumi:dev::demo::azuread:index/applicationRegistration:ApplicationRegistration::app"
PRINCIPAL = "urn:pulumi:dev::demo::azuread:index/servicePrincipal:ServicePrincipal::sp"
CREDENTIAL = (
    "urn:pulumi:dev::demo::azuread:index/applicationFederatedIdentityCredential:"
    "ApplicationFederatedIdentityCredential::fic"
)
PASSWORD = "urn:pulumi:dev::demo::azuread:index/applicationPassword:ApplicationPassword::secret"
CERTIFICATE = "urn:pulumi:dev::demo::azuread:index/applicationCertificate:ApplicationCertificate::cert"
USER = "50000000-0000-0000-0000-000000000005"
FEDERATION = {
    "displayName": "azure-devops",
    "audiences": ["api://AzureADTokenExchange"],
    "issuer": "https://login.microsoftonline.com/t/v2.0",
    "subject": "/eid1/c/pub/sc",
}


def make(engine: Engine, urn: str, **news: object) -> tuple[str, dict, dict]:
    """Check, then create: the id, the inputs and the outputs."""
    inputs, failures = engine.check(urn, news)
    assert failures == []
    identifier, outputs = engine.create(urn, inputs)
    return identifier, inputs, outputs


@pytest.fixture
def application(azuread: Engine, cloud: RecordingCloud) -> str:
    identifier, _, _ = make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    cloud.clear()
    return identifier


def test_an_application_is_posted_renamed_and_back_and_read(azuread: Engine, cloud: RecordingCloud) -> None:
    identifier, inputs, outputs = make(
        azuread, APPLICATION, displayName="app1", owners=[CALLER, USER], serviceManagementReference="smr"
    )
    path = f"/v1.0{identifier}"
    assert cloud.requests == [
        "POST /v1.0/applications",
        f"PATCH {path}",
        f"PATCH {path}",
        f"GET {path}",
        f"GET /beta{identifier}?%24select=oauth2RequirePostResponse",
        f"GET {path}/owners",
    ]
    owners = (f"{ADDRESS}/v1.0/directoryObjects/{owner}" for owner in (CALLER, USER))
    assert cloud.bodies[0] == as_the_azuread_provider_sends_it(*owners, tags=[])
    assert cloud.bodies[1]["displayName"].startswith("TERRAFORM_UPDATE_")
    assert cloud.bodies[2]["displayName"] == "app1"
    assert cloud.headers[0]["odata-version"] == "4.0"
    assert inputs["signInAudience"] == "AzureADMyOrg"
    assert inputs["__defaults"] == ["preventDuplicateNames", "signInAudience"]
    assert outputs["owners"] == [CALLER, USER]
    assert outputs["clientId"] == cloud.objects[identifier]["appId"]
    assert outputs["id"] == identifier == f"/applications/{outputs['objectId']}"


def test_the_caller_loses_ownership_where_it_is_not_asked_for(azuread: Engine, cloud: RecordingCloud) -> None:
    identifier, _, outputs = make(azuread, APPLICATION, displayName="app1", owners=[USER])
    assert cloud.requests[3] == f"DELETE /v1.0{identifier}/owners/{CALLER}/$ref"
    assert outputs["owners"] == [USER]


def test_owners_beyond_twenty_are_added_one_by_one(azuread: Engine, cloud: RecordingCloud) -> None:
    owners = [f"60000000-0000-0000-0000-0000000000{number:02}" for number in range(24)]
    identifier, _, _ = make(azuread, APPLICATION, displayName="app1", owners=[CALLER, *owners])
    assert len(cloud.bodies[0]["owners@odata.bind"]) == 20
    assert cloud.requests.count(f"POST /v1.0{identifier}/owners/$ref") == 5
    assert set(cloud.objects[identifier]["owners"]) == {CALLER, *owners}


def test_an_update_leaves_out_what_graph_guards_and_moves_owners_one_by_one(
    azuread: Engine, cloud: RecordingCloud
) -> None:
    identifier, inputs, outputs = make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    cloud.clear()
    news, _ = azuread.check(APPLICATION, {"displayName": "app2", "owners": [USER]}, inputs)
    updated = azuread.update(APPLICATION, identifier, outputs, inputs, news)
    path = f"/v1.0{identifier}"
    assert cloud.requests == [
        f"PATCH {path}",
        f"GET {path}/owners",
        f"POST {path}/owners/$ref",
        f"DELETE {path}/owners/{CALLER}/$ref",
        f"GET {path}",
        f"GET /beta{identifier}?%24select=oauth2RequirePostResponse",
        f"GET {path}/owners",
    ]
    guarded = {"appRoles", "identifierUris", "optionalClaims", "requiredResourceAccess"}
    assert guarded.isdisjoint(cloud.bodies[0])
    assert "oauth2PermissionScopes" not in cloud.bodies[0]["api"]
    assert (updated["displayName"], updated["owners"]) == ("app2", [USER])


def test_deleting_waits_for_five_times_not_found(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    azuread.delete(APPLICATION, application, {})
    assert cloud.requests == [f"DELETE /v1.0{application}", *[f"GET /v1.0{application}"] * 5]
    assert pauses.waits == [5.0] * 4


def test_deleting_what_is_gone_fails(azuread: Engine, application: str, cloud: RecordingCloud) -> None:
    cloud.objects.clear()
    with pytest.raises(
        RefusedError, match=r"^deleting application .*: unexpected status 404 \(404 Not Found\)"
    ):
        azuread.delete(APPLICATION, application, {})


def test_replication_of_a_new_application_is_waited_out_only_at_its_renaming(
    azuread: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    cloud.plan("PATCH", "/applications/", 404, times=2)
    cloud.plan("PATCH", "/applications/", 409)
    identifier, _, _ = make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    assert pauses.waits == [1.0, 2.0, 4.0]
    assert cloud.requests.count(f"PATCH /v1.0{identifier}") == 5


def test_a_404_on_reading_back_loses_the_application_from_state(
    azuread: Engine, cloud: RecordingCloud
) -> None:
    cloud.plan("GET", "/applications/", 404)
    with pytest.raises(RefusedError, match="is not in the state") as refused:
        make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    assert refused.value.kept is None
    assert len(cloud.objects) == 1


def test_an_application_that_is_refused_its_renaming_stays_in_state(
    azuread: Engine, cloud: RecordingCloud
) -> None:
    error = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}
    cloud.plan("PATCH", "/applications/", 403, error)
    with pytest.raises(RefusedError) as refused:
        make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    assert str(refused.value) == (
        "updating application 'app1' after its creation: unexpected status 403 (403 Forbidden) with error: "
        "Authorization_RequestDenied: Insufficient privileges."
    )
    assert refused.value.kept.id == next(iter(cloud.objects))
    assert refused.value.kept.reasons == [str(refused.value)]
    assert refused.value.kept.properties["displayName"] == "app1"


def test_an_update_that_fails_halfway_keeps_what_was_known(azuread: Engine, cloud: RecordingCloud) -> None:
    identifier, inputs, outputs = make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    cloud.plan("GET", "/owners", 403, {"error": {"code": "Authorization_RequestDenied", "message": "No."}})
    with pytest.raises(RefusedError, match="reading the owners of") as refused:
        azuread.update(APPLICATION, identifier, outputs, inputs, {**inputs, "notes": "n"})
    assert refused.value.kept.properties["clientId"] == outputs["clientId"]
    assert refused.value.kept.properties["notes"] == "n"


def test_a_plain_server_error_is_sent_ten_times(
    azuread: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    cloud.plan(
        "POST", "/applications", 500, {"error": {"code": "InternalError", "message": "Oops"}}, times=10
    )
    with pytest.raises(RefusedError, match="500 Internal Server Error"):
        make(azuread, APPLICATION, displayName="app1")
    assert cloud.requests == ["POST /v1.0/applications"] * 10
    assert sum(pauses.waits) == 246


def test_throttling_is_waited_out_as_long_as_graph_asks(
    azuread: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    cloud.plan("POST", "/applications", 429, Retry_After="7")
    make(azuread, APPLICATION, displayName="app1", owners=[CALLER])
    assert pauses.waits == [7.0]


def test_a_preview_of_a_new_application_sends_nothing(azuread: Engine, cloud: RecordingCloud) -> None:
    inputs, _ = azuread.check(APPLICATION, {"displayName": UNKNOWN, "tags": [UNKNOWN]})
    identifier, outputs = azuread.create(APPLICATION, inputs, preview=True)
    assert identifier == ""
    assert outputs["displayName"] is UNKNOWN
    assert outputs["clientId"] is UNKNOWN
    assert outputs["signInAudience"] == "AzureADMyOrg"
    assert "notes" not in outputs
    assert cloud.requests == []


def test_a_preview_of_an_update_keeps_what_is_known(azuread: Engine, cloud: RecordingCloud) -> None:
    identifier, inputs, outputs = make(azuread, APPLICATION, displayName="app1")
    cloud.clear()
    preview = azuread.update(
        APPLICATION, identifier, outputs, inputs, {**inputs, "displayName": "b"}, preview=True
    )
    assert preview["displayName"] == "b"
    assert preview["clientId"] == outputs["clientId"]
    assert preview["id"] == identifier
    assert cloud.requests == []


def test_nothing_changes_between_two_equal_runs(azuread: Engine) -> None:
    _, inputs, outputs = make(
        azuread,
        APPLICATION,
        displayName="app1",
        owners=[USER, CALLER],
        tags=["b", "a"],
        web={"redirectUris": ["https://a/"]},
        appRoles=[
            {"id": USER, "allowedMemberTypes": ["User"], "description": "d", "displayName": "n", "value": "v"}
        ],
    )
    again, _ = azuread.check(APPLICATION, {k: v for k, v in inputs.items() if k != "__defaults"}, inputs)
    difference = azuread.diff(APPLICATION, outputs, inputs, again)
    assert difference.changes == difference.DIFF_NONE
    assert dict(difference.detailedDiff) == {}


def test_a_change_is_named_by_its_path_and_ignored_when_asked(azuread: Engine) -> None:
    _, inputs, outputs = make(azuread, APPLICATION, displayName="app1", web={"homepageUrl": "https://a"})
    news = {**inputs, "web": {"homepageUrl": "https://b"}, "notes": "n"}
    difference = azuread.diff(APPLICATION, outputs, inputs, news)
    assert set(difference.detailedDiff) == {"web.homepageUrl", "notes"}
    assert list(difference.replaces) == []
    ignored = azuread.diff(APPLICATION, outputs, inputs, news, ("web", "notes"))
    assert ignored.changes == ignored.DIFF_NONE


def test_refresh_follows_what_was_changed_in_the_portal(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    _, inputs, outputs = azuread.read(APPLICATION, application)
    cloud.objects[application]["displayName"] = "renamed"
    cloud.objects[application]["notes"] = "by hand"
    cloud.objects[application]["tags"] = ["added by a service"]
    identifier, followed, found = azuread.read(APPLICATION, application, inputs, outputs)
    assert identifier == application
    assert followed["displayName"] == found["displayName"] == "renamed"
    assert followed["notes"] == "by hand"
    assert "tags" not in followed


def test_an_import_by_id_makes_inputs_that_preview_no_change(azuread: Engine, application: str) -> None:
    identifier, inputs, outputs = azuread.read(APPLICATION, application)
    assert identifier == application
    assert inputs == {
        "__defaults": ["preventDuplicateNames", "signInAudience"],
        "displayName": "app1",
        "owners": [CALLER],
        "preventDuplicateNames": False,
        "signInAudience": "AzureADMyOrg",
    }
    difference = azuread.diff(APPLICATION, outputs, inputs, inputs)
    assert difference.changes == difference.DIFF_NONE


@pytest.mark.parametrize(
    ("urn", "identifier"),
    [
        (APPLICATION, f"/applications/{USER}"),
        (REGISTRATION, f"/applications/{USER}"),
        (PRINCIPAL, f"/servicePrincipals/{USER}"),
        (CREDENTIAL, f"{USER}/federatedIdentityCredential/{CALLER}"),
        (PASSWORD, f"{USER}/password/{CALLER}"),
        (CERTIFICATE, f"{USER}/certificate/{CALLER}"),
    ],
)
def test_what_is_gone_is_taken_out_of_state(azuread: Engine, urn: str, identifier: str) -> None:
    assert azuread.read(urn, identifier, {"displayName": "x"}, {"id": identifier}) == ("", {}, {})


def test_a_registration_is_posted_and_read_alone(azuread: Engine, cloud: RecordingCloud) -> None:
    identifier, inputs, outputs = make(azuread, REGISTRATION, displayName="reg", homepageUrl="https://h")
    assert cloud.requests == ["POST /v1.0/applications", f"GET /v1.0{identifier}"]
    assert cloud.bodies[0]["api"] == {"requestedAccessTokenVersion": 2}
    assert "owners@odata.bind" not in cloud.bodies[0]
    assert outputs["homepageUrl"] == "https://h"
    cloud.clear()
    azuread.update(REGISTRATION, identifier, outputs, inputs, {**inputs, "notes": "n"})
    assert cloud.bodies[0] == {"@odata.type": "#microsoft.graph.application", "notes": "n"}


def test_a_service_principal_is_looked_for_posted_described_and_read(
    azuread: Engine, cloud: RecordingCloud
) -> None:
    identifier, _, outputs = make(azuread, PRINCIPAL, clientId=CLIENT, description="for deploys")
    path = f"/v1.0{identifier}"
    assert cloud.requests == [
        f"GET /v1.0/servicePrincipals?%24filter=appId+eq+%27{CLIENT}%27",
        "POST /v1.0/servicePrincipals",
        f"PATCH {path}",
        f"DELETE {path}/owners/{CALLER}/$ref",
        f"GET {path}",
        f"GET /beta{identifier}?%24select=samlMetadataUrl",
        f"GET {path}/owners",
    ]
    assert cloud.bodies[1]["description"].startswith("TERRAFORM_UPDATE_")
    assert cloud.bodies[1]["samlSingleSignOnSettings"] == {}
    assert cloud.bodies[2]["description"] == "for deploys"
    assert outputs["clientId"] == CLIENT
    assert outputs["accountEnabled"] is True


def test_an_existing_service_principal_has_to_be_imported(azuread: Engine, cloud: RecordingCloud) -> None:
    first, _, _ = make(azuread, PRINCIPAL, clientId=CLIENT)
    cloud.clear()
    with pytest.raises(RefusedError, match=f"{first.rpartition('/')[2]}' already exists: .*import it"):
        make(azuread, PRINCIPAL, clientId=CLIENT)
    assert len(cloud.requests) == 1


def test_an_existing_service_principal_is_used_and_left_when_asked(
    azuread: Engine, cloud: RecordingCloud
) -> None:
    first, _, _ = make(azuread, PRINCIPAL, clientId=CLIENT)
    cloud.clear()
    identifier, _, outputs = make(azuread, PRINCIPAL, clientId=CLIENT, useExisting=True)
    assert identifier == first
    assert cloud.requests[1] == f"PATCH /v1.0{first}"
    assert cloud.bodies[1]["samlSingleSignOnSettings"] == {"relayState": ""}
    assert {"appId", "owners@odata.bind"}.isdisjoint(cloud.bodies[1])
    azuread.delete(PRINCIPAL, identifier, outputs)
    assert first in cloud.objects


def test_a_service_principal_waits_for_its_application_but_not_for_itself(
    azuread: Engine, cloud: RecordingCloud, pauses: RecordedPauses
) -> None:
    words = f"The appId '{CLIENT}' of the service principal does not reference a valid application object."
    error = {"error": {"code": "Request_BadRequest", "message": words}}
    cloud.plan("POST", "/servicePrincipals", 400, error, times=2)
    cloud.plan("PATCH", "/servicePrincipals/", 404)
    with pytest.raises(RefusedError, match="after its creation: unexpected status 404") as refused:
        make(azuread, PRINCIPAL, clientId=CLIENT)
    assert pauses.waits == [1.0, 2.0]
    assert refused.value.kept.id in cloud.objects


def test_another_client_id_replaces_the_service_principal(azuread: Engine) -> None:
    _, inputs, outputs = make(azuread, PRINCIPAL, clientId=CLIENT)
    difference = azuread.diff(PRINCIPAL, outputs, inputs, {**inputs, "clientId": TENANT})
    assert list(difference.replaces) == ["clientId"]
    assert difference.deleteBeforeReplace is False


def test_a_federated_credential_is_read_until_it_is_stable(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    identifier, _, outputs = make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    object_id, _, key = identifier.split("/")
    base = f"/v1.0/applications/{object_id}/federatedIdentityCredentials"
    assert identifier == f"{object_id}/federatedIdentityCredential/{key}"
    assert cloud.requests == [f"GET /v1.0{application}", f"POST {base}", *[f"GET {base}/{key}"] * 6]
    assert cloud.bodies[1] == {
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "audiences": ["api://AzureADTokenExchange"],
        "description": "",
        "issuer": FEDERATION["issuer"],
        "name": "azure-devops",
        "subject": FEDERATION["subject"],
    }
    assert pauses.waits == [1.0] * 4
    assert outputs["credentialId"] == key
    assert outputs["applicationId"] == application


def test_a_federated_credential_that_flickers_is_read_until_five_in_a_row(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    cloud.plan("GET", "/federatedIdentityCredentials/", 404, times=2)
    make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    assert len(cloud.requests) == 2 + 2 + 6


def test_a_federated_credential_changes_in_place_but_for_its_name_and_application(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    identifier, inputs, outputs = make(azuread, CREDENTIAL, applicationId=application, **FEDERATION)
    cloud.clear()
    azuread.update(CREDENTIAL, identifier, outputs, inputs, {**inputs, "subject": "other"})
    assert [request.split()[0] for request in cloud.requests] == ["PATCH", "GET"]
    assert cloud.bodies[0]["id"] == outputs["credentialId"]
    assert cloud.bodies[0]["subject"] == "other"
    news = {**inputs, "displayName": "new", "applicationId": f"/applications/{USER}", "issuer": "https://i"}
    difference = azuread.diff(CREDENTIAL, outputs, inputs, news)
    assert list(difference.replaces) == ["applicationId", "displayName"]
    cloud.clear()
    azuread.delete(CREDENTIAL, identifier, outputs)
    assert [request.split()[0] for request in cloud.requests] == ["DELETE", *["GET"] * 5]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            {"audiences": ["a", "b"]},
            "audiences has to name one audience; write ['api://AzureADTokenExchange'].",
        ),
        ({"displayName": "x" * 121}, "displayName has 121 characters; write 1 to 120."),
        (
            {"applicationId": USER},
            f"applicationId is '{USER}'; write the application's id, /applications/{{objectId}}.",
        ),
        ({"colour": "red"}, f"colour is not an input of {CREDENTIAL.split('::')[2]}; leave it out."),
    ],
)
def test_a_mistake_in_a_federated_credential_is_one_sentence(
    azuread: Engine, wrong: dict[str, object], reason: str
) -> None:
    _, failures = azuread.check(CREDENTIAL, {"applicationId": f"/applications/{USER}", **FEDERATION, **wrong})
    assert failures == [reason]


def test_a_mistake_in_a_secret_does_not_show_it(azuread: Engine) -> None:
    wrong = {"applicationId": Secret("hidden"), **FEDERATION}
    _, failures = azuread.check(CREDENTIAL, wrong)
    assert failures == ["applicationId is not valid; its value is secret and not shown."]


def test_what_is_missing_is_named(azuread: Engine) -> None:
    _, failures = azuread.check(CREDENTIAL, {"displayName": UNKNOWN, "audiences": UNKNOWN})
    assert failures == [f"{name} is missing; give it." for name in ("applicationId", "issuer", "subject")]


def test_a_password_is_told_once_and_stays_secret(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    identifier, inputs, outputs = make(
        azuread, PASSWORD, applicationId=application, displayName="d", endDate="2030-01-01T00:00:00Z"
    )
    assert cloud.requests == [
        f"GET /v1.0{application}",
        f"POST /v1.0{application}/addPassword",
        *[f"GET /v1.0{application}"] * 6,
    ]
    assert cloud.bodies[1] == {
        "passwordCredential": {"displayName": "d", "endDateTime": "2030-01-01T00:00:00Z"}
    }
    assert outputs["value"] == Secret("s3cret-text")
    _, _, found = azuread.read(PASSWORD, identifier, inputs, outputs)
    assert found["value"] == Secret("s3cret-text")
    difference = azuread.diff(PASSWORD, outputs, inputs, inputs)
    assert difference.changes == difference.DIFF_NONE
    rotated = azuread.diff(PASSWORD, outputs, inputs, {**inputs, "rotateWhenChanged": {"at": "1"}})
    assert list(rotated.replaces) == ["rotateWhenChanged"]


def test_a_password_cannot_be_imported(azuread: Engine, cloud: RecordingCloud) -> None:
    with pytest.raises(RefusedError, match=r"cannot be imported: Graph tells a secret only once; make a new"):
        azuread.read(PASSWORD, f"{USER}/password/{CALLER}")
    assert cloud.requests == []


def test_a_removed_password_is_looked_for_until_it_is_gone(
    azuread: Engine, cloud: RecordingCloud, application: str, pauses: RecordedPauses
) -> None:
    identifier, _, outputs = make(azuread, PASSWORD, applicationId=application)
    cloud.clear()
    pauses.waits.clear()
    azuread.delete(PASSWORD, identifier, outputs)
    assert cloud.requests == [
        f"POST /v1.0{application}/removePassword",
        *[f"GET /v1.0{application}"] * 5,
    ]
    assert cloud.bodies[0] == {"keyId": outputs["keyId"]}
    assert pauses.waits == [5.0] * 4


def test_a_relative_end_never_reaches_graph(azuread: Engine, cloud: RecordingCloud, application: str) -> None:
    make(azuread, PASSWORD, applicationId=application, endDateRelative="240h")
    assert cloud.bodies[1] == {"passwordCredential": {"displayName": None}}


def test_certificates_are_added_to_those_that_are_there(
    azuread: Engine, cloud: RecordingCloud, application: str
) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    first, _, _ = make(azuread, CERTIFICATE, applicationId=application, value=Secret(pem), keyId=USER)
    second, inputs, outputs = make(
        azuread, CERTIFICATE, applicationId=application, value=Secret(pem), type="AsymmetricX509Cert"
    )
    assert inputs["value"] == Secret(pem)
    assert outputs["value"] == Secret(pem)
    assert first == f"{application.rpartition('/')[2]}/certificate/{USER}"
    keys = cloud.objects[application]["keyCredentials"]
    assert [key["keyId"] for key in keys] == [USER, outputs["keyId"]]
    assert keys[0]["usage"] == "Verify"
    azuread.delete(CERTIFICATE, second, outputs, inputs)
    assert [key["keyId"] for key in cloud.objects[application]["keyCredentials"]] == [USER]


def test_an_update_of_a_credential_is_read_through_a_secret_input(azuread: Engine, application: str) -> None:
    identifier, inputs, outputs = make(
        azuread, CREDENTIAL, applicationId=application, **{**FEDERATION, "subject": Secret("s")}
    )
    assert inputs["subject"] == Secret("s")
    assert outputs["subject"] == Secret("s")
    updated = azuread.update(
        CREDENTIAL, identifier, outputs, inputs, {**inputs, "issuer": Secret("https://i")}
    )
    assert updated["issuer"] == Secret("https://i")


def test_an_unknown_kind_is_refused_by_name(azuread: Engine) -> None:
    with pytest.raises(RefusedError, match="azuread:index/group:Group: the local cloud's azuread plugin"):
        azuread.check("urn:pulumi:dev::demo::azuread:index/group:Group::g", {})


def test_errors_come_with_the_status_that_the_engine_expects(azuread: Engine) -> None:
    with pytest.raises(RefusedError) as refused:
        azuread.read(APPLICATION, "nonsense/1")
    assert refused.value.__context__ is None or isinstance(refused.value.__context__, grpc.RpcError)
    assert str(refused.value).endswith("write /applications/{objectId}.")
