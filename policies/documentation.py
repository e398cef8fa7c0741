"""The page of the policies and the files of the presets, both made from the rules.

`python -m policies.documentation` writes them; with `--check` it only says whether they are up to date (exit
code 1 where they are not).
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies import configuration
from policies.catalogues import CATALOGUES, LEFT_OUT
from policies.rule import Preset, ResourceRule, Rule
from policies.rules import RULES, SUBJECTS

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs") / "policies.md"
PRESETS = Path("policies") / "presets"

_HEAD = """# Policies
What must hold for service connections to Azure, whichever program makes them: a
[CrossGuard](https://www.pulumi.com/docs/iac/crossguard/) pack in [`policies/`](../policies). It judges the
providers' own resources (azuredevops, azuread, azure-native), so a stack without the components of this
repository is judged just the same. This page and the presets are made from the rules by `python -m
policies.documentation`.

## Judge a stack
Before anything is made, and again while it is made:
```sh
pulumi preview --stack sandbox --policy-pack policies
```
A state that exists, with no program, no login and no cloud:
```sh
pulumi stack export --stack sandbox --file state.json
pulumi policy analyze --file state.json --policy-pack policies
```
A mandatory violation ends the command with an exit code other than 0; an advisory one is a warning. Each
says in one sentence which resource it is, what does not hold and what to do. Where the pack is used without
`make install`, its environment is made by `python3 -m venv policies/.venv` and `policies/.venv/bin/pip
install -r policies/requirements.txt`.

**What a preview cannot know yet is not judged in it.** A rule of one resource judges its inputs in the
preview and again in `up`, just before the resource is made. A rule of the whole stack judges at the end of
both; where an id is not known yet, it goes by the outputs that a property is made from. What remains open,
such as the subject that Azure DevOps will give a connection, is judged at the end of `up` and in an
exported state. No rule takes an unknown value for a good or a bad one.

## Presets
Without configuration the preset *baseline* holds. *strict* is a file:
```sh
pulumi preview --stack sandbox --policy-pack policies --policy-pack-config policies/presets/strict.json
```
For settings of your own, copy one of [the two files](../policies/presets) and change it: `enforcementLevel`
is `mandatory`, `advisory` or `disabled`, beside it are the settings of the rule. What a file does not
mention is as in *baseline*. The engine refuses values of a wrong kind, but lets names pass that no rule has:
`python -m policies.configuration_check FILE` finds them, and exceptions that have ended.

## Exceptions
An exception lets one resource pass one rule, for a reason and until a day. It stands beside the settings of
the rule:
```json
{
  "broad-roles-stay-below-subscriptions": {
    "enforcementLevel": "mandatory",
    "exceptions": [
      {
        "resource": "payments-production/deploy",
        "reason": "The landing zone is split into resource groups by then (PAY-1234).",
        "until": "2027-01-31"
      }
    ]
  }
}
```
`resource` is the name or the URN of the resource as the violation names it. An exception without a reason,
without a day or after its day lets nothing pass and is a violation of its own, also where the resource is
fine by now. It reaches one rule and one name only: there are no patterns.
"""


def page() -> str:
    """The page as the committed file holds it."""
    return "\n".join([_HEAD, *_overview(), *_rules(), *_coverage()])


def preset_text(preset: Preset) -> str:
    """A preset as the committed file holds it."""
    return json.dumps(configuration.preset(RULES, preset), indent=2) + "\n"


def files() -> dict[Path, str]:
    """Every file that is made from the rules, by its path in the repository."""
    presets = {PRESETS / f"{preset}.json": preset_text(preset) for preset in Preset}
    return {PAGE: page(), **presets}


def outdated(root: Path = ROOT) -> list[Path]:
    """The files that are not what the rules make of them."""
    return [
        path
        for path, text in files().items()
        if not (root / path).is_file() or (root / path).read_text("utf-8") != text
    ]


def _overview() -> Iterator[str]:
    yield "## All rules"
    yield "| rule | severity | baseline | strict |"
    yield "|---|---|---|---|"
    for rule in RULES:
        levels = f"{rule.levels.baseline} | {rule.levels.strict}"
        yield f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {levels} |"
    yield ""


def _rules() -> Iterator[str]:
    for subject, rules in SUBJECTS.items():
        yield f"## {subject}"
        for rule in rules:
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield f"{rule.holds} {rule.because}"
    yield ""
    yield f"- *To mend*: {rule.fix}."
    if isinstance(rule, ResourceRule):
        types = ", ".join(f"`{each.rsplit(':', 1)[-1]}`" for each in rule.types)
        yield f"- *Judges*: the inputs of {types}, before it is made."
    else:
        yield "- *Judges*: the whole stack."
    for setting in rule.settings:
        values = f"`{_json(setting.default(Preset.BASELINE))}`"
        if setting.default(Preset.STRICT) != setting.default(Preset.BASELINE):
            values += f", strict `{_json(setting.default(Preset.STRICT))}`"
        yield f"- *Setting* `{setting.name}`: {setting.meaning} Default: {values}."
    if rule.controls:
        yield f"- *Covers*: {', '.join(rule.controls)}."
    yield ""


def _coverage() -> Iterator[str]:
    yield "## Catalogues"
    yield "What the rules cover of public catalogues, whole or in part, and what no stack can tell."
    yield ""
    for catalogue in CATALOGUES:
        yield f"### {catalogue.name}"
        yield catalogue.source
        yield ""
        yield "| control | rules |"
        yield "|---|---|"
        for control in catalogue.controls:
            rules = [f"[`{rule.name}`](#{rule.name})" for rule in RULES if control in rule.controls]
            yield f"| {control} | {', '.join(rules) or LEFT_OUT[control]} |"
        yield ""


def _json(value: Any) -> str:
    return json.dumps(value)


def main(arguments: list[str]) -> int:
    """Write the files, or with --check tell whether they are up to date."""
    if "--check" in arguments:
        stale = ", ".join(str(path) for path in outdated())
        if stale:
            sys.stderr.write(f"error: {stale} is not up to date; run python -m policies.documentation.\n")
        return 1 if stale else 0
    for path, text in files().items():
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
