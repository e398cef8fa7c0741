"""Runs of pipelines, the tokens that their jobs get, and what these open in Azure."""

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from devops_world import AUDIENCE, ORGANIZATION, OTHER_PROJECT, PROJECT, SUBSCRIPTION, World, keyed

from azure_service_connections.sandbox.devops import runs
from azure_service_connections.sandbox.devops.errors import DevOpsError
from azure_service_connections.sandbox.entra import application_record

STAGES = """
parameters:
- {name: connection, type: string, default: payments}
- {name: environment, type: string, default: test, values: [test, production]}
- {name: again, type: boolean, default: false}
variables:
  shared: payments
stages:
- stage: deploy
  jobs:
  - deployment: release
    environment: test
    strategy:
      runOnce:
        deploy:
          steps:
          - task: AzurePowerShell@5
            name: script
            inputs: {azureSubscription: $(shared), ScriptType: InlineScript}
        on:
          failure:
            steps:
            - ${{ if eq(parameters.environment, 'production') }}:
              - task: AzureResourceManagerTemplateDeployment@3
                inputs:
                  azureResourceManagerConnection: ${{ parameters.connection }}
  - ${{ each name in split }}:
    - job: never
"""

NOT_FOUND = (
    "references service connection {} which could not be found. The service connection does not exist, "
    "has been "
    "disabled or has not been authorized for use. For authorization details, refer to https://aka.ms/yamlauthz."
)


def ready(world: World) -> tuple[object, dict[str, object]]:
    """An application with Reader and a connection that trusts it and that pipeline 1 may use."""
    application = world.application()
    endpoint = world.connection(application)
    world.trust(application, endpoint)
    world.grant_role(application, "Reader")
    world.authorize(endpoint)
    return application, endpoint


def test_a_pipeline_needs_the_permission_for_the_connection_that_it_names(world: World) -> None:
    endpoint = world.connection()
    answer = world.run()
    assert (answer.status, answer.key) == (400, "PipelineValidationException")
    step = "The pipeline is not valid. Job Job: Step AzureCLI input connectedServiceNameARM "
    assert answer.message == step + NOT_FOUND.format("payments")
    assert world.cloud.store.find("runs") == []
    world.authorize(endpoint)
    run = world.run()
    assert (run.status, run.body["state"], run.body["id"]) == (200, "inProgress", 1)


def test_all_pipelines_includes_every_pipeline(world: World) -> None:
    endpoint = world.connection()
    path = f"{PROJECT}/_apis/pipelines/pipelinepermissions/endpoint/{endpoint['id']}"
    world.ask("PATCH", path, {"allPipelines": {"authorized": True}}, version="7.1-preview.1")
    assert world.run().status == 200


def test_a_connection_of_another_project_is_not_found(world: World) -> None:
    world.pipeline(
        1, "shop", "steps: [{task: AzureCLI@2, inputs: {azureSubscription: payments}}]", OTHER_PROJECT
    )
    world.authorize(world.connection())
    assert NOT_FOUND.format("payments") in world.run(project=OTHER_PROJECT).message


def test_a_disabled_connection_cannot_be_used(world: World) -> None:
    endpoint = world.connection()
    world.authorize(endpoint)
    world.ask("PUT", f"_apis/serviceendpoint/endpoints/{endpoint['id']}", {**endpoint, "isDisabled": True})
    assert NOT_FOUND.format("payments") in world.run().message


def test_a_pipeline_may_name_a_connection_by_its_id(world: World) -> None:
    endpoint = world.connection()
    world.authorize(endpoint)
    assert world.run(connection=endpoint["id"]).status == 200
    world.pipeline(
        1, "shop", f"steps: [{{task: A@1, inputs: {{azureSubscription: {endpoint['id']}}}}}]", OTHER_PROJECT
    )
    assert NOT_FOUND.format(endpoint["id"]) in world.run(project=OTHER_PROJECT).message


def test_template_parameters_choose_the_connection(world: World) -> None:
    world.authorize(world.connection(name="other"))
    assert world.run().status == 400
    run = world.run(connection="other")
    assert run.body["templateParameters"] == {"connection": "other"}


def test_a_parameter_that_the_pipeline_does_not_take_is_refused(world: World) -> None:
    answer = world.run(colour="red")
    assert (answer.key, answer.message) == (
        "PipelineValidationException",
        "/azure-pipelines.yml: Unexpected parameter 'colour'",
    )


