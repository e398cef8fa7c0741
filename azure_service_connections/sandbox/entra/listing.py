"""Graph's lists: filtered, in pages, and with only the properties that were asked for."""

import base64
import binascii
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.entra import filters
from azure_service_connections.sandbox.entra.errors import GraphError
from azure_service_connections.sandbox.message import Request, Response
from azure_service_connections.sandbox.store import Document

PAGE_SIZE: Final = 100
"""Entries of a page where the request does not say (`$top`), as Graph has it."""
LARGEST_PAGE: Final = 999

View = Callable[[Document], Document]


def find_all(cloud: Cloud, request: Request, collection: str, tenant_id: str) -> list[Document]:
    """The visible objects of a collection and tenant that the request's `$filter` lets through."""
    text = request.argument("$filter")
    app_id = filters.sole_app_id(text) if text and collection != "users" else None
    if app_id is not None and collection in ("applications", "service-principals"):
        found = cloud.store.find(collection, tenantId=tenant_id, appId=app_id.lower())
    else:
        found = cloud.store.find(collection, tenantId=tenant_id)
        if text:
            matches = filters.parse(text)
            found = [document for document in found if matches(document)]
    return [document for document in found if cloud.faults.visible(collection, document["id"])]


def filtered(request: Request, documents: list[Document]) -> list[Document]:
    """Those of some documents that the request's `$filter` lets through."""
    text = request.argument("$filter")
    if not text:
        return documents
    matches = filters.parse(text)
    return [document for document in documents if matches(document)]


def page(cloud: Cloud, request: Request, context: str, documents: list[Document], view: View) -> Response:
    """One page of a list. Entries come in the order of their ids, so that a page's end outlives deletions."""
    refuse_unsupported(request)
    size = _page_size(request)
    after = _decode(request.argument("$skiptoken"))
    entries = sorted((each for each in documents if each["id"] > after), key=lambda each: str(each["id"]))
    shown = entries[:size]
    version = request.path.split("/")[1]
    body: Document = {
        "@odata.context": f"{cloud.url}/{version}/$metadata#{context}",
        "value": [select(request, view(document)) for document in shown],
    }
    if len(entries) > size:
        arguments = {key: value for key, value in request.query.items() if key.lower() != "$skiptoken"}
        arguments["$skiptoken"] = _encode(shown[-1]["id"])
        body["@odata.nextLink"] = f"{cloud.url}{request.path}?{urlencode(arguments)}"
    return Response(200, body)


def entity(cloud: Cloud, request: Request, context: str, document: Document, status: int = 200) -> Response:
    """One object as an answer."""
    refuse_unsupported(request)
    version = request.path.split("/")[1]
    return Response(
        status,
        {
            "@odata.context": f"{cloud.url}/{version}/$metadata#{context}/$entity",
            **select(request, document),
        },
    )


def select(request: Request, document: Document) -> Document:
    """The properties that `$select` names, or all; names that are not known are left out."""
    text = request.argument("$select")
    if not text:
        return document
    wanted = {name.strip().lower() for name in text.split(",")}
    return {
        key: value for key, value in document.items() if key.lower() in wanted or key.startswith("@odata.")
    }


def refuse_unsupported(request: Request) -> None:
    """Refuse the query options that would change the answer and that the sandbox does not know."""
    for name in ("$expand", "$search", "$orderby", "$skip"):
        if request.argument(name) is not None:
            raise GraphError(
                400,
                "Request_UnsupportedQuery",
                f"The sandbox does not know the query option {name}; leave it out.",
            )


def _page_size(request: Request) -> int:
    text = request.argument("$top")
    if text is None:
        return PAGE_SIZE
    if not text.isdigit() or not 1 <= int(text) <= LARGEST_PAGE:
        raise GraphError(
            400,
            "Request_UnsupportedQuery",
            f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive.",
        )
    return int(text)


def _encode(identifier: str) -> str:
    return base64.urlsafe_b64encode(identifier.encode()).decode()


def _decode(token: str | None) -> str:
    if not token:
        return ""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise GraphError(400, "Request_BadRequest", "The page token is not one of this list.") from error
