"""The comment on a pull request of GitHub.

Source: GitHub's REST API of 2022-11-28, "Issue comments" (a pull request is an issue there) and "Pulls".
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from azure_service_connections.lifecycle.errors import LifecycleError, SettingError
from azure_service_connections.lifecycle.http_client import Answer, HttpClient
from azure_service_connections.lifecycle.review.comment import (
    Placed,
    documents,
    needed,
    refusal,
    variable,
)

_PUBLIC: Final = "https://api.github.com"
_PAGE: Final = 100
_TOKEN_OF_A_BOT: Final = "ghs_"
"""How the tokens of jobs and of apps start. Source: GitHub's page "About authentication to GitHub"."""
_MOST_PAGES: Final = 100
_OF_REFERENCE = re.compile(r"refs/pull/(\d+)/")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_GIVE_TOKEN: Final = "give the step the job's token: `GITHUB_TOKEN: ${{ github.token }}` under `env`"
_ADVICE: Final = {
    401: _GIVE_TOKEN,
    403: (
        "give the job `permissions: {pull-requests: write}`; a pull request from a fork never has it, and a "
        "conversation must not be locked"
    ),
    404: "look whether the token may see the repository and the pull request is still there",
    422: "shorten what is posted",
}


class GitHubPullRequest:
    """The pull request for which a job of GitHub Actions, or of Azure Pipelines, runs."""

    limit = 65_536
    """GitHub refuses more."""

    def __init__(self, environment: Mapping[str, str], http: HttpClient) -> None:
        """SettingError where the variables name no pull request or hold no token."""
        self._http = http
        token = needed(
            environment,
            "GITHUB_TOKEN",
            f"so nothing can be posted; {_GIVE_TOKEN}",
        )
        self._is_bot = token.startswith(_TOKEN_OF_A_BOT)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        repository = variable(environment, "GITHUB_REPOSITORY", "BUILD_REPOSITORY_NAME")
        if not _REPOSITORY.fullmatch(repository):
            raise SettingError(
                "GITHUB_REPOSITORY does not name a repository as OWNER/NAME; run the command in a workflow "
                "of GitHub Actions."
            )
        self._number = _number(environment)
        base = variable(environment, "GITHUB_API_URL") or _PUBLIC
        self._repository = f"{base.rstrip('/')}/repos/{quote(repository)}"

    def closed(self) -> str | None:
        """`closed` for a pull request that is, merged or not."""
        answer = self._send("GET", f"pulls/{self._number}", "to show the pull request")
        document = answer.document if isinstance(answer.document, Mapping) else {}
        if document.get("state") != "closed":
            return None
        return "merged" if document.get("merged") is True else "closed"

    def place(self, text: str, mark: str, urgent: bool) -> Placed:
        """Update the comment or make it; GitHub has no comments that wait for an answer."""
        where = f"pull request {self._number}"
        found = self._find(mark)
        if found is None:
            self._send("POST", f"issues/{self._number}/comments", "the comment", {"body": text})
            return Placed("made", where)
        # GitHub answers line ends as a form sends them.
        if str(found.get("body", "")).replace("\r\n", "\n").strip() == text.strip():
            return Placed("unchanged", where)
        self._send("PATCH", f"issues/comments/{found['id']}", "a new text for the comment", {"body": text})
        return Placed("updated", where)

    def _may_be_own(self, comment: Mapping[str, Any]) -> bool:
        """Whether it may be a comment of this job: what a person wrote, the person can write anew."""
        author = comment.get("user")
        return not self._is_bot or (isinstance(author, Mapping) and author.get("type") == "Bot")

    def _find(self, mark: str) -> Mapping[str, Any] | None:
        for page in range(1, _MOST_PAGES + 1):
            path = f"issues/{self._number}/comments"
            answer = self._send("GET", path, "to list the comments", page=page)
            comments = documents(answer)
            for comment in comments:
                if str(comment.get("body", "")).startswith(mark) and self._may_be_own(comment):
                    return comment
            if len(comments) < _PAGE:
                return None
        return None

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        body: Mapping[str, Any] | None = None,
        page: int | None = None,
    ) -> Answer:
        parameters = None if page is None else {"per_page": str(_PAGE), "page": str(page)}
        answer = self._http.send(
            method, f"{self._repository}/{path}", headers=self._headers, parameters=parameters, body=body
        )
        if not answer.successful:
            raise self._refused(doing, answer)
        return answer

    def _refused(self, doing: str, answer: Answer) -> LifecycleError:
        return refusal("GitHub", doing, answer, _ADVICE)


def _number(environment: Mapping[str, str]) -> int:
    if path := variable(environment, "GITHUB_EVENT_PATH"):
        try:
            event = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            event = {}
        for name in ("pull_request", "issue"):
            part = event.get(name) if isinstance(event, Mapping) else None
            if isinstance(part, Mapping) and isinstance(part.get("number"), int):
                return int(part["number"])
    if found := _OF_REFERENCE.match(variable(environment, "GITHUB_REF")):
        return int(found[1])
    if (number := variable(environment, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")).isdigit():
        return int(number)
    raise SettingError(
        "This job runs for no pull request; post from a workflow that runs `on: pull_request`, or leave "
        "--post out."
    )
