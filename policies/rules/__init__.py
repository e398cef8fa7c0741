"""The rules, one module a subject."""

from policies.rule import Rule
from policies.rules import checks, connection, federated_credential, identity, pipeline_access, role

SUBJECTS: dict[str, tuple[Rule, ...]] = {
    "The connection": connection.RULES,
    "Who may use it": pipeline_access.RULES,
    "What a run has to pass": checks.RULES,
    "What it may do in Azure": role.RULES,
    "Whom it signs in as": identity.RULES,
    "Whom that identity trusts": federated_credential.RULES,
}
"""The rules by subject, in the order in which the page lists them."""

RULES: tuple[Rule, ...] = tuple(rule for rules in SUBJECTS.values() for rule in rules)
"""All rules."""
