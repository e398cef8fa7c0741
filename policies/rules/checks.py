"""Rules of the checks that a run has to pass before it may use a connection."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.connection import Connection
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, is_known
from policies.resource_types import APPROVAL, BRANCH_CONTROL, EXCLUSIVE_LOCK, REQUIRED_TEMPLATE
from policies.rule import (
    ALWAYS,
    STRICT_ONLY,
    TEXTS,
    Finding,
    Level,
    Levels,
    ResourceRule,
    Setting,
    Settings,
    Severity,
    StackRule,
)

_PRODUCTION = Setting(
    "production", "Names of connections to production, with * for any letters.", TEXTS, ["*prod*"]
)
_NOT_PRODUCTION = Setting(
    "notProduction", "Names among these that change nothing, such as those of a plan.", TEXTS, ["*-plan"]
)
_REFERENCES = Setting(
    "references",
    "Branches and tags that a template may come from, with * for any letters.",
    TEXTS,
    ["refs/heads/main", "refs/heads/master", "refs/heads/release/*", "refs/tags/*"],
    ["refs/heads/main"],
)


def _production(estate: Estate, settings: Settings) -> Iterator[Connection]:
    for connection in estate.connections:
        name = connection.name
        if (
            is_known(name)
            and _matches(name, settings.texts("production"))
            and not _matches(name, settings.texts("notProduction"))
        ):
            yield connection


def _without(estate: Estate, settings: Settings, check: str, problem: str) -> Iterator[Finding]:
    checked = estate.naming(check, key="targetResourceId")
    unplaced = len(estate.of_type(check)) > sum(len(each) for each in checked.values())
    for connection in _production(estate, settings):
        # A check whose connection is not known yet may be the one that is asked for.
        if connection.resource.urn not in checked and not unplaced:
            yield Finding(connection.resource, problem)


def _uncontrolled_branches(estate: Estate, settings: Settings) -> Iterator[Finding]:
    return _without(estate, settings, BRANCH_CONTROL, "lets runs of any branch reach production")


def _unapproved(estate: Estate, settings: Settings) -> Iterator[Finding]:
    return _without(estate, settings, APPROVAL, "lets runs reach production that nobody approved")


def _unlocked(estate: Estate, settings: Settings) -> Iterator[Finding]:
    return _without(estate, settings, EXCLUSIVE_LOCK, "lets several runs change production at once")


def _any_branch(resource: Resource, _: Settings) -> Iterator[str]:
    branches = resource.text("allowedBranches")
    if resource.text("targetResourceType") != "endpoint" or branches is UNKNOWN:
        return
    # Without a value the provider writes `*`.
    named = [branch.strip() for branch in (branches or "*").split(",")]
    if open_to_all := sorted(branch for branch in named if branch in ("*", "refs/*", "refs/heads/*")):
        yield f"lets any branch through ({', '.join(open_to_all)})"


def _unverified(resource: Resource, _: Settings) -> Iterator[str]:
    if resource.text("targetResourceType") != "endpoint":
        return
    verified = resource.get("verifyBranchProtection")
    if verified is None or verified is False:
        yield "lets branches through that no branch policy protects"
    elif resource.get("ignoreUnknownProtectionStatus") is True:
        yield "lets branches through of which nobody knows whether a branch policy protects them"


def _own_approval(resource: Resource, _: Settings) -> Iterator[str]:
    if resource.text("targetResourceType") == "endpoint" and resource.get("requesterCanApprove") is True:
        yield "lets who started a run approve it"


def _template_reference(resource: Resource, settings: Settings) -> Iterator[str]:
    templates = resource.items("requiredTemplates")
    if resource.text("targetResourceType") != "endpoint" or templates is UNKNOWN:
        return
    allowed = settings.texts("references")
    for template in templates:
        reference = template.get("repositoryRef") if template is not UNKNOWN else UNKNOWN
        if is_known(reference) and not _matches(reference, allowed):
            yield f"takes its template from '{reference}'"


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


RULES = (
    StackRule(
        name="production-connection-controls-branches",
        holds="A connection to production has a branch control.",
        because="Without it a pipeline file on any branch can deploy, whoever reviewed it.",
        fix="add a branch control (of a ServiceConnection: `checks.branches`)",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=(
            "ADO_ServiceConnection_AuthZ_Enable_Branch_Control",
            "ADO-SC-001",
            "ADO-SC-006",
            "CICD-SEC-4",
        ),
        settings=(_PRODUCTION, _NOT_PRODUCTION),
        judge=_uncontrolled_branches,
    ),
    ResourceRule(
        name="branch-control-names-branches",
        holds="A branch control of a connection names branches.",
        because="One that lets every branch through controls nothing, and it is the provider's default.",
        fix="name the branches that may deploy, such as refs/heads/main",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthZ_Enable_Branch_Control", "ADO-SC-006", "CICD-SEC-4"),
        types=(BRANCH_CONTROL,),
        judge=_any_branch,
    ),
    ResourceRule(
        name="branch-control-verifies-protection",
        holds="A branch control of a connection verifies that the branch is protected.",
        because="The name of a branch says nothing about who can push to it.",
        fix="set verifyBranchProtection to true and ignoreUnknownProtectionStatus to false",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO_ServiceConnection_AuthZ_Enable_Branch_Control", "CICD-SEC-4"),
        types=(BRANCH_CONTROL,),
        judge=_unverified,
    ),
    StackRule(
        name="production-connection-needs-approval",
        holds="A connection to production has an approval.",
        because="Two people see what reaches production.",
        fix="add an approval (of a ServiceConnection: `checks.approvals`)",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("ADO-SC-001", "ADO-SC-002", "CICD-SEC-1"),
        settings=(_PRODUCTION, _NOT_PRODUCTION),
        judge=_unapproved,
    ),
    ResourceRule(
        name="requester-does-not-approve",
        holds="Who started a run does not approve it.",
        because="An approval takes two people.",
        fix="set requesterCanApprove to false",
        severity=Severity.HIGH,
        levels=ALWAYS,
        controls=("ADO-SC-002", "CICD-SEC-1"),
        types=(APPROVAL,),
        judge=_own_approval,
    ),
    ResourceRule(
        name="required-template-comes-from-a-protected-branch",
        holds="A required template of a connection comes from a branch or a tag that is allowed.",
        because="Who can push to the template's branch decides what every run does.",
        fix="name an allowed branch or tag, or add this one to the setting references",
        severity=Severity.MEDIUM,
        levels=STRICT_ONLY,
        controls=("ADO_ServiceConnection_DP_Use_Template_From_Protected_Branch", "CICD-SEC-4"),
        settings=(_REFERENCES,),
        types=(REQUIRED_TEMPLATE,),
        judge=_template_reference,
    ),
    StackRule(
        name="production-connection-takes-one-run-at-a-time",
        holds="A connection to production has an exclusive lock.",
        because="Two deployments at once leave a state that neither of them tested.",
        fix="add an exclusive lock (of a ServiceConnection: `checks.exclusiveLock`)",
        severity=Severity.LOW,
        levels=Levels(Level.DISABLED, Level.ADVISORY),
        controls=("ADO-SC-001",),
        settings=(_PRODUCTION, _NOT_PRODUCTION),
        judge=_unlocked,
    ),
)
"""The rules of this module."""