def test_connections_are_found_in_deployment_strategies_and_variables(world: World) -> None:
    world.pipeline(2, "staged", STAGES.replace("  - ${{ each name in split }}:\n    - job: never\n", ""))
    message = world.run(2).message
    assert "Job release: Step script input ConnectedServiceNameARM" in message
    assert "azureResourceManagerConnection" not in message
    assert "azureResourceManagerConnection" in world.run(2, environment="production").message
    world.authorize(world.connection(), 2)
    assert world.run(2, environment="production").status == 200


@pytest.mark.parametrize(
    ("yaml", "parameters", "said"),
    [
        (STAGES, {}, "Unrecognized value: 'split'"),
        (STAGES, {"environment": "moon"}, "'environment' parameter value 'moon' is not a valid value"),
        (STAGES, {"again": "perhaps"}, "'again' parameter value 'perhaps' is not a valid Boolean"),
        ("steps: [", {}, "(Line: 1, Col: 9): While parsing"),
        ("name: nothing", {}, "no stages, jobs or steps"),
        ("parameters: [{name: who}]\nsteps: []", {}, "A value for the 'who' parameter must be provided."),
        ("steps: [{template: steps.yml}]", {}, "File /steps.yml not found"),
        ("steps: [{script: '${{ pow(2) }}'}]", {}, "Unrecognized function: 'pow'"),
    ],
)
def test_a_pipeline_that_is_not_in_order_is_not_run(
    world: World, yaml: str, parameters: dict[str, str], said: str
) -> None:
    world.pipeline(2, "broken", yaml)
    answer = world.run(2, **parameters)
    assert (answer.status, answer.key) == (400, "PipelineValidationException")
    assert answer.message.startswith("/azure-pipelines.yml: ")
    assert said in answer.message


def test_runs_are_listed_the_newest_first_and_end_with_a_result(world: World) -> None:
    world.authorize(world.connection())
    first, second = world.run().body, world.run().body
    assert first["name"].endswith(".1")
    assert second["name"].endswith(".2")
    runs.complete(world.cloud, "contoso", first["id"], "failed")
    listed = world.ask("GET", f"{PROJECT}/_apis/pipelines/1/runs").body["value"]
    assert [(each["id"], each["state"], each.get("result")) for each in listed] == [
        (2, "inProgress", None),
        (1, "completed", "failed"),
    ]
    one = world.ask("GET", f"{PROJECT}/_apis/pipelines/1/runs/1").body
    assert one == listed[1]
    assert world.ask("GET", f"{PROJECT}/_apis/pipelines/1/runs/9").key == "RunNotFoundException"


def test_a_run_ends_once(world: World) -> None:
    world.authorize(world.connection())
    run = world.run().body
    runs.complete(world.cloud, "contoso", run["id"], "succeeded")
    with pytest.raises(DevOpsError, match="is over"):
        runs.complete(world.cloud, "contoso", run["id"], "succeeded")
    with pytest.raises(DevOpsError, match="is over"):
        runs.agent_variables(world.cloud, "contoso", run["id"])


def test_a_job_reaches_azure_through_its_connection(world: World) -> None:
    application, endpoint = ready(world)
    token = world.oidc(world.agent(world.run()), endpoint).body["oidcToken"]
    claims = world.claims(token, "entra")
    parameters = endpoint["authorization"]["parameters"]  # type: ignore[index]
    assert claims["iss"] == parameters["workloadIdentityFederationIssuer"]
    assert claims["sub"] == parameters["workloadIdentityFederationSubject"]
    assert claims["aud"] == AUDIENCE
    exchanged = world.exchange(application, token)
    assert exchanged.status == 200, exchanged
    headers = {"Authorization": f"Bearer {exchanged.body['access_token']}"}
    read = world.send("GET", f"/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01", headers, b"")
    assert read.body["subscriptionId"] == SUBSCRIPTION


def test_the_older_issuers_token_is_its_own_and_lives_ten_minutes(world: World) -> None:
    world.issuer("devops")
    application, endpoint = ready(world)
    token = world.oidc(world.agent(world.run()), endpoint).body["oidcToken"]
    claims = world.claims(token, "devops")
    assert claims["iss"] == f"https://vstoken.dev.azure.com/{ORGANIZATION}"
    assert claims["sub"] == "sc://Contoso/Payments/payments"
    assert claims["exp"] - claims["iat"] == 600
    assert world.exchange(application, token).status == 200


