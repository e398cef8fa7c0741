"""One comment of a pull request holds the review, whatever happens to the pull request."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pull_request_places import TOKEN, AzureDevOps, GitHub, Place

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.http_client import HttpClient
from azure_service_connections.lifecycle.review.azure_devops_pull_request import AzureDevOpsPullRequest
from azure_service_connections.lifecycle.review.comment import Forge, mark_of, post
from azure_service_connections.lifecycle.review.github_pull_request import GitHubPullRequest

MARK = mark_of("shop", "prod")
ON_GITHUB = {
    "GITHUB_TOKEN": TOKEN,
    "GITHUB_REPOSITORY": "contoso/shop",
    "GITHUB_API_URL": "https://github.example",
    "GITHUB_REF": "refs/pull/12/merge",
}
ON_AZURE_DEVOPS = {
    "SYSTEM_ACCESSTOKEN": TOKEN,
    "SYSTEM_COLLECTIONURI": "https://devops.example/contoso/",
    "SYSTEM_TEAMPROJECTID": "project-id",
    "BUILD_REPOSITORY_ID": "repository-id",
    "BUILD_REPOSITORY_PROVIDER": "TfsGit",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
}


def client(place: Place) -> HttpClient:
    return HttpClient(httpx.Client(transport=httpx.MockTransport(place.handle)), pause=lambda _: None)


def github(place: GitHub, environment: Mapping[str, str] = ON_GITHUB) -> GitHubPullRequest:
    return GitHubPullRequest(environment, client(place))


def azure_devops(
    place: AzureDevOps, environment: Mapping[str, str] = ON_AZURE_DEVOPS
) -> AzureDevOpsPullRequest:
    return AzureDevOpsPullRequest(environment, client(place))


@pytest.fixture(params=["github", "azure-devops"])
def both(request: pytest.FixtureRequest) -> tuple[Place, Forge]:
    """Either place and the pull request on it."""
    if request.param == "github":
        place = GitHub()
        return place, github(place)
    other = AzureDevOps()
    return other, azure_devops(other)


def contents(place: Place) -> list[str]:
    if isinstance(place, GitHub):
        return [each["body"] for each in place.comments]
    assert isinstance(place, AzureDevOps)
    return [comment["content"] for thread in place.threads for comment in thread["comments"]][1:]


def test_the_second_review_is_written_into_the_comment_of_the_first(both: tuple[Place, Forge]) -> None:
    place, forge = both
    assert post(forge, lambda _: "first", MARK, True) == "The comment on pull request 12 is made."
    assert post(forge, lambda _: "second", MARK, True) == "The comment on pull request 12 is updated."
    assert contents(place) == [f"{MARK}\nsecond"]


def test_a_review_that_says_the_same_is_not_written_again(both: tuple[Place, Forge]) -> None:
    place, forge = both
    post(forge, lambda _: "same\n", MARK, True)
    before = place.wrote()
    assert post(forge, lambda _: "same\n", MARK, True) == "The comment on pull request 12 says so already."
    assert place.wrote() == before


def test_every_stack_has_a_comment_of_its_own(both: tuple[Place, Forge]) -> None:
    place, forge = both
    for stack in ("prod", "dev", "prod"):
        post(forge, lambda _: f"about {stack}", mark_of("shop", stack), True)  # noqa: B023 # used at once
    assert contents(place) == [f"{mark_of('shop', stack)}\nabout {stack}" for stack in ("prod", "dev")]


def test_somebody_who_quotes_the_comment_is_left_alone() -> None:
    place = GitHub()
    place.comments.append({"id": 1, "body": f"> {MARK}\n> quoted"})
    post(github(place), lambda _: "review", MARK, True)
    assert contents(place) == [f"> {MARK}\n> quoted", f"{MARK}\nreview"]


def test_a_person_who_writes_the_mark_gets_no_comment_to_write_anew() -> None:
    place = GitHub()
    place.comments.append({"id": 1, "body": f"{MARK}\nall is well", "user": {"type": "User"}})
    forge = github(place, {**ON_GITHUB, "GITHUB_TOKEN": f"ghs_{TOKEN}"})
    for text in ("first", "second"):
        post(forge, lambda _: text, MARK, True)  # noqa: B023 # used at once
    assert contents(place) == [f"{MARK}\nall is well", f"{MARK}\nsecond"]

    other = AzureDevOps()
    comment = {"id": 1, "content": f"{MARK}\nall is well"}
    other.threads.append({"id": 3, "status": "active", "of": "somebody else", "comments": [comment]})
    for text in ("first", "second"):
        post(azure_devops(other), lambda _: text, MARK, True)  # noqa: B023 # used at once
    assert [thread["comments"][0]["content"] for thread in other.threads[2:]] == [
        f"{MARK}\nall is well",
        f"{MARK}\nsecond",
    ]


def test_a_comment_behind_two_hundred_others_is_found() -> None:
    place = GitHub(others=250)
    forge = github(place)
    post(forge, lambda _: "first", MARK, True)
    post(forge, lambda _: "second", MARK, True)
    assert len(place.comments) == 251
    assert place.comments[-1]["body"] == f"{MARK}\nsecond"


def test_no_more_is_written_than_there_is_room_for(both: tuple[Place, Forge]) -> None:
    place, forge = both
    post(forge, lambda room: "x" * room, MARK, True)
    assert [len(each) for each in contents(place)] == [forge.limit]


@pytest.mark.parametrize(
    ("state", "merged", "word"), [("closed", True, "merged"), ("closed", False, "closed")]
)
def test_a_pull_request_of_github_that_is_closed_gets_no_comment(state: str, merged: bool, word: str) -> None:
    place = GitHub()
    place.state, place.merged = state, merged
    said = post(github(place), lambda _: "review", MARK, True)
    assert said == f"The pull request is {word}, so it gets no comment."
    assert place.wrote() == []


@pytest.mark.parametrize("status", ["completed", "abandoned"])
def test_a_pull_request_of_azure_devops_that_ended_gets_no_comment(status: str) -> None:
    place = AzureDevOps()
    place.status = status
    said = post(azure_devops(place), lambda _: "review", MARK, True)
    assert said == f"The pull request is {status}, so it gets no comment."
    assert place.wrote() == []


def test_without_the_permission_one_sentence_says_which(both: tuple[Place, Forge]) -> None:
    place, forge = both
    place.permitted = False
    with pytest.raises(LifecycleError) as error:
        post(forge, lambda _: "review", MARK, True)
    said = str(error.value)
    expected = "pull-requests: write" if isinstance(place, GitHub) else "'Contribute to pull requests'"
    assert expected in said
    assert "\n" not in said
    assert TOKEN not in said


def test_a_token_that_is_refused_is_not_shown() -> None:
    for forge in (
        github(GitHub(), {**ON_GITHUB, "GITHUB_TOKEN": "wrong-token"}),
        azure_devops(AzureDevOps(), {**ON_AZURE_DEVOPS, "SYSTEM_ACCESSTOKEN": "wrong-token"}),
    ):
        with pytest.raises(LifecycleError, match="under `env`") as error:
            post(forge, lambda _: "review", MARK, True)
        assert "wrong-token" not in str(error.value)


def test_a_risky_review_waits_for_an_answer_and_another_one_does_not() -> None:
    place = AzureDevOps()
    forge = azure_devops(place)
    post(forge, lambda _: "risky", MARK, True)
    assert place.threads[-1]["status"] == "active"
    post(forge, lambda _: "harmless", MARK, False)
    assert place.threads[-1]["status"] == "closed"
    post(forge, lambda _: "risky again", MARK, True)
    assert place.threads[-1]["status"] == "active"


def test_what_people_resolved_stays_resolved_as_long_as_nothing_new_is_said() -> None:
    place = AzureDevOps()
    forge = azure_devops(place)
    post(forge, lambda _: "risky", MARK, True)
    place.threads[-1]["status"] = "fixed"
    post(forge, lambda _: "risky", MARK, True)
    assert place.threads[-1]["status"] == "fixed"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        ({"GITHUB_REPOSITORY": "no repository"}, "GITHUB_REPOSITORY does not name a repository"),
        ({"GITHUB_REF": "refs/heads/main"}, "runs for no pull request"),
    ],
)
def test_variables_of_github_that_are_missing_are_named(given: dict[str, str], says: str) -> None:
    with pytest.raises(LifecycleError, match=says):
        github(GitHub(), {**ON_GITHUB, **given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"}, "SYSTEM_ACCESSTOKEN is not set"),
        ({"SYSTEM_PULLREQUEST_PULLREQUESTID": ""}, "runs for no pull request"),
        ({"SYSTEM_PULLREQUEST_PULLREQUESTID": "$(System.PullRequest.PullRequestId)"}, "for no pull request"),
        ({"BUILD_REPOSITORY_PROVIDER": "GitHub"}, "write --post github"),
        ({"SYSTEM_COLLECTIONURI": ""}, "SYSTEM_COLLECTIONURI is not set"),
    ],
)
def test_variables_of_azure_pipelines_that_are_missing_are_named(given: dict[str, str], says: str) -> None:
    with pytest.raises(LifecycleError, match=says):
        azure_devops(AzureDevOps(), {**ON_AZURE_DEVOPS, **given})


@pytest.mark.parametrize(
    "event", [{"pull_request": {"number": 12}}, {"issue": {"number": 12}}, {"other": 1}, []]
)
def test_the_number_of_the_pull_request_comes_from_the_event(event: Any, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event))
    place = GitHub()
    environment = {**ON_GITHUB, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    post(github(place, environment), lambda _: "review", MARK, True)
    assert len(place.comments) == 1


def test_azure_pipelines_can_post_to_a_repository_of_github() -> None:
    place = GitHub()
    environment = {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": "https://github.example",
        "BUILD_REPOSITORY_NAME": "contoso/shop",
        "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "12",
    }
    post(github(place, environment), lambda _: "review", MARK, True)
    assert len(place.comments) == 1


@pytest.mark.parametrize("name", ["a--b", "--> x", "ä ö", "a\nb"])
def test_no_name_of_a_stack_ends_the_mark_early(name: str) -> None:
    mark = mark_of("shop", name)
    assert mark.count("-->") == 1
    assert "--" not in mark.removeprefix("<!--").removesuffix("-->")
    assert "\n" not in mark
