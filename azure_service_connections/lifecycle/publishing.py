"""Deploying to a web app with the publish profile of a connection, as a task of a job does it."""

import io
import os
import zipfile
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

import httpx
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

_METHOD: Final = "ZipDeploy"
_SITE_OF_PUBLISHER: Final = ".scm."
_REFUSED: Final = (401, 403)
_TIMEOUT_SECONDS: Final = 60.0
_FILE: Final = "hostingstart.html"


class Publisher:
    """The publishing site that a profile names; the profile is the one that the agent hands to tasks."""

    def __init__(self, connection_id: str, address: str) -> None:
        """`address` is where this machine finds publishing sites, or empty for where their names lead."""
        self._connection_id = connection_id
        self._address = address

    def sign_in(self, _: Mapping[str, Any]) -> None:
        """List the deployments."""
        self._send("GET", "/api/deployments")

    def deploy(self, step: Mapping[str, Any]) -> None:
        """Deploy an archive with one file."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(_FILE, f"<!doctype html><title>{step['name']}</title>")
        self._send("POST", "/api/zipdeploy", content.getvalue())

    def read(self, _: Mapping[str, Any]) -> None:
        """See that the latest deployment is complete."""
        latest = self._send("GET", "/api/deployments/latest").json()
        if not latest.get("complete"):
            raise HttpResponseError("the deployment is not complete")

    def read_elsewhere(self, step: Mapping[str, Any]) -> None:
        """List the deployments of another web app."""
        self._send("GET", "/api/deployments", site=step["site"])

    def _send(self, method: str, path: str, content: bytes | None = None, site: str = "") -> httpx.Response:
        host, user, password = self._profile()
        if site:
            host = f"{site}.{host.partition('.')[2]}"
        try:
            answer = httpx.request(
                method,
                f"{self._address or f'https://{host}'}{path}",
                headers={"Host": host},
                content=content,
                auth=(user, password),
                timeout=_TIMEOUT_SECONDS,
            )
        except httpx.HTTPError as error:
            raise ServiceRequestError(f"{host} does not answer ({error})") from error
        if answer.status_code in _REFUSED:
            raise ClientAuthenticationError(f"PublishingFailed: {host} refuses the user name and password")
        if not answer.is_success:
            raise HttpResponseError(f"{host} answers {answer.status_code}: {answer.text[:200]}")
        return answer

    def _profile(self) -> tuple[str, str, str]:
        """Host of the publishing site, user name and password. None of them is ever shown but the host."""
        text = os.environ.get(f"ENDPOINT_AUTH_PARAMETER_{self._connection_id}_PUBLISHPROFILE", "")
        try:
            profiles = list(ElementTree.fromstring(text).iter("publishProfile"))
        except ElementTree.ParseError:
            profiles = []
        profiles.sort(key=lambda each: each.get("publishMethod") != _METHOD)
        for each in profiles:
            host = (each.get("publishUrl") or "").partition("://")[2] or each.get("publishUrl") or ""
            host = host.partition("/")[0].partition(":")[0]
            if _SITE_OF_PUBLISHER in host:
                return host, each.get("userName") or "", each.get("userPWD") or ""
        raise ClientAuthenticationError("PublishProfileNotFound: the connection holds no publish profile")
