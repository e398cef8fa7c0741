"""Rules of who may use a connection: pipelines, people and groups."""

from collections.abc import Iterator

from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import (
    APPROVAL,
    CONNECTION_PERMISSIONS,
    PIPELINE_AUTHORIZATION,
    RESOURCE_AUTHORIZATION,
    SECURITY_ROLE,
)
from policies.rule import (
    ALWAYS,
    STRICT_ONLY,
    TEXTS,
    Finding,
    ResourceRule,
    Setting,
    Settings,
    Severity,
    StackRule,
)

_CONNECTION_ROLES = "distributedtask.serviceendpointrole"
_GROUPS = Setting(
    "groups",
    "Ids or descriptors of broad groups and build services, as Azure DevOps gives them: every organization "
    "has its own.",
    TEXTS,
    [],
)


def _all_pipelines(resource: Resource, _: Settings) -> Iterator[str]:
    pipeline = "definitionId" if resource.type == RESOURCE_AUTHORIZATION else "pipelineId"
    open_to_all = resource.get(pipeline) in (None, 0) and resource.get("authorized") is not False
    if resource.text("type") in ("endpoint", "") and open_to_all:
        yield "opens a connection to all pipelines of its project"


def _many_pipelines(estate: Estate, settings: Settings) -> Iterator[Finding]:
    limit = settings.number("maximum")
    named = estate.naming(PIPELINE_AUTHORIZATION, RESOURCE_AUTHORIZATION, key="resourceId")
    for connection in estate.connections:
        count = len(named.get(connection.resource.urn, ()))
        if count > limit:
            yield Finding(connection.resource, f"serves {count} pipelines, more than {limit}")


def _broad_rights(resource: Resource, settings: Settings) -> Iterator[str]:
    broad = {each.lower() for each in settings.texts("groups")}
    if resource.type == SECURITY_ROLE:
        held = resource.text("identityId") if resource.text("scope") == _CONNECTION_ROLES else ""
    else:
        held = resource.text("principal")
    if is_known(held) and held.lower() in broad:
        yield f"gives rights on a connection to the broad group {held}"


def _broad_approvers(resource: Resource, settings: Settings) -> Iterator[str]:
    broad = {each.lower() for each in settings.texts("groups")}
    approvers = resource.items("approvers")
    if resource.text("targetResourceType") != "endpoint" or approvers is UNKNOWN:
        return
    found = sorted(each for each in approvers if is_known(each) and each.lower() in broad)
    if found:
        yield f"lets the broad group {', '.join(found)} approve"


RULES = (
    ResourceRule(
        name="pipelines-are-authorized-one-by-one",
        holds="A service connection is opened to single pipelines, never to all of a project.",
        because="Whoever can add a pipeline to the project could use the connection at once.",
        fix="name one pipeline each (pipelineId; of a ServiceConnection: `pipelines`, not `allPipelines`)",
        severity=Severity.CRITICAL,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthZ_Dont_Grant_All_Pipelines_Access", "CICD-SEC-5"),
        types=(PIPELINE_AUTHORIZATION, RESOURCE_AUTHORIZATION),
        judge=_all_pipelines,
    ),
    StackRule(
        name="connection-serves-few-pipelines",
        holds="A service connection serves few pipelines.",
        because="What many pipelines share has to be allowed what each of them needs.",
        fix="split it into connections by what the pipelines deploy, or raise the setting maximum",
        severity=Severity.LOW,
        levels=STRICT_ONLY,
        controls=("ADO_ServiceConnection_SI_Review_Pipeline_Sharing", "CICD-SEC-5"),
        settings=(Setting("maximum", "Pipelines a connection.", {"type": "integer", "minimum": 1}, 10, 5),),
        judge=_many_pipelines,
    ),
    ResourceRule(
        name="broad-groups-have-no-rights",
        holds="No broad group and no build service has a role or a permission on a service connection.",
        because="Who is a member of everything can then hand the connection to a pipeline of theirs.",
        fix="give the right to the people or the group that needs it",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=(
            "ADO_ServiceConnection_AuthZ_Dont_Allow_Global_Groups",
            "ADO_ServiceConnection_AuthZ_Dont_Grant_BuildSvcAcct_Permission",
            "ADO_ServiceConnection_AuthZ_Restrict_Broader_Group_Access",
            "ADO-SC-010",
            "CICD-SEC-2",
        ),
        settings=(_GROUPS,),
        types=(SECURITY_ROLE, CONNECTION_PERMISSIONS),
        judge=_broad_rights,
    ),
    ResourceRule(
        name="broad-groups-do-not-approve",
        holds="No broad group approves the use of a service connection.",
        because="An approval that anybody can give is none.",
        fix="name people or a small group as approvers",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_Dont_Grant_Broader_Group_Access_As_Approvers", "CICD-SEC-1"),
        settings=(_GROUPS,),
        types=(APPROVAL,),
        judge=_broad_approvers,
    ),
)
"""The rules of this module."""
