"""The publishing site of a web app (Kudu): deployments from an archive, and the list of them.

Source: the wiki of the project Kudu, pages "Deploying from a zip file or url" and "REST API". A deployment is
done when its answer comes; nothing runs what was deployed.
"""

import base64
import binascii
import io
import zipfile
from typing import Any, Final

from azure_service_connections.sandbox.app_service import web_apps
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import Routes
from azure_service_connections.sandbox.store import Document

ROUTES = Routes()

_COLLECTION: Final = "deployments"
_SUCCESS: Final = 4
"""Kudu's status of a deployment that succeeded."""


class PublishingError(ServiceError):
    """A refusal by a publishing site, which answers with a text or with nothing."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.headers = headers or {}

    def response(self) -> Response:
        """The text as the body."""
        return Response(
            self.status, self.message.encode(), {"Content-Type": "text/plain; charset=utf-8", **self.headers}
        )


@ROUTES.post("/api/zipdeploy")
def deploy(cloud: Cloud, request: Request) -> Response:
    """Deploy the archive in the body: 200, or 202 with the deployment's address where `isAsync` is asked."""
    web_app, user = _published(cloud, request)
    try:
        with zipfile.ZipFile(io.BytesIO(request.body)) as archive:
            files = sorted(archive.namelist())
    except zipfile.BadZipFile as error:
        raise PublishingError(400, "The request body is not a valid zip archive.") from error
    name = web_app["name"].lower()
    number = cloud.identifiers.number(f"deployment/{name}")
    now = cloud.clock.text()
    deployment: Document = {
        "id": cloud.identifiers.guid("deployment", f"{name}/{number}").replace("-", ""),
        "number": number,
        "site": name,
        "author": user,
        "time": now,
        "files": files,
    }
    cloud.store.put(_COLLECTION, deployment["id"], deployment)
    if (request.argument("isAsync") or "").lower() == "true":
        address = f"https://{request.header('Host')}/api/deployments/latest"
        return Response(202, None, {"Location": address})
    return Response(200)


@ROUTES.get("/api/deployments")
def list_deployments(cloud: Cloud, request: Request) -> Response:
    """The deployments of the web app, the latest first."""
    web_app, _ = _published(cloud, request)
    return Response(body=[_shown(request, each) for each in _deployments(cloud, web_app)])


@ROUTES.get("/api/deployments/{deployment}")
def show_deployment(cloud: Cloud, request: Request, deployment: str) -> Response:
    """One deployment by its id, or the `latest`."""
    web_app, _ = _published(cloud, request)
    for each in _deployments(cloud, web_app):
        if deployment.lower() in ("latest", each["id"]):
            return Response(body=_shown(request, each))
    raise PublishingError(404, f"Deployment '{deployment}' not found.")


def _published(cloud: Cloud, request: Request) -> tuple[Document, str]:
    """The web app that the address names, and the user of its publish profile. Raises 404 and 401."""
    host = request.header("Host").partition(":")[0].lower()
    web_app = web_apps.named(cloud, host.removesuffix(web_apps.DOMAIN))
    if web_app is None:
        raise PublishingError(404, "404 Web Site not found.")
    scheme, _, encoded = request.header("Authorization").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    if scheme.lower() != "basic" or not web_apps.is_publisher(cloud, web_app, user, password):
        raise PublishingError(401, "401 Unauthorized", {"WWW-Authenticate": 'Basic realm="site"'})
    return web_app, user


def _deployments(cloud: Cloud, web_app: Document) -> list[Document]:
    held = cloud.store.find(_COLLECTION, site=web_app["name"].lower())
    return sorted(held, key=lambda each: -int(each["number"]))


def _shown(request: Request, deployment: Document) -> dict[str, Any]:
    return {
        "id": deployment["id"],
        "status": _SUCCESS,
        "status_text": "",
        "author": deployment["author"],
        "deployer": "ZipDeploy",
        "message": "Created via a push deployment",
        "received_time": deployment["time"],
        "end_time": deployment["time"],
        "complete": True,
        "active": True,
        "url": f"https://{request.header('Host')}/api/deployments/{deployment['id']}",
    }
