"""Who gets in, and what a client asks before anything else."""

import base64

import pytest
from devops_world import OTHER_PROJECT, PERSON, PROJECT, TENANT, World


def basic(token: str) -> str:
    return f"Basic {base64.b64encode(f'_:{token}'.encode()).decode()}"


@pytest.mark.parametrize(
    "authorization", [basic("unknown"), basic(""), "Basic !!!", "Bearer not.a.token", "Negotiate x", ""]
)
def test_a_caller_without_a_good_token_gets_401(world: World, authorization: str) -> None:
    answer = world.ask("GET", "_apis/projects", authorization=authorization)
    assert (answer.status, answer.key) == (401, "UnauthorizedRequestException")
    assert answer.message == "TF400813: The user '' is not authorized to access this resource."


def test_a_browser_without_a_token_is_sent_to_the_sign_in_page(world: World) -> None:
    answer = world.send("GET", "/contoso/_apis/projects", {}, b"")
    assert answer.status == 302
    location = answer.headers["location"].removeprefix(world.cloud.url)
    page = world.send("GET", location, {}, b"")
    assert (page.status, "Sign In" in page.body) == (203, True)


def test_a_token_of_another_organization_does_not_open_this_one(world: World) -> None:
    world.cloud.store.put(
        "organizations", "fabrikam", {"id": "x", "name": "fabrikam", "tenantId": TENANT, "issuer": "entra"}
    )
    world.cloud.store.put(
        "personal-access-tokens",
        "elsewhere",
        {"organization": "fabrikam", "owner": "ada@contoso.example", "userId": PERSON},
    )
    assert world.ask("GET", "_apis/projects", authorization=basic("elsewhere")).status == 401


def test_a_service_principal_of_the_tenant_gets_in_with_an_entra_token(world: World) -> None:
    application = world.application()
    answer = world.ask("GET", "_apis/connectionData", authorization=world.devops_bearer(application))
    assert answer.body["authenticatedUser"]["providerDisplayName"] == "deployer"


def test_an_expired_entra_token_is_refused(world: World) -> None:
    bearer = world.devops_bearer(world.application())
    world.cloud.clock.advance(4000)
    assert world.ask("GET", "_apis/projects", authorization=bearer).status == 401


def test_the_organization_is_found_in_any_case(world: World) -> None:
    headers = {"Authorization": basic("ada-token")}
    for spelling in ("contoso", "CONTOSO", "Contoso"):
        answer = world.send("GET", f"/{spelling}/_apis/connectionData", headers, b"")
        assert answer.body["authorizedUser"]["properties"]["Account"]["$value"] == "ada@contoso.example"
        assert answer.body["authorizedUser"]["id"] != PERSON, "the id in Entra ID is not the organization's"


def test_the_locations_carry_all_that_the_go_client_reads(world: World) -> None:
    answer = world.ask("OPTIONS", "_apis")
    assert (
        answer.body["count"]
        == len(answer.body["value"])
        == len({each["id"] for each in answer.body["value"]})
    )
    for location in answer.body["value"]:
        assert set(location) == {
            "id",
            "area",
            "resourceName",
            "routeTemplate",
            "resourceVersion",
            "minVersion",
            "maxVersion",
            "releasedVersion",
        }
        assert all(value is not None for value in location.values())
    by_id = {each["id"]: each for each in answer.body["value"]}
    assert by_id["14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0"]["resourceVersion"] == 4
    assert by_id["dbeaf647-6167-421a-bda9-c9327b25e2e6"]["resourceVersion"] == 7


def test_no_resource_area_has_an_address_of_its_own(world: World) -> None:
    assert world.ask("GET", "_apis/ResourceAreas").body == {"count": 0, "value": []}


def test_writing_without_an_api_version_is_refused(world: World) -> None:
    answer = world.ask("POST", "_apis/serviceendpoint/endpoints", {}, version="")
    assert (answer.status, answer.key) == (400, "VssVersionNotSpecifiedException")


def test_a_resource_that_was_never_released_needs_the_preview_flag(world: World) -> None:
    path = f"{PROJECT}/_apis/pipelines/pipelinepermissions/endpoint/{PERSON}"
    assert world.ask("GET", path).key == "VssInvalidPreviewVersionException"
    assert world.ask("GET", path, version="7.1-preview.1").status == 200


def test_an_address_that_is_not_served_says_so(world: World) -> None:
    answer = world.ask("GET", "_apis/wiki/wikis")
    assert answer.status == 501
    assert "GET /Contoso/_apis/wiki/wikis" in answer.body["error"]["message"]


