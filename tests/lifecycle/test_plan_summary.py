"""The rows in which the command line sums a plan up."""

from planned_connections import entry, kept, plan

from azure_service_connections.lifecycle.plan.plan_file import Removal
from azure_service_connections.lifecycle.plan.plan_summary import Row, summary_rows


def test_reasons_that_differ_in_names_only_are_one_row_with_an_example() -> None:
    rows = summary_rows(
        plan(
            kept("a", reason="it is shared with Books, and that is not possible"),
            kept("b", reason="it is shared with Books and Web shop2, and that is not possible"),
            kept("c", reason="A@1 does not work with federation (in deploy); plan with --convert c"),
            kept("d", reason="B@2 does not work with federation (in build and test); plan with --convert d"),
            kept("e", reason="its application contoso-a1b2 was deleted"),
            kept("f", reason="it is disabled"),
            kept("g", reason="it can be reverted until 2026-11-30 00:00 UTC, 5 days left"),
            kept("h", reason="it can be reverted until 2026-11-29 00:00 UTC, 4 days left"),
            entry("i"),
        )
    )
    assert [(row.action, row.count, row.example) for row in rows] == [
        *(("convert", 1, "Web/i"), ("keep", 2, "Web/a"), ("keep", 2, "Web/c"), ("keep", 2, "Web/g")),
        *(("keep", 1, "Web/e"), ("keep", 1, "Web/f")),
    ]
    assert rows[1].reason == "it is shared with Books, and that is not possible"


def test_rare_reasons_share_a_row() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    rows = summary_rows(plan(*(kept(f"c-{word}", reason=f"it is {word}") for word in words)))
    assert len(rows) == 9
    assert rows[-1] == Row("keep", 2, "for other reasons, which the plan tells", "Web/c-nine")


def test_removals_come_last_and_those_that_are_kept_apart() -> None:
    removals = tuple(
        Removal(kind="application", id=name, name=name, action=action, reason="nothing needs it")
        for name, action in (("x", "remove"), ("y", "keep"), ("z", "keep"))
    )
    rows = summary_rows(plan(kept("a", reason="why"), removals=removals))
    assert [(row.action, row.count, row.example) for row in rows] == [
        *(("keep", 1, "Web/a"), ("remove", 1, "x"), ("keep orphan", 2, "y")),
    ]
