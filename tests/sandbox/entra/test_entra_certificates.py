"""Certificates of an application: kept through Graph, and good for signing in."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from entra_world import TENANT, World


class Signer:
    """A key with a certificate that says since when and until when it is good."""

    def __init__(self, first: timedelta = timedelta(days=-1), last: timedelta = timedelta(days=365)) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deployer")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now + first)
            .not_valid_after(now + last)
            .sign(self.key, hashes.SHA256())
        )
        self.der = self.certificate.public_bytes(Encoding.DER)
        self.pem = self.certificate.public_bytes(Encoding.PEM)

    def credential(self, **values: Any) -> dict[str, Any]:
        """What a client sends: base64 of the whole PEM text."""
        return {
            "key": base64.b64encode(self.pem).decode(),
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            **values,
        }

    def assertion(self, world: World, client_id: str, algorithm: str = "RS256", **claims: Any) -> str:
        """A statement of an application about itself."""
        now = world.cloud.clock.timestamp()
        name, digest = ("x5t", "sha1") if algorithm == "RS256" else ("x5t#S256", "sha256")
        thumbprint = base64.urlsafe_b64encode(hashlib.new(digest, self.der).digest()).rstrip(b"=").decode()
        return jwt.encode(
            {
                "iss": client_id,
                "sub": client_id,
                "aud": f"{world.cloud.url}/{TENANT}/oauth2/v2.0/token",
                "nbf": now,
                "exp": now + 600,
                **claims,
            },
            self.key,
            algorithm=algorithm,
            headers={name: thumbprint},
        )


@pytest.fixture(scope="module")
def signer() -> Signer:
    """One key for all tests of this page."""
    return Signer()


def keys_of(world: World, made: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.graph("GET", f"applications/{made['id']}").body["keyCredentials"]
    return found


def test_a_certificate_is_kept_and_its_key_is_never_shown(world: World, signer: Signer) -> None:
    made = world.app_with_principal()
    key_id = "11111111-1111-4111-8111-111111111111"

    answer = world.graph(
        "PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential(keyId=key_id)]}
    )

    assert answer.status == 204
    (shown,) = keys_of(world, made)
    assert (shown["keyId"], shown["key"], shown["type"]) == (key_id, None, "AsymmetricX509Cert")
    assert shown["displayName"] == "CN=deployer"
    assert base64.b64decode(shown["customKeyIdentifier"]) == hashlib.sha1(signer.der).digest()


def test_a_known_entry_sent_back_without_its_key_stays_and_one_left_out_goes(
    world: World, signer: Signer
) -> None:
    made = world.app_with_principal()
    address = f"applications/{made['id']}"
    world.graph("PATCH", address, {"keyCredentials": [signer.credential()]})
    (first,) = keys_of(world, made)

    added = world.graph("PATCH", address, {"keyCredentials": [first, Signer().credential()]})

    assert added.status == 204
    assert len(keys_of(world, made)) == 2
    assert world.exchange(made, signer.assertion(world, made["appId"])).status == 200
    assert world.graph("PATCH", address, {"keyCredentials": keys_of(world, made)[1:]}).status == 204
    assert len(keys_of(world, made)) == 1
    assert world.exchange(made, signer.assertion(world, made["appId"])).aadsts == 700027


@pytest.mark.parametrize(
    "values",
    [
        {"key": None},
        {"key": "bm90IGEgY2VydGlmaWNhdGU="},
        {"key": "%%%"},
        {"type": "Symmetric"},
        {"usage": "Sign"},
        {"endDateTime": "2999-01-01T00:00:00Z"},
        {"startDateTime": "2001-01-01T00:00:00Z"},
        {"endDateTime": "later"},
    ],
)
def test_a_certificate_that_may_not_be_is_refused(
    world: World, signer: Signer, values: dict[str, Any]
) -> None:
    made = world.app_with_principal()

    answer = world.graph(
        "PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential(**values)]}
    )

    assert answer.status == 400
    assert answer.code in (
        "Request_BadRequest",
        "KeyCredentialsInvalidEndDate",
        "KeyCredentialsInvalidStartDate",
    )
    assert keys_of(world, made) == []


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_application_signs_in_with_its_certificate(world: World, signer: Signer, algorithm: str) -> None:
    made = world.app_with_principal()
    der = {"key": base64.b64encode(signer.der).decode()}
    world.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential(**der)]})

    answer = world.exchange(made, signer.assertion(world, made["appId"], algorithm))

    assert answer.status == 200
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert claims["appid"] == made["appId"]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "another"}, 700021),
        ({"aud": "https://somewhere.example"}, 700023),
        ({"exp": 1}, 700024),
    ],
)
def test_a_statement_of_the_application_must_be_for_entra_and_in_time(
    world: World, signer: Signer, claims: dict[str, Any], code: int
) -> None:
    made = world.app_with_principal()
    world.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential()]})

    answer = world.exchange(made, signer.assertion(world, made["appId"], **claims))

    assert (answer.status, answer.aadsts) == (401, code)


def test_a_certificate_that_the_application_does_not_hold_is_refused(world: World, signer: Signer) -> None:
    made = world.app_with_principal()
    assert world.exchange(made, signer.assertion(world, made["appId"])).aadsts == 700027

    world.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential()]})

    assert world.exchange(made, Signer().assertion(world, made["appId"])).aadsts == 700027
    assert world.exchange(made, signer.assertion(world, made["appId"])).status == 200


def test_an_expired_certificate_is_refused(world: World) -> None:
    made = world.app_with_principal()
    short = Signer(last=timedelta(hours=1))
    world.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [short.credential()]})
    assert world.exchange(made, short.assertion(world, made["appId"])).status == 200
    world.cloud.clock.advance(3700)

    assert world.exchange(made, short.assertion(world, made["appId"])).aadsts == 700027


def test_changed_claims_under_a_good_certificate_are_refused(world: World, signer: Signer) -> None:
    made = world.app_with_principal()
    world.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential()]})
    header, claims, signature = signer.assertion(world, made["appId"], exp=1).split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    content["exp"] = world.cloud.clock.timestamp() + 600
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    assert world.exchange(made, f"{header}.{changed}.{signature}").aadsts == 700027
