"""What a run has to pass before it may use a service connection.

Azure DevOps asks these checks of every run whose pipeline is allowed to use the connection.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_azuredevops as azuredevops

from azure_service_connections.catalogue import access_rules, rules, wording

from .input_check import InputCheck, Rules, is_plain
from .names import child_name
from .shapes import in_schema_spelling

_RULES = {"project_id": (rules.guid,), "connection_id": (rules.not_blank,)}
_CHECKS_RULES: Rules = {"branches": (access_rules.branch,)}
_APPROVAL_RULES: Rules = {
    "approvers": (rules.guid,),
    "minimum_approvers": (access_rules.approver_count,),
    "timeout_minutes": (access_rules.minutes,),
}
_BUSINESS_HOURS_RULES: Rules = {
    "days": (access_rules.day,),
    "start": (access_rules.time_of_day,),
    "end": (access_rules.time_of_day,),
    "time_zone": (access_rules.time_zone,),
    "timeout_minutes": (access_rules.minutes,),
}
_TEMPLATE_RULES: Rules = {
    "repository": (rules.not_blank,),
    "path": (rules.not_blank,),
    "ref": (access_rules.reference,),
    "repository_type": (access_rules.repository_type,),
}


class ApprovalArgs(TypedDict):
    """People who have to agree to each run."""

    approvers: pulumi.Input[list[pulumi.Input[str]]]
    """Who is asked: ids that Azure DevOps gives to people and groups, which are not those of Entra ID."""
    minimum_approvers: NotRequired[pulumi.Input[int]]
    """How many of them have to agree. Default: all."""
    instructions: NotRequired[pulumi.Input[str]]
    """What they should look at. Default: none."""
    requester_can_approve: NotRequired[pulumi.Input[bool]]
    """Whether who started the run may agree to it. Default: false."""
    timeout_minutes: NotRequired[pulumi.Input[int]]
    """Minutes after which a run that nobody agreed to fails, 43200 at most. Default: 43200, thirty days."""


class BusinessHoursArgs(TypedDict):
    """When runs may use the connection; one that comes at another time waits."""

    days: list[str]
    """Days of the week in English, in small letters."""
    start: pulumi.Input[str]
    """From when, such as 08:00."""
    end: pulumi.Input[str]
    """Until when, such as 18:00; later on the same day."""
    time_zone: pulumi.Input[str]
    """The time zone as Azure DevOps names it, such as W. Europe Standard Time."""
    timeout_minutes: NotRequired[pulumi.Input[int]]
    """Minutes that a run may wait, 43200 at most. Default: 1440, one day."""


class RequiredTemplateArgs(TypedDict):
    """A template that pipelines have to extend."""

    repository: pulumi.Input[str]
    """The repository that holds it: PROJECT/REPOSITORY, or REPOSITORY in the connection's project."""
    path: pulumi.Input[str]
    """Its path in the repository."""
    ref: NotRequired[pulumi.Input[str]]
    """The branch or tag that has to be named, in full. Default: refs/heads/main."""
    repository_type: NotRequired[pulumi.Input[str]]
    """azuregit, github, githubenterprise or bitbucket. Default: azuregit."""


class ChecksArgs(TypedDict):
    """The checks of one connection, every kind by itself. A run has to pass them all."""

    approvals: NotRequired[dict[str, ApprovalArgs]]
    """Approvals, each under a key of yours. Default: none."""
    branches: NotRequired[pulumi.Input[list[pulumi.Input[str]]]]
    """Full names of the branches that runs may come from, such as refs/heads/main. Default: any branch."""
    allow_unprotected_branches: NotRequired[pulumi.Input[bool]]
    """True lets the branches through that no branch policy protects. Default: false."""
    business_hours: NotRequired[BusinessHoursArgs]
    """When runs may use it. Default: at any time."""
    exclusive_lock: NotRequired[bool]
    """True lets one run at a time use it. Default: false."""
    required_templates: NotRequired[dict[str, RequiredTemplateArgs]]
    """Templates of which a pipeline has to extend one, each under a key of yours. Default: none."""


class ConnectionChecksArgs(TypedDict):
    """The checks of a connection that exists."""

    project_id: pulumi.Input[str]
    """Id of the connection's project."""
    connection_id: pulumi.Input[str]
    """Id of the connection."""
    checks: ChecksArgs
    """What a run has to pass."""


