"""Runs of pipelines in the sandbox: starting one, being its agent, ending it."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.lifecycle.diagnosis.attempt import try_connection
from azure_service_connections.lifecycle.errors import HeldRunError, LifecycleError, SettingError
from azure_service_connections.lifecycle.http_client import Answer
from azure_service_connections.lifecycle.job_steps import Step
from azure_service_connections.lifecycle.services import PREVIEW_VERSION, Services, checked
from azure_service_connections.lifecycle.stack_output import AGENT, Connection, Pipeline

PARAMETERS: Final = (
    "serviceConnection",
    "azureSubscription",
    "azureServiceConnection",
    "connectedServiceName",
)
"""Parameters by which pipelines are told which connection to use, named like the inputs of tasks."""

_UNKNOWN_PARAMETER: Final = "unexpected parameter"
_INHERITED: Final = (
    # What any process needs to run, and to trust the sandbox's certificate.
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SYSTEMROOT", "LD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AZURE_AUTHORITY_HOST"),
)
_JOB_SECONDS: Final = 120
_WAITS: Final = 409
_HELD: Final = (400, _WAITS)
"""Answers to who asks for the job of a run that a check ended, or that waits for one."""


@dataclass(frozen=True)
class PipelineRun:
    """A run that is in progress."""

    id: int
    pipeline: Pipeline
    organization: str | None
    uses_connection: bool
    """Whether it was started with the connection as its parameter."""


@dataclass(frozen=True)
class Refused:
    """A run that was not started."""

    pipeline: Pipeline
    code: str
    message: str

    def names(self, connection: Connection) -> bool:
        """Whether it was refused for this connection."""
        return f"service connection {connection.name} " in self.message


class PipelineRuns:
    """Starts runs and takes their jobs, as the sandbox's agents do."""

    def __init__(self, services: Services) -> None:
        """Needs SANDBOX_URL in the environment of the services; SettingError without it."""
        self._services = services
        self._sandbox = services.environment.get("SANDBOX_URL", "").rstrip("/")
        if not self._sandbox:
            raise SettingError(
                "SANDBOX_URL is not set, and outside the sandbox no job can be taken from here, so nothing "
                "is proven; run a pipeline whose task uses the connection (such as AzureCLI@2), or set the "
                'sandbox\'s variables with eval "$(connections sandbox env)".'
            )

    def start(self, connection: Connection, pipeline: Pipeline) -> PipelineRun | Refused:
        """Start a pipeline with the connection as its parameter where it takes one, else as it is."""
        for name in (*PARAMETERS, None):
            answer = self._start(connection, pipeline, {} if name is None else {name: connection.name})
            if answer.successful:
                number = int(answer.document["id"])
                return PipelineRun(number, pipeline, connection.organization, name is not None)
            if name is None or _UNKNOWN_PARAMETER not in answer.message.lower():
                break
        return Refused(pipeline, answer.code or f"HTTP {answer.status}", answer.message)

    def work(self, run: PipelineRun, connection: Connection, steps: Sequence[Step]) -> list[dict[str, str]]:
        """Do a job's work in a process that knows what the agent gives it and nothing more; ends the run.

        Raises HeldRunError where a check of a connection does not let the run pass.
        """
        environment = self._environment_of_job(run)
        addresses = self._services.addresses
        given = {
            "asMachine": connection.credential == AGENT,
            "connectionId": connection.connection_id,
            "clientId": connection.client_id,
            "tenantId": connection.tenant_id,
            "resourceManager": addresses.resource_manager,
            "audience": addresses.audience,
            "publishing": self._sandbox,
            "steps": [step.told() for step in steps],
        }
        outcomes: list[dict[str, str]] = []
        try:
            outcomes = _in_process_of_its_own(given, environment)
        finally:
            wrong = len(outcomes) < len(steps) or any(
                (outcome["outcome"] == "done") != step.succeeds
                for step, outcome in zip(steps, outcomes, strict=False)
            )
            self._complete(run, "failed" if wrong else "succeeded")
        return outcomes

    def abandon(self, run: PipelineRun) -> None:
        """End a run without doing its work."""
        self._complete(run, "canceled")

    def try_connection(self, connection: Connection) -> tuple[str, str]:
        """What Azure DevOps says after it signed in with a connection and read its scope: status, words."""
        found = try_connection(
            self._services,
            connection.organization,
            connection.project_id,
            connection.connection_id,
            connection.name,
        )
        return found.status, found.message

    def permitted(self, connection: Connection) -> tuple[bool, set[int]]:
        """Whether all pipelines of the connection's project may use it, and the ids of those that may."""
        document = checked(
            self._services.devops(
                "GET",
                f"/{connection.project_id}/_apis/pipelines/pipelinepermissions/endpoint/{connection.connection_id}",
                organization=connection.organization,
                version=PREVIEW_VERSION,
            ),
            f"Reading who may use the connection '{connection.name}'",
        )
        everyone = bool((document.get("allPipelines") or {}).get("authorized"))
        return everyone, {
            int(each["id"]) for each in document.get("pipelines") or () if each.get("authorized")
        }

    def pipelines(self, connection: Connection) -> list[Pipeline]:
        """The pipelines of the connection's project."""
        document = checked(
            self._services.devops(
                "GET", f"/{connection.project_id}/_apis/pipelines", organization=connection.organization
            ),
            f"Listing the pipelines of the project '{connection.project}'",
        )
        return [Pipeline(int(each["id"]), each["name"], connection.project_id) for each in document["value"]]

    def _start(self, connection: Connection, pipeline: Pipeline, parameters: Mapping[str, str]) -> Answer:
        return self._services.devops(
            "POST",
            f"/{pipeline.project_id}/_apis/pipelines/{pipeline.id}/runs",
            organization=connection.organization,
            body={"templateParameters": dict(parameters)} if parameters else {},
        )

    def _environment_of_job(self, run: PipelineRun) -> dict[str, str]:
        answer = self._services.http.send("GET", f"{self._address(run)}/agent")
        if not answer.successful:
            self.abandon(run)
        if answer.status in _HELD:
            raise HeldRunError(
                f"{answer.message.rstrip('.')} (pipeline '{run.pipeline.name}'); let it pass in Azure DevOps "
                "or change the connection's `checks:`, and run the command again",
                waits=answer.status == _WAITS,
            )
        variables = checked(answer, f"Taking the job of run {run.id}")["variables"]
        inherited = {
            name: value for name in _INHERITED if (value := self._services.environment.get(name)) is not None
        }
        return {**inherited, **variables}

    def _complete(self, run: PipelineRun, result: str) -> None:
        self._services.http.send("POST", f"{self._address(run)}/complete", body={"result": result})

    def _address(self, run: PipelineRun) -> str:
        base = run.organization or self._services.environment["AZDO_ORG_SERVICE_URL"]
        organization = base.rstrip("/").rpartition("/")[2]
        return f"{self._sandbox}/_sandbox/organizations/{organization}/runs/{run.id}"


def _in_process_of_its_own(given: Mapping[str, Any], environment: Mapping[str, str]) -> list[dict[str, str]]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "azure_service_connections.lifecycle.pipeline_job"],
            input=json.dumps(given),
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=_JOB_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise LifecycleError(
            f"The job did not end within {_JOB_SECONDS} seconds; check that the sandbox answers."
        ) from error
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or ["no reason is given"]
        raise LifecycleError(f"The job broke off: {words[-1].rstrip('.')}; check the libraries in .venv.")
    outcomes: list[dict[str, str]] = json.loads(done.stdout)
    return outcomes
