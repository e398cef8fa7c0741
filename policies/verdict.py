"""From a rule, what it finds and its exceptions to what is said: one sentence a violation."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from policies.estate import Estate
from policies.exceptions import exceptions_of, let_pass
from policies.resource import Resource
from policies.rule import Finding, ResourceRule, Rule, Settings, StackRule


class Violation(NamedTuple):
    """A sentence, and the URN of the resource that it speaks of."""

    urn: str
    message: str


def judge_resource(
    rule: ResourceRule, resource: Resource, given: Mapping[str, Any], today: date
) -> Iterator[Violation]:
    """What a rule says of one resource; nothing of one whose type it does not judge."""
    if resource.type in rule.types:
        settings = Settings(rule.settings, given, today)
        findings = [Finding(resource, problem) for problem in rule.judge(resource, settings)]
        yield from _violations(rule, (resource,), findings, given, today)


def judge_stack(
    rule: StackRule, estate: Estate, given: Mapping[str, Any], today: date
) -> Iterator[Violation]:
    """What a rule says of a whole stack."""
    findings = rule.judge(estate, Settings(rule.settings, given, today))
    yield from _violations(rule, estate.resources, findings, given, today)


def _violations(
    rule: Rule,
    resources: Iterable[Resource],
    findings: Iterable[Finding],
    given: Mapping[str, Any],
    today: date,
) -> Iterator[Violation]:
    exceptions = exceptions_of(given)
    found = list(findings)
    said: set[str] = set()
    # A name may be that of several resources: what is wrong with an exception is said once.
    for resource in (*(each.resource for each in found), *resources) if exceptions else ():
        for problem in let_pass(exceptions, resource, today)[1]:
            if problem not in said:
                said.add(problem)
                yield Violation(resource.urn, problem)
    for resource, problem in found:
        if not let_pass(exceptions, resource, today)[0]:
            yield Violation(resource.urn, f"{resource.label} {problem}; {rule.fix}.")