class ConnectionChecks(pulumi.ComponentResource):
    """The checks of a connection. Changing one never touches the connection."""

    connection_id: pulumi.Output[str]
    """Id of the connection, known once every check stands."""

    def __init__(
        self, name: str, args: ConnectionChecksArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Register one resource a check; raises InputError for inputs that cannot work."""
        check = InputCheck("ConnectionChecks", name)
        args = check.group(args, ConnectionChecksArgs, _RULES)
        if check.is_map(args) and args.get("checks") is not None:
            args["checks"] = check_checks(check, args["checks"], "checks")
        check.finish()
        super().__init__(
            "azure-service-connections:index:ConnectionChecks",
            name,
            in_schema_spelling(args, ConnectionChecksArgs),
            opts,
        )

        self._name = name
        self._target: dict[str, Any] = {
            "project_id": pulumi.Output.from_input(args["project_id"]).apply(str.lower),
            "target_resource_id": args["connection_id"],
            "target_resource_type": "endpoint",
            "opts": pulumi.ResourceOptions(parent=self),
        }
        made = self._register(args["checks"])
        self.connection_id = pulumi.Output.all(args["connection_id"], *[each.id for each in made]).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"connectionId": self.connection_id})

    def _kept(self, *names: str) -> pulumi.ResourceOptions:
        """Options of a check that keeps what a person set and no input says."""
        return pulumi.ResourceOptions(parent=self, ignore_changes=list(names))

    def _register(self, checks: ChecksArgs) -> list[pulumi.CustomResource]:
        made: list[pulumi.CustomResource] = [
            azuredevops.CheckApproval(
                child_name(self._name, key),
                approvers=pulumi.Output.from_input(approval["approvers"]).apply(_in_lower_case),
                minimum_required_approvers=_whole(approval.get("minimum_approvers")),
                instructions=approval.get("instructions"),
                requester_can_approve=approval.get("requester_can_approve") or False,
                timeout=_whole(approval.get("timeout_minutes")),
                **self._target,
            )
            for key, approval in (checks.get("approvals") or {}).items()
        ]
        if (branches := checks.get("branches")) is not None:
            made.append(
                azuredevops.CheckBranchControl(
                    child_name(self._name),
                    display_name="Branch control",
                    allowed_branches=pulumi.Output.from_input(branches).apply(_joined),
                    verify_branch_protection=pulumi.Output.from_input(
                        checks.get("allow_unprotected_branches") or False
                    ).apply(lambda allowed: not allowed),
                    # What the service cannot find out about a branch speaks against it.
                    ignore_unknown_protection_status=False,
                    **{**self._target, "opts": self._kept("displayName", "timeout")},
                )
            )
        if (hours := checks.get("business_hours")) is not None:
            made.append(
                azuredevops.CheckBusinessHours(
                    child_name(self._name),
                    display_name="Business hours",
                    start_time=hours["start"],
                    end_time=hours["end"],
                    time_zone=hours["time_zone"],
                    timeout=_whole(hours.get("timeout_minutes")),
                    **{day: day in hours["days"] for day in access_rules.DAYS},
                    **{**self._target, "opts": self._kept("displayName")},
                )
            )
        if checks.get("exclusive_lock"):
            made.append(
                azuredevops.CheckExclusiveLock(
                    child_name(self._name), **{**self._target, "opts": self._kept("timeout")}
                )
            )
        if templates := checks.get("required_templates"):
            made.append(
                azuredevops.CheckRequiredTemplate(
                    child_name(self._name),
                    required_templates=[_template(template) for template in templates.values()],
                    **self._target,
                )
            )
        return made


def check_checks(check: InputCheck, args: Any, path: str) -> ChecksArgs:
    """Note the mistakes in the checks of a connection; returns them with their outputs checked."""
    checked: Any = check.group(args, ChecksArgs, _CHECKS_RULES, path)
    if not check.is_map(checked):
        return checked  # type: ignore[no-any-return]
    branches = checked.get("branches")
    if branches is not None and is_plain(branches) and not branches:
        check.mistake(f"{path}.branches", access_rules.NO_BRANCH)
    if checked.get("allow_unprotected_branches") is not None and branches is None:
        check.mistake(f"{path}.allowUnprotectedBranches", wording.only_beside("branches"))
    if check.is_map(approvals := checked.get("approvals")):
        checked["approvals"] = {
            key: _check_approval(check, approval, f"{path}.approvals.{key}")
            for key, approval in approvals.items()
        }
    if checked.get("business_hours") is not None:
        checked["business_hours"] = _check_hours(check, checked["business_hours"], f"{path}.businessHours")
    if check.is_map(templates := checked.get("required_templates")):
        checked["required_templates"] = {
            key: check.group(
                template, RequiredTemplateArgs, _TEMPLATE_RULES, f"{path}.requiredTemplates.{key}"
            )
            for key, template in templates.items()
        }
    return checked  # type: ignore[no-any-return]


def _check_approval(check: InputCheck, args: Any, path: str) -> Any:
    checked = check.group(args, ApprovalArgs, _APPROVAL_RULES, path)
    if not check.is_map(checked):
        return checked
    approvers, needed = checked.get("approvers"), checked.get("minimum_approvers")
    if isinstance(approvers, list):
        if not approvers:
            check.mistake(f"{path}.approvers", access_rules.NO_APPROVER)
        elif isinstance(needed, int | float) and (
            problem := access_rules.too_many_needed(needed, len(approvers))
        ):
            check.mistake(f"{path}.minimumApprovers", problem)
    return checked


def _check_hours(check: InputCheck, args: Any, path: str) -> Any:
    checked = check.group(args, BusinessHoursArgs, _BUSINESS_HOURS_RULES, path)
    if not check.is_map(checked):
        return checked
    if checked.get("days") == []:
        check.mistake(f"{path}.days", access_rules.NO_DAY)
    start, end = checked.get("start"), checked.get("end")
    times = [each for each in (start, end) if isinstance(each, str) and not access_rules.time_of_day(each)]
    if len(times) > 1 and (problem := access_rules.ends_before_it_starts(times[0], times[1])):
        check.mistake(f"{path}.end", problem)
    return checked


def _template(template: Mapping[str, Any]) -> azuredevops.CheckRequiredTemplateRequiredTemplateArgs:
    return azuredevops.CheckRequiredTemplateRequiredTemplateArgs(
        repository_name=template["repository"],
        template_path=template["path"],
        repository_ref=template.get("ref") or "refs/heads/main",
        repository_type=template.get("repository_type") or "azuregit",
    )


def _joined(branches: Sequence[Any]) -> str:
    return ", ".join(branches)


def _in_lower_case(identifiers: Sequence[Any]) -> list[str]:
    # Azure DevOps answers ids in lower case; any other spelling would be a change on every run.
    return [identifier.lower() for identifier in identifiers]


def _whole(number: Any) -> pulumi.Output[int] | None:
    """A whole number, which a program in another language gives as a float."""
    return None if number is None else pulumi.Output.from_input(number).apply(int)
