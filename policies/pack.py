"""The rules as a policy pack: what the engine runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pulumi_policy as policy
from pulumi_policy.proxy import UnknownValueError

from policies import configuration
from policies.estate import Estate
from policies.resource import UNKNOWN, Resource, plain_type
from policies.rule import Preset, ResourceRule, Rule, StackRule
from policies.rules import RULES
from policies.verdict import Violation, judge_resource, judge_stack

NAME = "azure-service-connections"
PAGE = "docs/policies.md"


def start() -> None:
    """Serve the pack to the engine; returns when the engine has done with it."""
    policy.PolicyPack(NAME, [policy_of(rule) for rule in RULES])


def policy_of(rule: Rule) -> policy.Policy:
    """A rule as the SDK takes it, with the level of the baseline."""
    about: Any = {
        "name": rule.name,
        "description": rule.holds,
        "enforcement_level": policy.EnforcementLevel(configuration.level(rule, Preset.BASELINE)),
        "config_schema": policy.PolicyConfigSchema(configuration.schema(rule)),
        "severity": policy.Severity(rule.severity),
        "tags": list(rule.controls),
        "remediation_steps": rule.fix,
        "url": f"{PAGE}#{rule.name}",
    }
    if isinstance(rule, ResourceRule):
        return policy.ResourceValidationPolicy(validate=_resource_judge(rule), **about)
    assert isinstance(rule, StackRule), "there is no third kind of rule"
    return policy.StackValidationPolicy(validate=_stack_judge(rule), **about)


def _resource_judge(rule: ResourceRule) -> Callable[[Any, Any], None]:
    def validate(args: Any, report: Callable[[str, str], None]) -> None:
        resource = Resource(
            plain_type(args.resource_type), args.name, args.urn, _plain(args.props), args.opts.protect
        )
        _report(judge_resource(rule, resource, args.get_config(), _today()), report)

    return validate


def _stack_judge(rule: StackRule) -> Callable[[Any, Any], None]:
    def validate(args: Any, report: Callable[[str, str], None]) -> None:
        estate = Estate(_resource(each) for each in args.resources)
        _report(judge_stack(rule, estate, args.get_config(), _today()), report)

    return validate


def _report(violations: Iterable[Violation], report: Callable[[str, str], None]) -> None:
    for violation in violations:
        report(violation.message, violation.urn)


def _resource(known: Any) -> Resource:
    sources = {
        key: tuple(source.urn for source in made_from)
        for key, made_from in known.property_dependencies.items()
    }
    return Resource(
        plain_type(known.resource_type),
        known.name,
        known.urn,
        _plain(known.props),
        known.opts.protect,
        sources,
    )


def _plain(value: Any) -> Any:
    """A value without the SDK's wrapping, which raises at the first unknown value that is touched."""
    if isinstance(value, Mapping):
        return {key: _plain_item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain_item(value, index) for index in range(len(value))]
    return value


def _plain_item(holder: Any, key: Any) -> Any:
    try:
        return _plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def _today() -> date:
    return datetime.now(UTC).date()
