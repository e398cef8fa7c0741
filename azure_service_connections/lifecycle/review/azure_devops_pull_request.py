"""The comment on a pull request of Azure Repos: the first one of a thread of its own.

Source: Azure DevOps' REST API 7.1, "Pull Requests", "Pull Request Threads", "Pull Request Thread Comments".
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from azure_service_connections.lifecycle.errors import ServiceError, SettingError
from azure_service_connections.lifecycle.http_client import Answer, HttpClient
from azure_service_connections.lifecycle.review.comment import (
    Placed,
    documents,
    needed,
    refusal,
    variable,
)

_VERSION: Final = "7.1"
_REPOSITORIES: Final = "TfsGit"
"""How Azure Pipelines calls a repository of Azure Repos."""
_CONTRIBUTE: Final = (
    "give the build service 'Contribute to pull requests' on the repository: Project settings, Repositories, "
    "Security"
)
_GIVE_TOKEN: Final = "give the step the job's token: `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` under `env`"
_SIGN_IN_PAGE: Final = 203
_FORBIDDEN: Final = 403
_ADVICE: Final = {
    **dict.fromkeys((_SIGN_IN_PAGE, 302, 401), _GIVE_TOKEN),
    _FORBIDDEN: _CONTRIBUTE,
    404: f"look whether the pull request is still there, and {_CONTRIBUTE}",
}


class AzureDevOpsPullRequest:
    """The pull request for which a job of Azure Pipelines runs."""

    limit = 150_000
    """Azure DevOps refuses more."""

    def __init__(self, environment: Mapping[str, str], http: HttpClient) -> None:
        """SettingError where the variables name no pull request or hold no token."""
        self._http = http
        provider = variable(environment, "BUILD_REPOSITORY_PROVIDER")
        if provider and provider != _REPOSITORIES:
            raise SettingError(
                f"BUILD_REPOSITORY_PROVIDER is '{provider}', so the pull request is not in Azure Repos; for "
                "one of GitHub write --post github."
            )
        number = variable(environment, "SYSTEM_PULLREQUEST_PULLREQUESTID")
        if not number.isdigit():
            raise SettingError(
                "This job runs for no pull request; post from a build validation of a branch policy, or "
                "leave --post out."
            )
        token = needed(
            environment,
            "SYSTEM_ACCESSTOKEN",
            f"so nothing can be posted; {_GIVE_TOKEN}",
        )
        outside = "so the pull request cannot be found; run the command in Azure Pipelines"
        collection = needed(environment, "SYSTEM_COLLECTIONURI", outside).rstrip("/")
        project = quote(needed(environment, "SYSTEM_TEAMPROJECTID", outside), safe="")
        repository = quote(needed(environment, "BUILD_REPOSITORY_ID", outside), safe="")
        self._number = int(number)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pull_request = (
            f"{collection}/{project}/_apis/git/repositories/{repository}/pullRequests/{self._number}"
        )

    def closed(self) -> str | None:
        """`completed` or `abandoned`; None for an active one."""
        document = self._send("GET", "", "to show the pull request").document
        status = str(document.get("status", "")) if isinstance(document, Mapping) else ""
        return status if status in ("completed", "abandoned") else None

    def place(self, text: str, mark: str, urgent: bool) -> Placed:
        """Update the comment or make it.

        Its thread is active where it is urgent, which the policy "Check for comment resolution" waits for. It
        is set again only with a new text: what people resolved stays resolved.
        """
        where, status = f"pull request {self._number}", "active" if urgent else "closed"
        for thread in documents(self._send("GET", "/threads", "to list the comments")):
            comment = _first_comment(thread)
            if comment is None or not str(comment.get("content", "")).startswith(mark):
                continue
            if str(comment["content"]).replace("\r\n", "\n").strip() == text.strip():
                return Placed("unchanged", where)
            path = f"/threads/{thread['id']}"
            try:
                what = "a new text for the comment"
                self._send("PATCH", f"{path}/comments/{comment['id']}", what, {"content": text})
            except ServiceError as error:
                # Whoever copied the mark into a comment is its author, and nobody else may change it.
                if error.status != _FORBIDDEN:
                    raise
                continue
            if thread.get("status") != status:
                self._send("PATCH", path, "a new state of the comment", {"status": status})
            return Placed("updated", where)
        made = {"parentCommentId": 0, "content": text, "commentType": "text"}
        self._send("POST", "/threads", "the comment", {"comments": [made], "status": status})
        return Placed("made", where)

    def _send(self, method: str, path: str, doing: str, body: Mapping[str, Any] | None = None) -> Answer:
        answer = self._http.send(
            method,
            f"{self._pull_request}{path}",
            headers=self._headers,
            parameters={"api-version": _VERSION},
            body=body,
        )
        if not answer.successful or answer.status == _SIGN_IN_PAGE:
            raise refusal("Azure DevOps", doing, answer, _ADVICE)
        return answer


def _first_comment(thread: Mapping[str, Any]) -> Mapping[str, Any] | None:
    comments = thread.get("comments")
    if thread.get("isDeleted") or not isinstance(comments, list) or not comments:
        return None
    first = comments[0]
    return first if isinstance(first, Mapping) and not first.get("isDeleted") else None
