"""One line a step, on a terminal and in a log."""

import io
import re

import pytest

from toolchain.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line_a_step_with_the_seconds():
    log = io.StringIO()
    progress = Progress(log)
    progress.begin("engine: building", 2)
    with progress.step("Go"):
        assert log.getvalue() == "engine: building\n[1/2] Go …"
    with progress.step("pulumi"):
        pass
    assert re.fullmatch(r"engine: building\n\[1/2\] Go … 0 s\n\[2/2\] pulumi … 0 s\n", log.getvalue())


def test_a_step_that_fails_says_so():
    log = io.StringIO()
    progress = Progress(log)
    progress.begin("engine: building", 1)
    with pytest.raises(ValueError, match="no"), progress.step("Go"):
        raise ValueError("no")
    assert log.getvalue().endswith("[1/1] Go … failed\n")


def test_another_way_counts_its_steps_from_one():
    log = io.StringIO()
    progress = Progress(log)
    for steps in (3, 5):
        progress.begin("engine: trying", steps)
        with progress.step("first"):
            pass
    assert "[1/3] first" in log.getvalue()
    assert "[1/5] first" in log.getvalue()


def test_a_terminal_shows_the_same_line_at_the_end():
    terminal = Terminal()
    progress = Progress(terminal)
    progress.begin("engine: building", 1)
    with progress.step("Go"):
        pass
    assert terminal.getvalue().rpartition("\r")[2] == "[1/1] Go … 0 s\n"
