"""Finds what the engine lets pass in a file for `--policy-pack-config`: names that nothing has, and dates.

`python -m policies.configuration_check FILE` prints each mistake as a sentence, with exit code 1 where there
is one. The engine itself refuses values of a wrong kind, and ignores names that it does not know.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from policies import exceptions
from policies.rule import Level, Rule
from policies.rules import RULES

_LEVEL = "enforcementLevel"
_ALL = "all"
"""What the engine takes for every rule."""


def mistakes(document: Any, today: date) -> Iterator[str]:
    """What is wrong with a configuration, one sentence each."""
    if not isinstance(document, dict):
        yield "The configuration is no map; write the name of each rule with what is configured of it."
        return
    rules = {rule.name: rule for rule in RULES}
    for name, given in document.items():
        if name not in rules and name != _ALL:
            yield f"'{name}' is no rule; {_nearest(name, rules)}."
        elif not isinstance(given, dict):
            yield from _level(name, given)
        else:
            yield from _rule(name, rules.get(name), given, today)


def _rule(name: str, rule: Rule | None, given: dict[str, Any], today: date) -> Iterator[str]:
    known = [_LEVEL] if rule is None else [_LEVEL, exceptions.NAME, *(each.name for each in rule.settings)]
    for key in given:
        if key not in known:
            yield f"'{key}' is no setting of {name}; {_nearest(key, known)}."
    if _LEVEL in given:
        yield from _level(name, given[_LEVEL])
    if rule is not None and isinstance(listed := given.get(exceptions.NAME, []), list):
        for each in exceptions.exceptions_of(
            {exceptions.NAME: [it for it in listed if isinstance(it, dict)]}
        ):
            if problem := each.problem(today):
                yield f"{name}: {problem}"


def _level(name: str, level: object) -> Iterator[str]:
    if level not in [str(each) for each in Level]:
        levels = ", ".join(Level)
        yield f"The level of {name} is '{level}'; choose from {levels}."


def _nearest(word: str, known: Iterable[str]) -> str:
    listed = list(known)
    close = get_close_matches(word, listed, 1)
    if close:
        return f"write '{close[0]}'"
    return f"choose from {', '.join(listed)}" if len(listed) < len(RULES) else "docs/policies.md has them all"


def main(arguments: list[str]) -> int:
    """Check one file; 0 where it holds, 1 where it does not, 2 where it cannot be read."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m policies.configuration_check FILE\n")
        return 2
    try:
        document = json.loads(Path(arguments[0]).read_text("utf-8"))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {arguments[0]} cannot be read ({error}); give a JSON file.\n")
        return 2
    found = list(mistakes(document, datetime.now(UTC).date()))
    for mistake in found:
        sys.stderr.write(f"error: {arguments[0]}: {mistake}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