def test_a_credential_whose_subject_differs_in_one_letters_case_does_not_match(world: World) -> None:
    world.issuer("devops")
    application = world.application()
    endpoint = world.connection(application)
    world.trust(application, endpoint, subject="sc://Contoso/Payments/Payments")
    world.authorize(endpoint)
    token = world.oidc(world.agent(world.run()), endpoint).body["oidcToken"]
    answer = world.exchange(application, token)
    assert answer.body["error_codes"] == [7002138]


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {}),
        (b"", {"Content-Type": "application/json"}),
        (b'{"claim": "value"}', {"Content-Type": "application/json"}),
        (b"{}", {"Content-Type": "application/json"}),
    ],
)
def test_every_form_of_the_token_request_is_taken(
    world: World, content: bytes, headers: dict[str, str]
) -> None:
    _, endpoint = ready(world)
    answer = world.oidc(world.agent(world.run()), endpoint, content, **headers)
    assert (answer.status, list(answer.body)) == (200, ["oidcToken"])


def test_without_a_connection_the_token_belongs_to_the_pipeline(world: World) -> None:
    ready(world)
    token = world.oidc(world.agent(world.run())).body["oidcToken"]
    claims = world.claims(token, "devops")
    assert claims["sub"] == "p://Contoso/Payments/deploy-payments"
    assert claims["iss"] == f"https://vstoken.dev.azure.com/{ORGANIZATION}"


def test_no_token_after_the_run_is_over(world: World) -> None:
    _, endpoint = ready(world)
    run = world.run()
    agent = world.agent(run)
    runs.complete(world.cloud, "contoso", run.body["id"], "succeeded")
    answer = world.oidc(agent, endpoint)
    assert (answer.status, answer.key) == (401, "UnauthorizedRequestException")


def test_no_token_after_the_jobs_token_expired(world: World) -> None:
    _, endpoint = ready(world)
    agent = world.agent(world.run())
    world.cloud.clock.advance(4200)
    assert world.oidc(agent, endpoint).status == 401


def test_no_token_for_another_runs_job_or_for_a_person(world: World) -> None:
    _, endpoint = ready(world)
    first, second = world.agent(world.run()), world.agent(world.run())
    mixed = {**first, "SYSTEM_ACCESSTOKEN": second["SYSTEM_ACCESSTOKEN"]}
    assert (world.oidc(mixed, endpoint).status, world.oidc(mixed, endpoint).key) == (
        403,
        "AuthorizationException",
    )
    path = first["SYSTEM_OIDCREQUESTURI"].partition("/Contoso/")[2]
    assert world.ask("POST", path, None, serviceConnectionId=str(endpoint["id"])).status == 403
    forged = {**first, "SYSTEM_ACCESSTOKEN": first["SYSTEM_ACCESSTOKEN"][:-4] + "AAAA"}
    assert world.oidc(forged, endpoint).status == 401


def test_no_token_for_a_connection_that_the_pipeline_may_not_use(world: World) -> None:
    ready(world)
    closed = world.connection(name="closed")
    answer = world.oidc(world.agent(world.run()), closed)
    assert (answer.status, answer.key) == (403, "AuthorizationException")
    assert "deploy-payments is not authorized" in answer.message


def test_no_token_for_a_connection_of_another_project(world: World) -> None:
    ready(world)
    reference = [{"projectReference": {"id": OTHER_PROJECT}, "name": "shop"}]
    foreign = world.connection(name="shop", serviceEndpointProjectReferences=reference)
    assert world.oidc(world.agent(world.run()), foreign).status == 404


def test_no_token_for_a_disabled_connection_or_one_with_a_secret(world: World) -> None:
    _, endpoint = ready(world)
    agent = world.agent(world.run())
    path = f"_apis/serviceendpoint/endpoints/{endpoint['id']}"
    world.ask("PUT", path, {**endpoint, "isDisabled": True})
    assert (world.oidc(agent, endpoint).status, "disabled" in world.oidc(agent, endpoint).message) == (
        403,
        True,
    )
    legacy = world.ask("POST", "_apis/serviceendpoint/endpoints", keyed()).body
    world.authorize(legacy)
    answer = world.oidc(agent, legacy)
    assert (answer.status, "no federated identity" in answer.message) == (400, True)


