"""Proving connections that deploy to a web app with its publish profile."""

import pytest
from served_cloud import World

from azure_service_connections.lifecycle.pipeline_runs import PipelineRun, PipelineRuns
from azure_service_connections.lifecycle.publishing import Publisher
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.lifecycle.stack_output import Connection, Pipeline
from azure_service_connections.lifecycle.verification import Proof, Verification

PASSWORD = "password-of-app-books"
WEB = '<publishProfile publishMethod="MSDeploy" publishUrl="app-books.scm.azurewebsites.net:443" />'
ZIP = (
    '<publishProfile publishMethod="ZipDeploy" publishUrl="app-books.scm.azurewebsites.net:443" '
    'userName="$app-books" userPWD="{}" />'
)


def states(proof: Proof) -> tuple[str, ...]:
    return (proof.token, proof.read, proof.write, proof.outside, proof.otherPipeline)


def made(world: World, services: Services, profile: str) -> Connection:
    """A connection to the web app that the pipeline `deploy` may use."""
    project = world.one("projects", name="Web")
    subscription, tenant = world.subscription("Shop"), world.one("tenants")["id"]
    scope = f"{world.group('Shop', 'rg-shop')}/providers/Microsoft.Web/sites/app-books"
    body = {
        "name": "books",
        "type": "azurerm",
        "url": "https://management.azure.com/",
        "authorization": {
            "scheme": "PublishProfile",
            "parameters": {"tenantid": tenant, "publishProfile": profile},
        },
        "data": {
            "environment": "AzureCloud",
            "scopeLevel": "Subscription",
            "subscriptionId": subscription,
            "subscriptionName": "Shop",
            "resourceId": scope,
        },
        "serviceEndpointProjectReferences": [
            {"name": "books", "projectReference": {"id": project["id"], "name": "Web"}}
        ],
    }
    endpoint = checked(services.devops("POST", "/_apis/serviceendpoint/endpoints", body=body), "Making one")
    pipeline = Pipeline(world.one("pipelines", name="deploy")["id"], "deploy", project["id"])
    path = f"/{project['id']}/_apis/pipelines/pipelinepermissions/endpoint/{endpoint['id']}"
    permitted = {"pipelines": [{"id": pipeline.id, "authorized": True}]}
    checked(services.devops("PATCH", path, version="7.1-preview.1", body=permitted), "Opening it")
    return Connection(
        key="books",
        connection_id=endpoint["id"],
        name="books",
        project_id=project["id"],
        project="Web",
        client_id="",
        principal_id="",
        tenant_id=tenant,
        scope=scope,
        identity="webApp",
        pipelines=(pipeline,),
        roles=(),
        credential="publishProfile",
    )


def profile(password: str = PASSWORD) -> str:
    return f"<publishData>{WEB}{ZIP.format(password)}</publishData>"


def test_a_job_deploys_with_the_profile_to_its_web_app_and_to_no_other(
    world: World, services: Services
) -> None:
    proof = Verification(services).prove(made(world, services, profile()))
    assert proof.problem == ""
    assert states(proof) == ("done", "done", "done", "refused", "refused")
    (deployment,) = world.cloud.store.find("deployments")
    assert (deployment["site"], deployment["author"]) == ("app-books", "$app-books")
    assert world.cloud.store.find("runs")[0]["result"] == "succeeded"


def test_a_profile_whose_password_was_reset_is_a_finding_and_stays_secret(
    world: World, services: Services
) -> None:
    proof = Verification(services).prove(made(world, services, profile("yesterday")))
    assert states(proof)[:3] == ("refused", "not tried", "not tried")
    assert proof.problem == (
        "PublishingFailed: the web app does not take the user name and the password of the publish profile"
    )
    assert proof.fix.startswith("download the profile anew")
    assert "yesterday" not in str(proof.document())
    assert world.cloud.store.find("deployments") == []


@pytest.mark.parametrize(
    "text", ["no profile", "<publishData />", "<publishData><publishProfile /></publishData>"]
)
def test_what_is_no_profile_is_a_finding(world: World, services: Services, text: str) -> None:
    proof = Verification(services).prove(made(world, services, text))
    assert proof.token == "refused"
    assert proof.problem.startswith("PublishProfileNotFound: the connection holds no publish profile")


def test_a_run_that_names_another_connection_is_handed_no_profile(world: World, services: Services) -> None:
    books, runs = made(world, services, profile()), PipelineRuns(services)
    for connection, handed in ((world.shop(), False), (books, True)):
        run = runs.start(connection, books.pipelines[0])
        assert isinstance(run, PipelineRun)
        agent = f"{world.environment['SANDBOX_URL']}/_sandbox/organizations/fabrikam/runs/{run.id}/agent"
        variables = services.http.send("GET", agent).document["variables"]
        assert (PASSWORD in str(variables)) is handed


def test_elsewhere_the_name_of_the_site_leads_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "ENDPOINT_AUTH_PARAMETER_id_PUBLISHPROFILE", profile().replace("app-books", "app-none.invalid")
    )
    with pytest.raises(Exception, match=r"^app-none\.invalid\.scm\.azurewebsites\.net does not answer"):
        Publisher("id", "").sign_in({})
