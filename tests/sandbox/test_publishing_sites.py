"""Where a web app takes deployments: with the user name and the password of its publish profile."""

import io
import zipfile

import httpx
import pytest

from azure_service_connections.sandbox.cloud import Cloud
from azure_service_connections.sandbox.estate import load, sample
from azure_service_connections.sandbox.estate_mistakes import EstateMistakesError

USER = ("$app-shop", "publishing-password-of-app-shop")
SITE = {"Host": "app-shop.scm.azurewebsites.net"}


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, "")
    return content.getvalue()


def test_an_archive_is_deployed_and_the_latest_deployment_is_that_one(
    cloud: Cloud, client: httpx.Client
) -> None:
    for names in (("old.html",), ("index.html", "site.css")):
        answer = client.post("/api/zipdeploy", content=archive(*names), headers=SITE, auth=USER)
        assert (answer.status_code, answer.content) == (200, b"")
    latest = client.get("/api/deployments/latest", headers=SITE, auth=USER).json()
    assert (latest["status"], latest["complete"], latest["author"]) == (4, True, "$app-shop")
    listed = client.get("/api/deployments", headers=SITE, auth=USER).json()
    assert listed[0] == latest
    assert client.get(f"/api/deployments/{listed[1]['id']}", headers=SITE, auth=USER).json() == listed[1]
    assert [each["files"] for each in cloud.store.find("deployments")] == [
        ["old.html"],
        ["index.html", "site.css"],
    ]


def test_who_does_not_want_to_wait_is_told_where_to_look(client: httpx.Client) -> None:
    answer = client.post("/api/zipdeploy?isAsync=true", content=archive("a"), headers=SITE, auth=USER)
    assert answer.status_code == 202
    assert answer.headers["Location"] == "https://app-shop.scm.azurewebsites.net/api/deployments/latest"


def test_the_form_of_the_user_name_with_the_site_before_it_is_taken_too(client: httpx.Client) -> None:
    user = ("app-shop\\$app-shop", USER[1])
    assert client.get("/api/deployments", headers=SITE, auth=user).json() == []


@pytest.mark.parametrize(
    "user", [None, ("$app-shop", "wrong"), ("app-shop", USER[1]), ("$app-ledger", USER[1])]
)
def test_without_the_profiles_user_name_and_password_nothing_is_deployed(
    cloud: Cloud, client: httpx.Client, user: tuple[str, str] | None
) -> None:
    answer = client.post("/api/zipdeploy", content=archive("a"), headers=SITE, auth=user)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="site"'
    assert cloud.store.find("deployments") == []


def test_the_profile_of_one_web_app_opens_no_other(client: httpx.Client) -> None:
    other = {"Host": "app-ledger.scm.azurewebsites.net"}
    assert client.get("/api/deployments", headers=other, auth=USER).status_code == 401
    nowhere = {"Host": "nowhere.scm.azurewebsites.net"}
    assert client.get("/api/deployments", headers=nowhere, auth=USER).status_code == 404


def test_a_body_that_is_no_archive_and_a_deployment_that_is_not_there_are_refused(
    client: httpx.Client,
) -> None:
    assert client.post("/api/zipdeploy", content=b"<html>", headers=SITE, auth=USER).status_code == 400
    assert client.get("/api/deployments/latest", headers=SITE, auth=USER).status_code == 404
    assert client.get("/api/vfs/", headers=SITE, auth=USER).status_code == 501


def test_two_web_apps_of_a_group_have_two_names() -> None:
    with pytest.raises(EstateMistakesError, match=r"webApps\[1\].name: 'App-Shop' stands at"):
        load(sample().replace("name: app-ledger", "name: App-Shop"))