def test_a_running_job_may_read_and_not_change(world: World) -> None:
    _, endpoint = ready(world)
    bearer = f"Bearer {world.agent(world.run())['SYSTEM_ACCESSTOKEN']}"
    path = f"_apis/serviceendpoint/endpoints/{endpoint['id']}"
    assert world.ask("GET", f"{PROJECT}/{path}", authorization=bearer).status == 200
    answer = world.ask("DELETE", path, authorization=bearer, projectIds=PROJECT)
    assert (answer.status, answer.key) == (403, "AccessCheckException")
    assert "Project Collection Build Service (Contoso)" in answer.message


def test_the_execution_history_shows_the_runs_that_are_over(world: World) -> None:
    _, endpoint = ready(world)
    for result in ("succeeded", "failed", "succeeded"):
        runs.complete(world.cloud, "contoso", world.run().body["id"], result)
    world.run()
    path = f"{PROJECT}/_apis/serviceendpoint/{endpoint['id']}/executionhistory"
    first = world.ask("GET", path, top="2")
    assert [each["data"]["id"] for each in first.body["value"]] == [3, 2]
    assert first.body["value"][1]["data"]["result"] == "failed"
    assert first.body["value"][0]["data"]["definition"]["name"] == "deploy-payments"
    token = first.headers["x-ms-continuationtoken"]
    second = world.ask("GET", path, top="2", continuationToken=token)
    assert [each["data"]["id"] for each in second.body["value"]] == [1]
    assert "x-ms-continuationtoken" not in second.headers


def proxied(world: World, endpoint: dict[str, object]) -> dict[str, str]:
    request = {
        "dataSourceDetails": {"dataSourceName": "TestConnection"},
        "resultTransformationDetails": {},
        "serviceEndpointDetails": {key: endpoint[key] for key in ("authorization", "data", "type", "url")},
    }
    path = f"{PROJECT}/_apis/serviceendpoint/endpointproxy"
    answer = world.ask("POST", path, request, endpointId=str(endpoint["id"]))
    assert answer.status == 200
    body: dict[str, str] = answer.body
    return body


def test_a_connection_with_trust_and_role_passes_its_test(world: World) -> None:
    _, endpoint = ready(world)
    assert proxied(world, endpoint)["statusCode"] == "ok"


def test_the_connection_test_says_what_entra_says(world: World) -> None:
    endpoint = world.connection(world.application())
    answer = proxied(world, endpoint)
    assert answer["statusCode"] == "unauthorized"
    assert "AADSTS70025" in answer["errorMessage"]


def test_the_connection_test_says_what_resource_manager_says(world: World) -> None:
    application = world.application()
    endpoint = world.connection(application)
    world.trust(application, endpoint)
    answer = proxied(world, endpoint)
    assert answer["statusCode"] == "forbidden"
    assert "AuthorizationFailed" in answer["errorMessage"]
    assert "Microsoft.Resources/subscriptions/read" in answer["errorMessage"]


def test_a_connection_with_a_secret_is_tested_with_the_kept_one(world: World) -> None:
    application = world.application()
    world.grant_role(application, "Reader")
    body = keyed(client_id=application["appId"])
    endpoint = world.ask("POST", "_apis/serviceendpoint/endpoints", body).body
    assert proxied(world, endpoint)["statusCode"] == "ok"
    wrong = keyed("wrong", application["appId"], serviceprincipalkey="wrong")
    endpoint = world.ask("POST", "_apis/serviceendpoint/endpoints", wrong).body
    assert "AADSTS7000215" in proxied(world, endpoint)["errorMessage"]


def test_a_connection_with_a_certificate_signs_in_with_it(world: World) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deployer")])
    now = world.cloud.clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    application = world.application()
    entry = {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode(),
    }
    application_record.apply(world.cloud, application, {"keyCredentials": [entry]})
    world.cloud.store.put("applications", application["id"], application)
    world.grant_role(application, "Reader")
    body = keyed(client_id=application["appId"])
    parameters = body["authorization"]["parameters"]
    parameters.pop("serviceprincipalkey")
    parameters |= {
        "authenticationType": "spnCertificate",
        "servicePrincipalCertificate": (private + public).decode(),
    }
    endpoint = world.ask("POST", "_apis/serviceendpoint/endpoints", body).body
    assert endpoint["authorization"]["parameters"]["servicePrincipalCertificate"] is None
    assert proxied(world, endpoint)["statusCode"] == "ok"
