"""The presets, and what the engine is told of a rule's configuration."""

from typing import Any

from policies import exceptions
from policies.rule import Level, Preset, Rule


def level(rule: Rule, preset: Preset) -> Level:
    """The level of a rule in a preset."""
    return rule.levels.strict if preset is Preset.STRICT else rule.levels.baseline


def schema(rule: Rule) -> dict[str, dict[str, Any]]:
    """The configuration that a rule takes, as the properties of a JSON Schema."""
    settings = {
        each.name: {**each.schema, "description": each.meaning, "default": each.baseline}
        for each in rule.settings
    }
    return {**settings, exceptions.NAME: dict(exceptions.SCHEMA)}


def preset(rules: tuple[Rule, ...], chosen: Preset) -> dict[str, dict[str, Any]]:
    """The configuration of a whole preset, as `--policy-pack-config` takes it."""
    return {
        rule.name: {
            "enforcementLevel": str(level(rule, chosen)),
            **{each.name: each.default(chosen) for each in rule.settings},
        }
        for rule in rules
    }
