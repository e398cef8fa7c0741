"""Unmodified clients of Entra against the sandbox over https."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import msal
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    WorkloadIdentityCredential,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from entra_world import SECRET, TENANT, World
from test_entra_certificates import Signer


@pytest.fixture(autouse=True)
def trusted_authority(https_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that those clients read."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(https_server.authority))


def app_id_of(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["appid"])


def test_azure_identity_signs_in_with_a_secret(served: World) -> None:
    with ClientSecretCredential(
        TENANT,
        served.operator["appId"],
        SECRET,
        authority=served.cloud.url,
        disable_instance_discovery=True,
    ) as credential:
        token = credential.get_token(f"{served.cloud.url}/.default")

    assert app_id_of(token.token) == served.operator["appId"]
    assert served.graph("GET", "organization", token=token.token).status == 200


def test_azure_identity_reports_the_code_of_a_wrong_secret(served: World) -> None:
    with (
        ClientSecretCredential(
            TENANT,
            served.operator["appId"],
            "guess",
            authority=served.cloud.url,
            disable_instance_discovery=True,
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(f"{served.cloud.url}/.default")


def test_azure_identity_exchanges_an_assertion(served: World) -> None:
    made = served.app_with_principal()
    served.trust(made)
    with ClientAssertionCredential(
        TENANT, made["appId"], served.assertion, authority=served.cloud.url
    ) as credential:
        token = credential.get_token("https://management.azure.com/.default")

    assert app_id_of(token.token) == made["appId"]


def test_azure_identity_reports_the_code_of_an_assertion_that_does_not_fit(served: World) -> None:
    made = served.app_with_principal()
    served.trust(made, subject="Subject")
    with (
        ClientAssertionCredential(
            TENANT, made["appId"], served.assertion, authority=served.cloud.url
        ) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7002138"),
    ):
        credential.get_token("https://management.azure.com/.default")


def test_azure_identity_exchanges_the_token_in_a_file(served: World, tmp_path: Path) -> None:
    made = served.app_with_principal()
    served.trust(made)
    file = tmp_path / "token"
    file.write_text(served.assertion())
    with WorkloadIdentityCredential(
        tenant_id=TENANT, client_id=made["appId"], token_file_path=str(file), authority=served.cloud.url
    ) as credential:
        token = credential.get_token("https://management.azure.com/.default")

    assert app_id_of(token.token) == made["appId"]


def test_azure_identity_signs_in_with_a_certificate(served: World) -> None:
    made = served.app_with_principal()
    signer = Signer(last=timedelta(days=30))
    served.graph("PATCH", f"applications/{made['id']}", {"keyCredentials": [signer.credential()]})
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with CertificateCredential(
        TENANT,
        made["appId"],
        certificate_data=key + signer.pem,
        authority=served.cloud.url,
        disable_instance_discovery=True,
    ) as credential:
        token = credential.get_token(f"{served.cloud.url}/.default")

    assert app_id_of(token.token) == made["appId"]


def test_msal_accepts_the_issuer_and_keeps_the_token_for_its_lifetime(served: World) -> None:
    with requests.Session() as session:
        application = msal.ConfidentialClientApplication(
            served.operator["appId"],
            client_credential=SECRET,
            authority=f"{served.cloud.url}/{TENANT}",
            instance_discovery=False,
            http_client=session,
        )
        first = application.acquire_token_for_client([f"{served.cloud.url}/.default"])
        second = application.acquire_token_for_client([f"{served.cloud.url}/.default"])

    assert app_id_of(first["access_token"]) == served.operator["appId"]
    assert (first["token_source"], second["token_source"]) == ("identity_provider", "cache")


def test_msal_accepts_the_issuer_of_a_tenant_that_is_named_as_such(served: World) -> None:
    with requests.Session() as session:
        application = msal.ConfidentialClientApplication(
            served.operator["appId"],
            client_credential=SECRET,
            oidc_authority=f"{served.cloud.url}/{TENANT}/v2.0",
            http_client=session,
        )
        answer = application.acquire_token_for_client([f"{served.cloud.url}/.default"])

    assert app_id_of(answer["access_token"]) == served.operator["appId"]
