"""GitHub and Azure DevOps as far as comments of pull requests go, with their answers.

Forms of requests and answers are those of their documentation; the words of refusals those seen in public.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

TOKEN = "token-of-the-job"
Answer = tuple[int, Any]


class Place:
    """Answers requests and keeps what was asked for."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.permitted = True

    def handle(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport."""
        status, document = self.answer(
            request.method, str(request.url), request.headers.get("Authorization", ""), request.content
        )
        return httpx.Response(status, json=document)

    def answer(self, method: str, url: str, authorization: str, content: bytes) -> Answer:
        parts = urlsplit(url)
        self.requests.append((method, parts.path))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        return self.route(method, parts.path, query, authorization, json.loads(content or b"null"))

    def route(self, method: str, path: str, query: dict[str, str], authorization: str, body: Any) -> Answer:
        return 404, {"message": f"{method} {path} is not here"}

    def wrote(self) -> list[tuple[str, str]]:
        """The requests that changed something."""
        return [each for each in self.requests if each[0] != "GET"]


class GitHub(Place):
    """One repository with pull request 12, and what others said about it."""

    def __init__(self, others: int = 0) -> None:
        super().__init__()
        self.state, self.merged = "open", False
        self.comments: list[dict[str, Any]] = [{"id": n, "body": f"number {n}"} for n in range(1, others + 1)]

    def route(self, method: str, path: str, query: dict[str, str], authorization: str, body: Any) -> Answer:
        if authorization not in (f"Bearer {TOKEN}", f"Bearer ghs_{TOKEN}"):
            return 401, {"message": "Bad credentials"}
        if (method, path) == ("GET", "/repos/contoso/shop/pulls/12"):
            return 200, {"number": 12, "state": self.state, "merged": self.merged}
        if (method, path) == ("GET", "/repos/contoso/shop/issues/12/comments"):
            size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
            return 200, self.comments[(page - 1) * size : page * size]
        if method in ("POST", "PATCH"):
            if not self.permitted:
                return 403, {"message": "Resource not accessible by integration"}
            if len(body["body"]) > 65_536:
                return 422, {"message": "Validation Failed: Body is too long (maximum is 65536 characters)"}
            if (method, path) == ("POST", "/repos/contoso/shop/issues/12/comments"):
                author = {"login": "github-actions[bot]", "type": "Bot"}
                self.comments.append({"id": len(self.comments) + 1, "user": author, **body})
                return 201, self.comments[-1]
            if found := re.fullmatch(r"/repos/contoso/shop/issues/comments/(\d+)", path):
                self.comments[int(found[1]) - 1] |= body
                return 200, self.comments[int(found[1]) - 1]
        return 404, {"message": "Not Found"}


class AzureDevOps(Place):
    """One repository with pull request 12, and the threads about it."""

    ROOT = "/contoso/project-id/_apis/git/repositories/repository-id/pullRequests/12"

    def __init__(self) -> None:
        super().__init__()
        self.status = "active"
        self.threads: list[dict[str, Any]] = [
            {
                "id": 1,
                "status": None,
                "comments": [{"id": 1, "content": "Ada voted 10", "commentType": "system"}],
            },
            {"id": 2, "status": "active", "isDeleted": True, "comments": []},
        ]

    def route(self, method: str, path: str, query: dict[str, str], authorization: str, body: Any) -> Answer:
        if authorization != f"Bearer {TOKEN}":
            # A page to sign in on comes with this status.
            return 203, None
        if query.get("api-version") != "7.1":
            return 400, {
                "message": "No api-version was supplied",
                "typeKey": "VssVersionNotSpecifiedException",
            }
        if (method, path) == ("GET", self.ROOT):
            return 200, {"pullRequestId": 12, "status": self.status}
        if (method, path) == ("GET", f"{self.ROOT}/threads"):
            return 200, {"value": self.threads, "count": len(self.threads)}
        if method in ("POST", "PATCH"):
            return self._write(method, path.removeprefix(f"{self.ROOT}/threads"), body)
        return 404, {"message": "The controller for path was not found."}

    def _write(self, method: str, path: str, body: Any) -> Answer:
        if not self.permitted:
            said = "TF401027: You need the Git 'PullRequestContribute' permission to perform this action."
            return 403, {"message": said, "typeKey": "GitNeedsPermissionException"}
        contents = [each["content"] for each in (*body.get("comments", ()), body) if "content" in each]
        if any(len(each) > 150_000 for each in contents):
            return 400, {"message": "A discussion comment cannot be longer than 150000 characters."}
        if (method, path) == ("POST", ""):
            comments = [{"id": n, **each} for n, each in enumerate(body["comments"], 1)]
            self.threads.append({"id": len(self.threads) + 1, "status": body["status"], "comments": comments})
            return 200, self.threads[-1]
        if found := re.fullmatch(r"/(\d+)(?:/comments/(\d+))?", path):
            thread = self.threads[int(found[1]) - 1]
            if thread.get("of") == "somebody else":
                return 403, {"message": "Only the author of a comment may change it."}
            target = thread["comments"][int(found[2]) - 1] if found[2] else thread
            target |= body
            return 200, target
        return 404, {"message": "The controller for path was not found."}


@contextmanager
def served(place: Place) -> Iterator[str]:
    """The address of a place on this machine, for commands that run as processes of their own."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document = place.answer(
                self.command, self.path, self.headers.get("Authorization", ""), content
            )
            written = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing: a test reads what was asked for in the place itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
