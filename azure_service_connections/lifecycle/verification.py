"""Proves that pipelines can use the connections of a stack: those that may, where they may, and no others."""

import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.azure_access import AzureAccess
from azure_service_connections.lifecycle.errors import HeldRunError, LifecycleError
from azure_service_connections.lifecycle.inherited_roles import inherited_roles
from azure_service_connections.lifecycle.job_steps import Step, publishing_steps, steps_of
from azure_service_connections.lifecycle.pipeline_runs import PipelineRun, PipelineRuns, Refused
from azure_service_connections.lifecycle.refusals import Refusal, refusal
from azure_service_connections.lifecycle.services import Services, checked
from azure_service_connections.lifecycle.stack_output import (
    AGENT,
    FEDERATED,
    PUBLISH_PROFILE,
    Connection,
    Pipeline,
)

AT_A_TIME: Final = 3
"""How many connections are proven side by side."""

NOT_TRIED: Final = "not tried"
TRIED: Final = "tried"
"""Azure DevOps signed in with the connection, as its button Verify does; no job did."""
HELD: Final = "held"
"""The run waits for somebody who lets it pass."""


@dataclass
class Proof:
    """What became of one connection. Each step is `done`, `refused`, `failed` or `not tried`.

    Where the run waits for an approval, the token is `tried` and the other steps are `held`.
    """

    key: str
    connection: str
    identity: str
    scope: str
    pipeline: str = ""
    """The pipeline whose run was used."""
    token: str = NOT_TRIED
    read: str = NOT_TRIED
    write: str = NOT_TRIED
    outside: str = NOT_TRIED
    otherPipeline: str = NOT_TRIED  # noqa: N815 # the name in the report
    ok: bool = False
    problem: str = ""
    fix: str = ""
    waits: str = ""
    """What a run waits for that was not let pass, without a full stop."""
    place: tuple[str, ...] = field(default=(), metadata={"shown": "only in the table"})
    """The scope in names, the last one first."""

    def document(self) -> dict[str, Any]:
        """The proof as a row of the JSON report."""
        return {each.name: getattr(self, each.name) for each in fields(self) if not each.metadata}

    def fail(self, reason: Refusal) -> None:
        """Keep the first thing that is wrong."""
        if not self.problem:
            self.problem, self.fix = reason.problem, reason.fix


