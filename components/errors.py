"""The one error of the components: inputs that cannot be used.

pulumi.RunError
└── InputError
"""

from collections.abc import Sequence
from typing import NamedTuple

import pulumi


class Mistake(NamedTuple):
    """One mistake in a component's inputs."""

    path: str
    """Where: the input's name in its camelCase spelling, with the keys and positions inside it."""
    problem: str
    """What is wrong and what to write."""


class InputError(pulumi.RunError):
    """Every mistake in the inputs of one component, found before any of its resources registers.

    It is a `RunError`, so that a program ends with the sentences and without a traceback, also where the
    value was an output and could be checked only once it was known. It is no `ValueError`: the SDK wraps
    those in words of its own.
    """

    def __init__(self, component: str, name: str, mistakes: Sequence[Mistake]) -> None:
        """Say all mistakes of the component `name`, one a line."""
        super().__init__("\n".join(f"{component} '{name}': {path}: {problem}" for path, problem in mistakes))
        self.mistakes = tuple(mistakes)
