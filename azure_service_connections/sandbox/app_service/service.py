"""Which requests are for the publishing site of a web app: those that name it as their host.

A machine that resolves `NAME.scm.azurewebsites.net` to the sandbox reaches the site as it would in Azure.
"""

from azure_service_connections.sandbox.app_service import publishing
from azure_service_connections.sandbox.app_service.web_apps import DOMAIN
from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.routes import answer_from

__all__ = ["failure", "handle", "owns"]


def owns(cloud: Cloud, request: Request) -> bool:
    """Whether a request is for a publishing site."""
    return request.header("Host").partition(":")[0].lower().endswith(DOMAIN)


def handle(cloud: Cloud, request: Request) -> Response | None:
    """Answer a request; None where the address is not served."""
    return answer_from((publishing.ROUTES,), cloud, request)


def failure(status: int, retry_after: int | None) -> Response:
    """A failure of the site, as a text."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return publishing.PublishingError(status, "The service is unavailable.", headers).response()
