"""The token endpoint with client secrets, and what every token request must hold."""

import base64
from datetime import UTC, datetime

import jwt
import pytest
from entra_world import OTHER_TENANT, SECRET, TENANT, World


def test_a_valid_secret_gets_an_app_only_token_with_the_claims_of_its_service_principal(world: World) -> None:
    answer = world.sign_in(client_id=world.operator["appId"], client_secret=SECRET)

    assert answer.status == 200
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] == answer.body["ext_expires_in"] == 3599
    claims = jwt.decode(
        answer.body["access_token"],
        world.cloud.signing.public_key("entra"),
        algorithms=["RS256"],
        audience=world.cloud.url,
    )
    assert claims["oid"] == claims["sub"] == world.operator["id"]
    assert claims["appid"] == world.operator["appId"]
    assert (claims["tid"], claims["idtyp"], claims["ver"]) == (TENANT, "app", "1.0")
    assert claims["exp"] - claims["iat"] == 3599
    assert claims["nbf"] <= claims["iat"]


def test_a_token_for_graph_names_application_permissions_and_directory_roles(world: World) -> None:
    principal = world.client("reader", "Application.Read.All", "Application Developer")
    graph = world.token_of(principal["appId"], "secret", scope="https://graph.microsoft.com/.default")
    azure = world.token_of(principal["appId"], "secret", scope="https://management.azure.com/.default")

    claims = jwt.decode(graph, options={"verify_signature": False})
    assert claims["roles"] == ["Application.Read.All"]
    assert claims["wids"] == ["cf1c38e5-3621-4004-a7cb-879624dced7c"]
    assert "roles" not in jwt.decode(azure, options={"verify_signature": False})


def test_a_wrong_secret_is_refused_with_7000215(world: World) -> None:
    answer = world.sign_in(client_id=world.operator["appId"], client_secret="guess")

    assert (answer.status, answer.body["error"], answer.aadsts) == (401, "invalid_client", 7000215)
    assert world.operator["appId"] in answer.body["error_description"]
    assert "guess" not in str(answer.body)


def test_an_expired_secret_is_refused_with_7000222_and_a_newer_one_still_works(world: World) -> None:
    made = world.app_with_principal()
    old = world.graph(
        "POST",
        f"applications/{made['id']}/addPassword",
        {
            "passwordCredential": {
                "startDateTime": "2020-01-01T00:00:00Z",
                "endDateTime": "2021-01-01T00:00:00Z",
            }
        },
    ).body["secretText"]
    new = world.graph("POST", f"applications/{made['id']}/addPassword").body["secretText"]

    refused = world.sign_in(client_id=made["appId"], client_secret=old)

    assert (refused.status, refused.aadsts) == (401, 7000222)
    assert world.sign_in(client_id=made["appId"], client_secret=new).status == 200


def test_a_secret_expires_when_the_sandbox_clock_passes_its_end(world: World) -> None:
    made = world.app_with_principal()
    secret = world.graph("POST", f"applications/{made['id']}/addPassword").body["secretText"]
    world.cloud.clock.advance(731 * 24 * 3600)

    assert world.sign_in(client_id=made["appId"], client_secret=secret).aadsts == 7000222


def test_a_secret_that_is_not_yet_valid_is_refused(world: World) -> None:
    made = world.app_with_principal()
    later = {"startDateTime": "2999-01-01T00:00:00Z", "endDateTime": "2999-02-01T00:00:00Z"}
    secret = world.graph(
        "POST", f"applications/{made['id']}/addPassword", {"passwordCredential": later}
    ).body["secretText"]

    assert world.sign_in(client_id=made["appId"], client_secret=secret).aadsts == 7000215


def test_a_removed_secret_no_longer_signs_in(world: World) -> None:
    made = world.app_with_principal()
    password = world.graph("POST", f"applications/{made['id']}/addPassword").body
    assert world.sign_in(client_id=made["appId"], client_secret=password["secretText"]).status == 200

    world.graph("POST", f"applications/{made['id']}/removePassword", {"keyId": password["keyId"]})

    assert world.sign_in(client_id=made["appId"], client_secret=password["secretText"]).aadsts == 7000215


def test_a_secret_of_the_service_principal_signs_in_too(world: World) -> None:
    made = world.app_with_principal()
    added = world.graph("POST", f"servicePrincipals(appId='{made['appId']}')/addPassword")

    assert world.sign_in(client_id=made["appId"], client_secret=added.body["secretText"]).status == 200


def test_client_id_and_secret_may_come_in_the_authorization_header(world: World) -> None:
    proof = base64.b64encode(f"{world.operator['appId']}:{SECRET}".encode()).decode()
    answer = world.send(
        "POST",
        f"/{TENANT}/oauth2/v2.0/token",
        {"Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded"},
        f"grant_type=client_credentials&scope={world.cloud.url}/.default".encode(),
    )

    assert answer.status == 200


@pytest.mark.parametrize("missing", ["grant_type", "client_id", "scope"])
def test_a_missing_field_is_named_with_900144(world: World, missing: str) -> None:
    form: dict[str, str | None] = {
        "client_id": world.operator["appId"],
        "client_secret": SECRET,
        missing: None,
    }

    answer = world.sign_in(**form)

    assert (answer.status, answer.body["error"], answer.aadsts) == (400, "invalid_request", 900144)
    assert f"'{missing}'" in answer.body["error_description"]


def test_a_request_without_any_proof_is_refused_with_7000218(world: World) -> None:
    answer = world.sign_in(client_id=world.operator["appId"])

    assert (answer.status, answer.body["error"], answer.aadsts) == (401, "invalid_client", 7000218)