def test_a_fault_is_worded_as_azure_devops_words_it(world: World) -> None:
    world.cloud.faults.fail_next("devops", 429, retry_after=7)
    answer = world.ask("GET", "_apis/projects")
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.message.startswith("TF400733")
    assert world.ask("GET", "_apis/projects").status == 200


def test_projects_are_found_by_id_and_by_name_in_any_case(world: World) -> None:
    listed = world.ask("GET", "_apis/projects").body
    assert [each["name"] for each in listed["value"]] == ["Payments", "Web shop"]
    for key in (OTHER_PROJECT, "Web%20shop", "WEB%20SHOP"):
        assert world.ask("GET", f"_apis/projects/{key}").body["id"] == OTHER_PROJECT


def test_a_projects_capabilities_lead_to_its_process(world: World) -> None:
    body = world.ask("GET", f"_apis/projects/{PROJECT}", includeCapabilities="true").body
    process = body["capabilities"]["processTemplate"]
    found = world.ask("GET", f"_apis/process/processes/{process['templateTypeId']}").body
    assert (found["name"], body["capabilities"]["versioncontrol"]["sourceControlType"]) == (
        process["templateName"],
        "Git",
    )


@pytest.mark.parametrize(
    ("project", "key"),
    [
        ("Nothing", "ProjectDoesNotExistWithNameException"),
        ("33333333-3333-4333-8333-333333333399", "ProjectDoesNotExistException"),
    ],
)
def test_an_unknown_project_is_not_found(world: World, project: str, key: str) -> None:
    answer = world.ask("GET", f"_apis/projects/{project}")
    assert (answer.status, answer.key) == (404, key)
    assert project in answer.message


def test_a_renamed_project_keeps_its_id_and_loses_its_old_name(world: World) -> None:
    answer = world.ask("PATCH", f"_apis/projects/{PROJECT}", {"name": "Money"})
    assert answer.status == 202
    operation = answer.body["url"].partition("/Contoso/")[2]
    assert world.ask("GET", operation).body["status"] == "succeeded"
    assert world.ask("GET", "_apis/projects/Money").body["id"] == PROJECT
    assert world.ask("GET", "_apis/projects/Payments").status == 404


def test_exactly_one_process_is_the_default(world: World) -> None:
    listed = world.ask("GET", "_apis/process/processes").body["value"]
    assert [each["name"] for each in listed if each["isDefault"]] == ["Basic"]
    assert world.ask("GET", f"_apis/process/processes/{PROJECT}").status == 404


def test_two_projects_cannot_have_one_name(world: World) -> None:
    answer = world.ask("PATCH", f"_apis/projects/{PROJECT}", {"name": "web SHOP"})
    assert (answer.status, answer.key) == (400, "ProjectAlreadyExistsException")
    assert world.cloud.store.get("projects", PROJECT)["name"] == "Payments"  # type: ignore[index]


def test_build_definitions_are_found_by_name(world: World) -> None:
    world.pipeline(2, "deploy-shop", "steps: []")
    path = f"{PROJECT}/_apis/build/definitions"
    assert world.ask("GET", path).body["count"] == 2
    assert [each["id"] for each in world.ask("GET", path, name="DEPLOY-SHOP").body["value"]] == [2]
    assert world.ask("GET", path, name="deploy-*").body["count"] == 2
    assert world.ask("GET", path, name="deploy").body["count"] == 0
    assert world.ask("GET", path, path="\\team").body["count"] == 0


def test_a_build_definition_holds_what_the_provider_reads_without_asking(world: World) -> None:
    body = world.ask("GET", f"{PROJECT}/_apis/build/definitions/1").body
    assert (body["name"], body["path"], body["queueStatus"]) == ("deploy-payments", "\\", "enabled")
    assert body["repository"]["type"] == "TfsGit"
    assert body["repository"]["defaultBranch"] == "refs/heads/main"
    assert {"id", "url"} <= body["repository"].keys()
    assert body["process"]["yamlFilename"] == "azure-pipelines.yml"
    assert body["queue"]["pool"]["name"] == "Azure Pipelines"
    missing = world.ask("GET", f"{PROJECT}/_apis/build/definitions/9")
    assert (missing.status, missing.key) == (404, "DefinitionNotFoundException")


def test_pipelines_are_listed_and_read(world: World) -> None:
    listed = world.ask("GET", "payments/_apis/pipelines").body
    assert [(each["id"], each["name"]) for each in listed["value"]] == [(1, "deploy-payments")]
    body = world.ask("GET", "payments/_apis/pipelines/1").body
    assert body["configuration"]["type"] == "yaml"
    assert world.ask("GET", "Web%20shop/_apis/pipelines/1").key == "PipelineNotFoundException"
