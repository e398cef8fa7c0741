"""A sandbox with one tenant and an operator, asked in process and over https with the same cases."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import applications, passwords, service_principals
from tests.sandbox import answers

TENANT = "7a9d8c1e-52f4-4c3b-9a31-0d6d8a3b1c11"
OTHER_TENANT = "c0a3b7de-0a5f-4f5e-8a54-2f0b8d6a9e22"
ORGANIZATION = "5b0f2a94-7e0b-4a4e-9d27-3c1f6e8d7b33"
ENTRA_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
DEVOPS_ISSUER = f"https://vstoken.dev.azure.com/{ORGANIZATION}"
AUDIENCE = "api://AzureADTokenExchange"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET = "operator-secret"


class Answer(answers.Answer):
    """What Graph or the sign-in service answers."""

    @property
    def code(self) -> str:
        """The code of Graph's refusal."""
        return str(self.body["error"]["code"])

    @property
    def aadsts(self) -> int:
        """The code of the sign-in service's refusal; description and list must agree."""
        (code,) = self.body["error_codes"]
        assert self.body["error_description"].startswith(f"AADSTS{code}: ")
        return int(code)


Send = Callable[[str, str, dict[str, str], bytes], Answer]


class World:
    """One tenant of a sandbox and what a client may ask of it."""

    def __init__(self, cloud: Cloud, send: Send) -> None:
        self.cloud = cloud
        self.send = send
        for identifier, name in ((TENANT, "contoso"), (OTHER_TENANT, "fabrikam")):
            cloud.store.put(
                "tenants", identifier, {"id": identifier, "name": name, "domain": f"{name}.example"}
            )
        cloud.store.put(
            "organizations",
            "contoso",
            {"id": ORGANIZATION, "name": "contoso", "tenantId": TENANT, "issuer": "entra"},
        )
        self.operator = self.client("operator", "Application Administrator", secret=SECRET)
        self.token = self.token_of(self.operator["appId"], SECRET)

    def client(self, name: str, *rights: str, secret: str = "secret", tenant: str = TENANT) -> Any:
        """An application with a secret and a service principal that holds some rights; the latter."""
        registered = applications.register(self.cloud, tenant, {"displayName": name})
        passwords.add(self.cloud, registered, {"displayName": "first"}, secret)
        self.cloud.store.put("applications", registered["id"], registered)
        principal = service_principals.register(self.cloud, tenant, registered["appId"])
        principal["directoryRoles"] = list(rights)
        self.cloud.store.put("service-principals", principal["id"], principal)
        return principal

    def person(self, name: str, user_principal_name: str) -> str:
        """The id of a new person."""
        identifier = self.cloud.identifiers.guid("user", user_principal_name)
        self.cloud.store.put(
            "users",
            identifier,
            {
                "id": identifier,
                "tenantId": TENANT,
                "displayName": name,
                "userPrincipalName": user_principal_name,
            },
        )
        return identifier

    def group(self, name: str, *members: str) -> str:
        """The id of a new group."""
        identifier = self.cloud.identifiers.guid("group", name)
        self.cloud.store.put(
            "groups",
            identifier,
            {"id": identifier, "tenantId": TENANT, "displayName": name, "members": list(members)},
        )
        return identifier

    def graph(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """Ask Graph as the operator, or as the holder of a token."""
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path if path.startswith("/") else f"/v1.0/{path}", headers, content)

    def made(self, path: str, body: Any) -> Any:
        """What Graph made of a POST that must succeed."""
        answer = self.graph("POST", path, body)
        assert answer.status == 201, answer
        return answer.body

    def app_with_principal(self, name: str = "deployer") -> Any:
        """An application that Graph made, with a service principal."""
        made = self.made("applications", {"displayName": name})
        self.made("servicePrincipals", {"appId": made["appId"]})
        return made

    def trust(self, made: Any, **values: Any) -> Any:
        """A federated credential of an application."""
        return self.made(
            f"applications/{made['id']}/federatedIdentityCredentials",
            {
                "name": "pipeline",
                "issuer": ENTRA_ISSUER,
                "subject": "subject",
                "audiences": [AUDIENCE],
                **values,
            },
        )

    def assertion(self, signer: str = "entra", **claims: Any) -> str:
        """A token of an issuer, with the claims that the default federated credential asks for."""
        now = self.cloud.clock.timestamp()
        return self.cloud.signing.sign(
            signer,
            {
                "iss": ENTRA_ISSUER,
                "sub": "subject",
                "aud": AUDIENCE,
                "iat": now,
                "nbf": now,
                "exp": now + 600,
                **claims,
            },
        )

    def sign_in(self, tenant: str = TENANT, **form: str | None) -> Answer:
        """Ask for a token of the sandbox's own address; None leaves a field out."""
        fields = {
            "grant_type": "client_credentials",
            "scope": f"{self.cloud.url}/.default",
            **form,
        }
        content = urlencode({key: value for key, value in fields.items() if value is not None}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", f"/{tenant}/oauth2/v2.0/token", headers, content)

    def exchange(self, made: Any, assertion: str, **form: str | None) -> Answer:
        """Exchange an assertion for an access token of an application."""
        return self.sign_in(
            client_id=made["appId"], client_assertion=assertion, client_assertion_type=ASSERTION_TYPE, **form
        )

    def token_of(self, client_id: str, secret: str, **form: str | None) -> str:
        """An access token by secret."""
        answer = self.sign_in(client_id=client_id, client_secret=secret, **form)
        assert answer.status == 200, answer
        return str(answer.body["access_token"])


def in_process(cloud: Cloud) -> Send:
    """Asks a cloud without a network."""
    return answers.in_process(cloud, Answer)


def over_https(url: str, client: httpx.Client) -> Send:
    """Asks a served cloud through a real client."""
    return answers.over_https(client, url, Answer)
