"""Which pipelines may use a service connection. Without an entry, none may."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.catalogue import rules, wording

from .input_check import InputCheck, Rules
from .names import child_name
from .shapes import in_schema_spelling

_RULES = {"project_id": (rules.guid,), "connection_id": (rules.not_blank,)}
PIPELINE_RULES: Rules = {"id": (rules.pipeline_id,), "project_id": (rules.guid,)}
"""What holds for a pipeline wherever one is named."""


class PipelineArgs(TypedDict):
    """A pipeline that may use the connection."""

    id: pulumi.Input[int]
    """Id of the pipeline: the number in its address (definitionId)."""
    project_id: NotRequired[pulumi.Input[str]]
    """Id of its project, with which the connection is shared. Default: the connection's project."""


class PipelineAccessArgs(TypedDict):
    """Who may use a connection. At most one of pipelines and all_pipelines is given."""

    project_id: pulumi.Input[str]
    """Id of the connection's project."""
    connection_id: pulumi.Input[str]
    """Id of the connection."""
    pipelines: NotRequired[dict[str, PipelineArgs]]
    """Each pipeline that may use it, under a key of yours that stays with the pipeline. Default: none."""
    all_pipelines: NotRequired[bool]
    """True opens it to every pipeline of its project, also to those made later. Default: false."""


class PipelineAccess(pulumi.ComponentResource):
    """The right of pipelines to use a connection, each given by itself."""

    connection_id: pulumi.Output[str]
    """Id of the connection, known once every right is given."""

    def __init__(
        self, name: str, args: PipelineAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register one authorisation a pipeline; raises InputError for inputs that cannot work."""
        check = InputCheck("PipelineAccess", name)
        args = check.group(args, PipelineAccessArgs, _RULES)
        pipelines = check_pipelines(check, args)
        check.finish()
        super().__init__(
            "azure-service-connections:index:PipelineAccess",
            name,
            in_schema_spelling(args, PipelineAccessArgs),
            opts,
        )

        child = pulumi.ResourceOptions(parent=self)
        project_id = pulumi.Output.from_input(args["project_id"]).apply(str.lower)
        given: list[pulumi.Input[str]] = []
        for key, pipeline in pipelines.items():
            authorization = azuredevops.PipelineAuthorization(
                child_name(name, key),
                project_id=project_id,
                resource_id=args["connection_id"],
                type="endpoint",
                pipeline_id=pulumi.Output.from_input(pipeline["id"]).apply(int),
                pipeline_project_id=_other_project(args["project_id"], pipeline.get("project_id")),
                opts=child,
            )
            given.append(authorization.id)
        if args.get("all_pipelines"):
            # Without a pipeline's id the provider opens the connection to all of them.
            everyone = azuredevops.PipelineAuthorization(
                child_name(name),
                project_id=project_id,
                resource_id=args["connection_id"],
                type="endpoint",
                opts=child,
            )
            given.append(everyone.id)
        self.connection_id = pulumi.Output.all(args["connection_id"], *given).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"connectionId": self.connection_id})


def check_pipelines(check: InputCheck, args: Any) -> dict[str, PipelineArgs]:
    """Note the mistakes in the inputs pipelines and all_pipelines of a component that has both.

    Returns the pipelines with their outputs checked.
    """
    if not check.is_map(args):
        return {}
    pipelines = args.get("pipelines") or {}
    if pipelines and args.get("all_pipelines"):
        check.mistake("allPipelines", wording.only_one_of(["pipelines", "allPipelines"]))
    if not check.is_map(pipelines):
        return {}
    return {
        key: check.group(pipeline, PipelineArgs, PIPELINE_RULES, f"pipelines.{key}")
        for key, pipeline in pipelines.items()
    }


def _other_project(
    own: pulumi.Input[str], project: pulumi.Input[str] | None
) -> pulumi.Output[str | None] | None:
    """The project of a pipeline where it is another one than the connection's."""
    if project is None:
        return None
    return pulumi.Output.all(own, project).apply(
        lambda known: None if known[0].lower() == known[1].lower() else known[1].lower()
    )
