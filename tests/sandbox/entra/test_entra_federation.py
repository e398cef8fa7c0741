"""Token exchange: which tokens of which issuer stand for an application or a managed identity."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from entra_world import AUDIENCE, DEVOPS_ISSUER, ENTRA_ISSUER, SECRET, TENANT, World

from azure_service_connections.sandbox.entra.principals import (
    create_managed_identity,
    remove_managed_identity,
)

IDENTITY = (
    "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/id-payments"
)


def test_an_assertion_that_fits_is_exchanged_for_a_token_of_the_application(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)

    answer = world.exchange(made, world.assertion())

    assert answer.status == 200
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert claims["appid"] == made["appId"]


def test_the_older_issuer_of_azure_devops_is_trusted_as_well(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, issuer=DEVOPS_ISSUER, subject="sc://contoso/Payments/payments-prod")

    assertion = world.assertion("devops", iss=DEVOPS_ISSUER, sub="sc://contoso/Payments/payments-prod")

    assert world.exchange(made, assertion).status == 200


def test_a_token_of_one_issuer_signed_with_the_key_of_another_is_refused(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, issuer=DEVOPS_ISSUER)

    answer = world.exchange(made, world.assertion("entra", iss=DEVOPS_ISSUER))

    assert (answer.status, answer.aadsts) == (401, 700027)


def test_an_application_without_federated_credentials_is_refused_with_70025(world: World) -> None:
    made = world.app_with_principal()

    answer = world.exchange(made, world.assertion())

    assert (answer.status, answer.body["error"], answer.aadsts) == (401, "invalid_client", 70025)
    assert "deployer" in answer.body["error_description"]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": ENTRA_ISSUER + "/"}, 700211),
        ({"iss": DEVOPS_ISSUER}, 700211),
        ({"aud": "api://other"}, 700212),
        ({"aud": [AUDIENCE, "api://other"]}, 700212),
        ({"sub": "another"}, 700213),
        ({"sub": "subject "}, 700213),
        ({"sub": "Subject"}, 7002138),
        ({"aud": AUDIENCE.lower()}, 7002138),
        ({"iss": ENTRA_ISSUER.upper()}, 7002138),
    ],
)
def test_what_does_not_match_byte_for_byte_is_named_by_its_code(
    world: World, claims: dict[str, object], code: int
) -> None:
    made = world.app_with_principal()
    world.trust(made)

    answer = world.exchange(made, world.assertion(**claims))

    assert (answer.status, answer.aadsts) == (401, code)
    presented = str(next(iter(claims.values())))
    assert presented in answer.body["error_description"] or isinstance(claims.get("aud"), list)


def test_issuer_and_subject_must_match_in_one_and_the_same_credential(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, name="one", issuer=ENTRA_ISSUER, subject="first")
    world.trust(made, name="two", issuer=DEVOPS_ISSUER, subject="second")

    assert world.exchange(made, world.assertion(sub="first")).status == 200
    assert world.exchange(made, world.assertion(sub="second")).aadsts == 700213


def test_a_stray_blank_in_the_credential_makes_the_exchange_fail(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, issuer=ENTRA_ISSUER + " ")

    assert world.exchange(made, world.assertion()).aadsts == 700211


@pytest.mark.parametrize("times", [{"exp": -1}, {"exp": 0}, {"nbf": 60, "exp": 600}])
def test_an_assertion_outside_its_time_is_refused_with_700024(world: World, times: dict[str, int]) -> None:
    made = world.app_with_principal()
    world.trust(made)
    now = world.cloud.clock.timestamp()

    answer = world.exchange(made, world.assertion(**{name: now + offset for name, offset in times.items()}))

    assert (answer.status, answer.aadsts) == (401, 700024)


def test_an_assertion_expires_by_the_clock_of_the_sandbox(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    assertion = world.assertion()
    world.cloud.clock.advance(601)

    assert world.exchange(made, assertion).aadsts == 700024


def test_changed_claims_are_refused_with_700027(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    header, _, signature = world.assertion(sub="another").split(".")
    claims = world.assertion().split(".")[1]

    answer = world.exchange(made, f"{header}.{claims}.{signature}")

    assert (answer.status, answer.aadsts) == (401, 700027)


def test_a_strange_key_under_the_right_key_id_is_refused_with_700027(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    claims = jwt.decode(world.assertion(), options={"verify_signature": False})
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = {"kid": world.cloud.signing.key_id("entra")}

    forged = jwt.encode(claims, strange, algorithm="RS256", headers=headers)

    assert world.exchange(made, forged).aadsts == 700027


def test_a_strange_key_without_a_key_id_is_refused_with_700027(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    claims = jwt.decode(world.assertion(), options={"verify_signature": False})
    strange = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert world.exchange(made, jwt.encode(claims, strange, algorithm="RS256")).aadsts == 700027


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_only_rs256_is_taken(world: World, algorithm: str) -> None:
    made = world.app_with_principal()
    world.trust(made)
    claims = jwt.decode(world.assertion(), options={"verify_signature": False})
    key = "a shared secret of more than 32 bytes" if algorithm == "HS256" else None

    answer = world.exchange(made, jwt.encode(claims, key, algorithm=algorithm))

    assert answer.aadsts == 5002738


def test_an_issuer_that_nobody_answers_for_is_refused_with_50166(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, issuer="https://token.actions.githubusercontent.com")

    answer = world.exchange(made, world.assertion(iss="https://token.actions.githubusercontent.com"))

    assert (answer.status, answer.aadsts) == (400, 50166)


def test_the_issuer_of_an_unknown_organization_is_refused_with_50166(world: World) -> None:
    made = world.app_with_principal()
    unknown = "https://vstoken.dev.azure.com/99999999-9999-4999-8999-999999999999"
    world.trust(made, issuer=unknown)

    assert world.exchange(made, world.assertion("devops", iss=unknown)).aadsts == 50166


def test_an_access_token_cannot_stand_for_an_application(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)

    assert world.exchange(made, world.token).aadsts == 700222


@pytest.mark.parametrize("text", ["", "a.b", "not a token", "e30.e30.e30"])
def test_what_is_no_token_is_refused(world: World, text: str) -> None:
    made = world.app_with_principal()
    world.trust(made)

    answer = world.exchange(made, text)

    assert (answer.status, answer.aadsts) in [(400, 50027), (401, 700027), (401, 5002738)]


def test_the_kind_of_assertion_must_be_said(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    proof = {"client_id": made["appId"], "client_assertion": world.assertion()}

    assert world.sign_in(**proof).aadsts == 900144
    assert world.sign_in(**proof, client_assertion_type="saml").aadsts == 50027


def test_a_multi_tenant_application_cannot_use_the_entra_issuer(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made, name="entra")
    world.trust(made, name="devops", issuer=DEVOPS_ISSUER)
    world.graph("PATCH", f"applications/{made['id']}", {"signInAudience": "AzureADMultipleOrgs"})

    assert world.exchange(made, world.assertion()).aadsts == 70052
    assert world.exchange(made, world.assertion("devops", iss=DEVOPS_ISSUER)).status == 200


def test_a_changed_credential_decides_the_next_exchange(world: World) -> None:
    made = world.app_with_principal()
    credential = world.trust(made)
    address = f"applications/{made['id']}/federatedIdentityCredentials/{credential['id']}"
    world.graph("PATCH", address, {"subject": "renamed"})

    assert world.exchange(made, world.assertion()).aadsts == 700213
    assert world.exchange(made, world.assertion(sub="renamed")).status == 200
    world.graph("DELETE", address)
    assert world.exchange(made, world.assertion(sub="renamed")).aadsts == 70025


def test_a_credential_is_unknown_to_sign_in_until_it_is_replicated(world: World) -> None:
    world.cloud.faults.set_visibility("federated-credentials", 2)
    made = world.app_with_principal()
    world.trust(made)

    answers = [world.exchange(made, world.assertion()) for _ in range(3)]

    assert [answer.status for answer in answers] == [401, 401, 200]
    assert answers[0].aadsts == 70025


def test_a_managed_identity_signs_in_by_its_federated_credential(world: World) -> None:
    principal_id, client_id = create_managed_identity(world.cloud, TENANT, "id-payments", IDENTITY)
    identity = {"appId": client_id}
    assert world.exchange(identity, world.assertion()).aadsts == 70025
    world.cloud.store.put(
        "federated-credentials",
        "credential",
        {
            "id": "credential",
            "parent": IDENTITY.lower(),
            "clientId": client_id,
            "name": "pipeline",
            "issuer": ENTRA_ISSUER,
            "subject": "subject",
            "audiences": [AUDIENCE],
        },
    )

    answer = world.exchange(identity, world.assertion())

    assert answer.status == 200
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert claims["oid"] == principal_id
    assert world.exchange(identity, world.assertion(sub="another")).aadsts == 700213
    remove_managed_identity(world.cloud, IDENTITY)
    assert world.exchange(identity, world.assertion()).aadsts == 700016


def test_a_flexible_credential_matches_by_its_expression(world: World) -> None:
    made = world.app_with_principal()
    answer = world.graph(
        "POST",
        f"/beta/applications/{made['id']}/federatedIdentityCredentials",
        {
            "name": "flexible",
            "issuer": ENTRA_ISSUER,
            "audiences": [AUDIENCE],
            "claimsMatchingExpression": {
                "languageVersion": 1,
                "value": "claims['sub'] matches 'repo:contoso/*:main' and claims['ref'] eq 'main'",
            },
        },
    )
    assert answer.status == 201

    def status(subject: str, reference: str) -> int:
        return world.exchange(made, world.assertion(sub=subject, ref=reference)).status

    assert status("repo:contoso/web:main", "main") == 200
    assert status("repo:contoso/web:main:fork", "main") == 401
    assert status("repo:contoso/web:main", "main2") == 401
    assert world.exchange(made, world.assertion(sub="repo:contoso/web:main", ref="dev")).aadsts == 7002131
    assert world.exchange(made, world.assertion(sub="repo:fabrikam/web:main", ref="main")).aadsts == 7002131


def test_the_signature_is_checked_before_claims_are_believed(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    header, claims, signature = world.assertion(exp=1).split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    content["exp"] = world.cloud.clock.timestamp() + 600
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    assert world.exchange(made, f"{header}.{changed}.{signature}").aadsts == 700027


def test_the_secret_of_another_application_does_not_help_an_assertion(world: World) -> None:
    made = world.app_with_principal()
    world.trust(made)
    both = {"client_secret": SECRET, "client_assertion": world.assertion(sub="another")}

    answer = world.exchange(made, both["client_assertion"], client_secret=both["client_secret"])

    assert answer.aadsts == 700213
