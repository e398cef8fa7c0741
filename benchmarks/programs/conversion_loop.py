"""Converts what Azure DevOps made, one connection after another, as the published script does.

Unlike that script it waits and asks again where the service throttles: the script would end there.
"""

import os
import time
from typing import Any

import httpx

ORGANIZATION = os.environ["AZDO_ORG_SERVICE_URL"].rstrip("/")
VERSION = {"api-version": "7.1"}


def send(client: httpx.Client, method: str, path: str, **more: Any) -> Any:
    """The answer's document; a throttled request is sent again when the service says."""
    while True:
        answer = client.request(method, f"{ORGANIZATION}{path}", **more)
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            answer.raise_for_status()
            return answer.json()
        time.sleep(float(answer.headers.get("Retry-After", "1")))


def main() -> None:
    """Convert every automatic connection of every project that only one project has."""
    token = ("", os.environ["AZDO_PERSONAL_ACCESS_TOKEN"])
    with httpx.Client(auth=token, verify=os.environ["SSL_CERT_FILE"], timeout=60) as client:
        for project in send(client, "GET", "/_apis/projects", params=VERSION)["value"]:
            path = f"/{project['name']}/_apis/serviceendpoint/endpoints"
            query = {
                **VERSION,
                "type": "azurerm",
                "authSchemes": "ServicePrincipal",
                "includeDetails": "true",
            }
            for endpoint in send(client, "GET", path, params=query)["value"]:
                if endpoint["data"].get("creationMode") != "Automatic" or endpoint["isShared"]:
                    continue
                if not endpoint["isReady"] or endpoint.get("isDisabled"):
                    continue
                endpoint["authorization"]["scheme"] = "WorkloadIdentityFederation"
                endpoint["data"].pop("revertSchemeDeadline", None)
                operation = {**VERSION, "operation": "ConvertAuthenticationScheme"}
                try:
                    send(client, "PUT", f"{path}/{endpoint['id']}", params=operation, json=endpoint)
                except httpx.HTTPStatusError:
                    continue


if __name__ == "__main__":
    main()
