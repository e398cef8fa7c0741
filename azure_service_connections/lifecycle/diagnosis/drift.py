"""What was changed by hand and the engine does not see: the live estate against a stack's state."""

from collections.abc import Iterator

from azure_service_connections.catalogue.identifiers import subscription_of
from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.case import BY_STACK, Case
from azure_service_connections.lifecycle.diagnosis.check_facts import called, differences, live_facts
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.stack_state import StackState
from azure_service_connections.lifecycle.inventory.existing_connection import Check

_CHECKS = "under Approvals and checks of the connection"
_PIPELINES = "under Security, Pipeline permissions of the connection"


def drift_findings(case: Case, state: StackState) -> Iterator[Finding]:
    """What the stack does not say of a connection that is there, and the other way round."""
    if case.live.id not in state.connections:
        return
    yield from _connection(case, state)
    yield from _pipelines(case, state)
    yield from _checks(case, state)
    yield from _identity(case, state)


def _connection(case: Case, state: StackState) -> Iterator[Finding]:
    live, stated = case.live, state.connections[case.live.id]
    if live.description != stated.description:
        yield case.found(
            "description-changed",
            f"its description is {quoted(live.description)}, not {quoted(stated.description)}",
            BY_STACK,
        )
    subscription = subscription_of(live.scope) or ""
    group = live.scope.rpartition("/")[2].lower() if live.scope_level == "ManagementGroup" else ""
    for held, wanted, what in (
        (subscription, stated.subscription_id, "subscription"),
        (group, stated.management_group, "management group"),
    ):
        if wanted and held != wanted:
            yield case.found(
                "scope-changed", f"it is for {live.scope}, not for the {what} {wanted}", BY_STACK
            )
    own = {stated.project_id, *(stated.shared_with or ())}
    held_by = {each.id.lower(): each.name for each in live.projects}
    for identifier, name in held_by.items():
        if identifier not in own:
            yield case.found(
                "extra-project",
                f"the project {quoted(name)} has it too",
                "take it out under Security, Project permissions of the connection, or write the project "
                "under `sharedWith:`",
            )
    for identifier in sorted(own - held_by.keys()):
        yield case.found("project-missing", f"the project {identifier} does not have it", BY_STACK)


def _pipelines(case: Case, state: StackState) -> Iterator[Finding]:
    live = case.live
    if case.hidden("Who may use it"):
        return
    if live.all_pipelines and live.id not in state.open:
        yield case.found(
            "open-to-all",
            "every pipeline of its project may use it",
            f"restrict it {_PIPELINES}, or write `allPipelines: true`",
        )
    named = state.pipelines.get(live.id, set())
    for each in live.pipelines:
        if (each.project_id.lower(), each.id) not in named and live.id not in state.open:
            name = each.name or f"#{each.id}"
            yield case.found(
                "extra-pipeline",
                f"the pipeline {quoted(name)} of {quoted(each.project)} may use it",
                f"take it out {_PIPELINES}, or write {quoted(name)} under `pipelines:` and run `pulumi up`",
            )


def _checks(case: Case, state: StackState) -> Iterator[Finding]:
    live = case.live
    if case.hidden("Its checks"):
        return
    stated = state.checks.get(live.id, {})
    found = {each.id: each for each in live.checks}
    for identifier, check in stated.items():
        held = found.get(identifier)
        name = called(check.kind)
        if held is None:
            yield case.found("check-missing", f"its check {quoted(name)} is gone", BY_STACK)
            continue
        if not held.enabled:
            yield case.found(
                "check-off", f"its check {quoted(name)} is switched off", f"switch it on {_CHECKS}"
            )
        if changed := differences(live_facts(held), check.facts):
            yield case.found(
                "check-changed",
                f"its check {quoted(name)} was changed: {listed(changed, 'and')}",
                f"{BY_STACK}, or write the stack's `checks:` as it is now",
            )
    for check_now in live.checks:
        if check_now.id not in stated:
            yield case.found("extra-check", *_extra(check_now))


def _extra(check: Check) -> tuple[str, str]:
    name = called(check.kind)
    return (
        f"it has a check {quoted(name)} that the stack does not say",
        f"remove it {_CHECKS}, or write it under `checks:`",
    )


def _identity(case: Case, state: StackState) -> Iterator[Finding]:
    """What an identity that the stack made holds beside what the stack says; others are not its own."""
    identity = case.live.identity
    key = (identity.resource_id or identity.object_id).lower()
    if not key or key not in state.owned:
        return
    for trust in identity.trusts:
        if (key, trust.issuer, trust.subject or trust.expression) not in state.trusts and not (
            trust.issuer == case.live.issuer and trust.subject == case.live.subject
        ):
            told = trust.subject or trust.expression
            by_hand = az_command.remove_trust(identity, trust)
            yield case.found(
                "extra-credential",
                f"its identity {quoted(identity.name)} trusts {told} of {trust.issuer} by the federated "
                f"credential {quoted(trust.name)}",
                f"{by_hand}, or write it under `trusts:` and run `pulumi up`",
            )
    for secret in identity.secrets:
        if secret.key_id.lower() not in state.keys:
            yield case.found(
                "extra-credential",
                f"its application {quoted(identity.name)} has a {secret.kind} "
                f"{quoted(secret.name or secret.key_id)} that the stack did not make",
                az_command.remove_key(identity.client_id, secret.key_id, secret.kind == "certificate"),
            )
    yield from _roles(case, state)


def _roles(case: Case, state: StackState) -> Iterator[Finding]:
    principal = case.live.identity.principal_id.lower()
    for role in case.live.roles:
        stated = state.roles.get(role.assignment_id.lower())
        if stated is not None:
            if stated.strip() != role.condition.strip():
                yield case.found(
                    "role-changed",
                    f"the condition of its role {quoted(role.role)} at {role.scope} is "
                    f"{quoted(role.condition) if role.condition else 'gone'}",
                    BY_STACK,
                )
        elif role.principal_id.lower() == principal:
            yield case.found(
                "extra-role",
                f"its identity has the role {quoted(role.role)} at {role.scope}",
                f"{az_command.take_role(role.assignment_id)}, or write it under `roles:` and run `pulumi up`",
            )
        elif role.principal_id.lower() not in state.groups:
            yield case.found(
                "extra-role",
                f"its identity has the role {quoted(role.role)} at {role.scope} through the group "
                f"{role.principal_id}",
                f"take it out of the group: {az_command.leave_group(role.principal_id, principal)}",
            )
