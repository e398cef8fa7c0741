"""Where the connection stands in Azure DevOps: usable, and by whom."""

from collections.abc import Iterator
from typing import Final

from azure_service_connections.catalogue.wording import quoted
from azure_service_connections.lifecycle.diagnosis.case import BY_STACK, Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding

_REFUSED: Final = "PipelineValidationException"


def standing_findings(case: Case) -> Iterator[Finding]:
    """What keeps runs from starting with it."""
    live = case.live
    if live.disabled:
        yield case.found(
            "disabled",
            "the connection is disabled",
            "enable it in its security settings in Azure DevOps",
            _REFUSED,
        )
    if not live.ready:
        yield case.found(
            "not-ready",
            f"the connection is not ready: {live.status.rstrip('.') or 'no reason is given'}",
            "mend what Azure DevOps says of it in the project's settings, and verify it there",
            _REFUSED,
        )
    yield from _pipelines(case)


def _pipelines(case: Case) -> Iterator[Finding]:
    live = case.live
    if live.all_pipelines or case.hidden("Who may use it"):
        return
    permitted = {(each.project_id.lower(), each.id) for each in live.pipelines}
    if case.declared is not None:
        for each in case.declared.pipelines:
            if (each.project_id.lower(), each.id) not in permitted:
                yield case.found(
                    "pipeline-not-permitted",
                    f"the pipeline {quoted(each.name)} may not use it, and the stack names it",
                    BY_STACK,
                    _REFUSED,
                )
        return
    used = live.last_used.pipeline if live.last_used else ""
    if used and used not in {each.name for each in live.pipelines}:
        yield case.found(
            "pipeline-not-permitted",
            f"the pipeline {quoted(used)} used it last and may not use it any more",
            f"add the pipeline {quoted(used)} under Security, Pipeline permissions of the connection",
            _REFUSED,
        )
    elif not live.pipelines:
        yield case.found(
            "pipeline-not-permitted",
            "no pipeline may use it",
            "add one under Security, Pipeline permissions of the connection, or remove the connection",
            _REFUSED,
        )