def test_another_grant_is_refused_with_70003(world: World) -> None:
    answer = world.sign_in(client_id=world.operator["appId"], grant_type="password")

    assert (answer.body["error"], answer.aadsts) == ("unsupported_grant_type", 70003)


@pytest.mark.parametrize(
    ("tenant", "code"),
    [
        ("99999999-9999-4999-8999-999999999999", 90002),
        ("nowhere.example", 90002),
        ("no_tenant", 900023),
        ("common", 50059),
        ("organizations", 50059),
    ],
)
def test_a_tenant_that_cannot_sign_in_applications_is_refused(world: World, tenant: str, code: int) -> None:
    answer = world.sign_in(tenant, client_id=world.operator["appId"], client_secret=SECRET)

    assert (answer.status, answer.aadsts) == (400, code)


@pytest.mark.parametrize("tenant", [TENANT.upper(), "contoso.example", "Contoso.Example"])
def test_a_tenant_is_known_by_id_and_domain_in_any_case(world: World, tenant: str) -> None:
    assert world.sign_in(tenant, client_id=world.operator["appId"], client_secret=SECRET).status == 200


def test_an_application_is_not_found_in_another_tenant(world: World) -> None:
    answer = world.sign_in(OTHER_TENANT, client_id=world.operator["appId"], client_secret=SECRET)

    assert (answer.body["error"], answer.aadsts) == ("unauthorized_client", 700016)
    assert "fabrikam" in answer.body["error_description"]


def test_an_application_without_a_service_principal_is_refused_with_7000229(world: World) -> None:
    made = world.made("applications", {"displayName": "lonely"})

    answer = world.sign_in(client_id=made["appId"], client_secret="any")

    assert (answer.status, answer.aadsts) == (401, 7000229)


def test_a_disabled_service_principal_cannot_sign_in(world: World) -> None:
    made = world.app_with_principal()
    world.graph("PATCH", f"servicePrincipals(appId='{made['appId']}')", {"accountEnabled": False})

    assert world.sign_in(client_id=made["appId"], client_secret="any").aadsts == 7000112


def test_a_new_service_principal_is_unknown_to_sign_in_until_it_is_replicated(world: World) -> None:
    world.cloud.faults.set_visibility("service-principals", 2)
    made = world.made("applications", {"displayName": "slow"})
    password = world.graph("POST", f"applications/{made['id']}/addPassword").body["secretText"]
    world.made("servicePrincipals", {"appId": made["appId"]})

    answers = [world.sign_in(client_id=made["appId"], client_secret=password) for _ in range(3)]

    assert [answer.status for answer in answers] == [400, 400, 200]
    assert [answer.aadsts for answer in answers[:2]] == [700016, 700016]


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        ("{url}/.default", "{url}"),
        ("{url}//.default", "{url}/"),
        ("{url}/.default openid profile", "{url}"),
        ("https://graph.microsoft.com/.default", "https://graph.microsoft.com"),
        ("https://management.azure.com//.default", "https://management.azure.com/"),
        ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
        ("499b84ac-1321-427f-aa17-267ca6975798/.default", "499b84ac-1321-427f-aa17-267ca6975798"),
    ],
)
def test_the_audience_is_the_scope_without_its_default_suffix(
    world: World, scope: str, audience: str
) -> None:
    url = world.cloud.url
    token = world.token_of(world.operator["appId"], SECRET, scope=scope.format(url=url))

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == audience.format(url=url)


def test_an_application_of_the_tenant_is_a_resource_by_its_identifier(world: World) -> None:
    made = world.made("applications", {"displayName": "api", "identifierUris": ["api://payments"]})
    scope = {"scope": "api://payments/.default"}
    proof = {"client_id": world.operator["appId"], "client_secret": SECRET}
    assert world.sign_in(**proof, **scope).aadsts == 500011

    world.made("servicePrincipals", {"appId": made["appId"]})

    assert world.sign_in(**proof, **scope).status == 200
    assert world.sign_in(**proof, scope=f"{made['appId']}/.default").status == 200


@pytest.mark.parametrize(
    ("scope", "error", "code"),
    [
        ("https://vault.example.net/.default", "invalid_resource", 500011),
        ("https://graph.microsoft.com/User.Read", "invalid_scope", 1002012),
        ("/.default", "invalid_scope", 1002012),
        ("openid", "invalid_scope", 1002012),
        ("https://a.example/.default https://b.example/.default", "invalid_request", 28000),
    ],
)
def test_a_scope_that_is_no_resource_is_refused(world: World, scope: str, error: str, code: int) -> None:
    answer = world.sign_in(client_id=world.operator["appId"], client_secret=SECRET, scope=scope)

    assert (answer.status, answer.body["error"], answer.aadsts) == (400, error, code)


def test_a_refusal_carries_the_ids_and_the_time_of_the_sandbox(world: World) -> None:
    world.cloud.clock.advance(10 * 365 * 24 * 3600)

    body = world.sign_in(client_id=world.operator["appId"], client_secret="guess").body

    written = datetime.strptime(body["timestamp"], "%Y-%m-%d %H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((world.cloud.clock.now() - written).total_seconds()) < 60
    for part in (body["trace_id"], body["correlation_id"], body["timestamp"]):
        assert part
        assert part in body["error_description"]
    assert body["error_uri"].endswith("code=7000215")


def test_a_failure_on_request_is_worded_as_the_sign_in_service_words_it(world: World) -> None:
    world.cloud.faults.fail_next("entra", 429, retry_after=7)

    refused = world.sign_in(client_id=world.operator["appId"], client_secret=SECRET)

    assert (refused.status, refused.headers["retry-after"]) == (429, "7")
    assert refused.body["error"] == "temporarily_unavailable"
    assert world.sign_in(client_id=world.operator["appId"], client_secret=SECRET).status == 200