class Verification:
    """Proves connections one by one, a few side by side."""

    def __init__(self, services: Services) -> None:
        """Raises SettingError where no run can be started from here."""
        self._services = services
        self._runs = PipelineRuns(services)
        self._access = AzureAccess(services)

    def prove_all(
        self, connections: Sequence[Connection], progress: Callable[[Proof, int, int], None] | None = None
    ) -> list[Proof]:
        """A proof of each connection in their order.

        `progress` is told each one as it is done, how many are done, and how many there are.
        """
        told = threading.Lock()
        proofs: dict[int, Proof] = {}
        with ThreadPoolExecutor(max_workers=AT_A_TIME) as executor:
            under_way = {
                executor.submit(self.prove, connection): number
                for number, connection in enumerate(connections)
            }
            for done in as_completed(under_way):
                proof = proofs[under_way[done]] = done.result()
                if progress is not None:
                    with told:
                        progress(proof, len(proofs), len(connections))
        return [proofs[number] for number in sorted(proofs)]

    def prove(self, connection: Connection) -> Proof:
        """Prove one connection."""
        proof = Proof(connection.key, connection.name, connection.identity, connection.scope)
        try:
            proof.place = self._access.names(connection.scope)
            connection = self._with_principal(connection)
            self._prove_use(connection, proof)
            self._prove_other_pipeline(connection, proof)
            self._prove_inheritance(connection, proof)
        except LifecycleError as error:
            sentence, _, remedy = str(error).rstrip(".").partition("; ")
            proof.fail(Refusal(sentence, remedy or "repair it and run the command again"))
        proof.ok = not proof.problem
        return proof

    def _with_principal(self, connection: Connection) -> Connection:
        """The connection with its identity's service principal, which the stack may not have looked up."""
        if connection.principal_id or not connection.client_id:
            return connection
        answer = self._services.graph("GET", f"/servicePrincipals(appId='{connection.client_id}')")
        found = checked(answer, f"Looking for the service principal of application {connection.client_id}")
        return replace(connection, principal_id=str(found["id"]))

    def _prove_use(self, connection: Connection, proof: Proof) -> None:
        run = self._first_run(connection, proof)
        if run is None:
            return
        proof.pipeline = run.pipeline.name
        if connection.credential not in (FEDERATED, AGENT, PUBLISH_PROFILE):
            self._runs.abandon(run)
            self._prove_with_secret(connection, proof)
            return
        try:
            mark = uuid.uuid4().hex[:8]
            making = publishing_steps if connection.credential == PUBLISH_PROFILE else steps_of
            steps = making(connection, self._access, mark)
        except BaseException:
            self._runs.abandon(run)
            raise
        try:
            outcomes = self._runs.work(run, connection, steps)
        except HeldRunError as held:
            if not held.waits or connection.credential != FEDERATED:
                raise
            proof.waits = str(held).partition("; ")[0]
            self._prove_while_held(connection, proof)
            return
        for step, outcome in zip(steps, outcomes, strict=False):
            setattr(proof, step.name, outcome["outcome"])
            wrong = (outcome["outcome"] == "done") != step.succeeds or outcome["outcome"] == "failed"
            if wrong:
                proof.fail(_wrong(step, outcome))

    def _prove_with_secret(self, connection: Connection, proof: Proof) -> None:
        """Let Azure DevOps sign in and read: it knows the secret and gives it to tasks, not to jobs."""
        status, message = self._runs.try_connection(connection)
        proof.token = "refused" if status == "unauthorized" else "done"
        if proof.token == "done":
            proof.read = "done" if status == "ok" else "refused"
        if status != "ok" and (proof.token == "refused" or _reads_what_the_test_reads(connection)):
            proof.fail(refusal(status, message))

    def _prove_while_held(self, connection: Connection, proof: Proof) -> None:
        """Let Azure DevOps sign in where a person has to let the run pass first: that is no failure."""
        status, message = self._runs.try_connection(connection)
        proof.read = proof.write = proof.outside = HELD
        proof.token = "refused" if status == "unauthorized" else TRIED
        if status != "ok" and (proof.token == "refused" or _reads_what_the_test_reads(connection)):
            proof.fail(refusal(status, message))

    def _first_run(self, connection: Connection, proof: Proof) -> PipelineRun | None:
        """The first run of an allowed pipeline that starts."""
        allowed = list(connection.pipelines)
        if not allowed:
            everyone, ids = self._runs.permitted(connection)
            allowed = [each for each in self._runs.pipelines(connection) if everyone or each.id in ids]
        if not allowed:
            proof.fail(Refusal("no pipeline may use it", "name one under `pipelines:` and run `pulumi up`"))
            return None
        refused: list[Refused] = []
        for pipeline in allowed:
            started = self._runs.start(connection, pipeline)
            if isinstance(started, PipelineRun):
                return started
            refused.append(started)
        first = next((each for each in refused if each.names(connection)), refused[0])
        reason = refusal(first.code, first.message)
        tried = listed([quoted(each.pipeline.name) for each in refused], "and")
        proof.pipeline = first.pipeline.name
        proof.fail(Refusal(f"no run of {tried} starts: {reason.problem}", reason.fix))
        return None

    def _prove_other_pipeline(self, connection: Connection, proof: Proof) -> None:
        """A pipeline that may not use the connection is refused: at its start, or when its job asks."""
        everyone, ids = self._runs.permitted(connection)
        if everyone:
            return
        named = {each.id for each in connection.pipelines if each.project_id == connection.project_id}
        others = [each for each in self._runs.pipelines(connection) if each.id not in ids | named]
        for pipeline in others:
            outcome = self._try_without_permission(connection, pipeline)
            if outcome is None:
                continue
            proof.otherPipeline = outcome
            if outcome != "refused":
                proof.fail(
                    Refusal(
                        f"the pipeline {quoted(pipeline.name)} uses it without being allowed to",
                        "check who may use it in Azure DevOps and run `pulumi up`",
                    )
                )
            return

    def _prove_inheritance(self, connection: Connection, proof: Proof) -> None:
        """A project hands no role down to a connection whose stack says so; no resource sees to it."""
        if connection.inherits_permissions:
            return
        if inherited := inherited_roles(self._services, connection):
            proof.fail(
                Refusal(
                    f"the project {quoted(connection.project)} hands roles on it down to "
                    f"{listed(inherited, 'and')}",
                    "turn inheritance off in the connection's security settings in Azure DevOps",
                )
            )

    def _try_without_permission(self, connection: Connection, pipeline: Pipeline) -> str | None:
        """`refused`, `done`, or None where this pipeline shows nothing."""
        started = self._runs.start(connection, pipeline)
        if isinstance(started, Refused):
            return "refused" if started.names(connection) else None
        if started.uses_connection:
            self._runs.abandon(started)
            return "done"
        if connection.credential in (AGENT, PUBLISH_PROFILE):
            # What a job does as its machine needs no connection, and a profile is handed to tasks alone.
            self._runs.abandon(started)
            return None
        try:
            outcomes = self._runs.work(started, connection, [Step("token", {"kind": "signIn"}, False)])
        except HeldRunError:
            # By a check of another connection, which that pipeline uses.
            return None
        return outcomes[0]["outcome"]


def _reads_what_the_test_reads(connection: Connection) -> bool:
    """Whether a role of it covers the whole subscription, which the test reads also for a resource group."""
    below = "/resourcegroups/"
    return any(
        below not in role.scope.lower() or "/providers/" in connection.scope.lower()
        for role in connection.roles
    )


def _wrong(step: Step, outcome: dict[str, str]) -> Refusal:
    if not step.succeeds:
        if outcome["outcome"] == "failed":
            return refusal(outcome["code"], outcome["message"])
        doing = "reads" if step.name in ("read", "outside") else "writes"
        return Refusal(
            f"it {doing} at {step.place}, which no role of it allows",
            "look for what else gives its identity rights there and take it away",
        )
    reason = refusal(outcome["code"], outcome["message"])
    where = f" ({step.name} at {step.place})" if step.place else ""
    return Refusal(f"{reason.problem}{where}", reason.fix)
