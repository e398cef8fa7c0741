"""Recorded previews of the real engine, each with its review beside it as a page to read.

tests/engine/make_reviewed_previews.py records them. A new text is looked at and then written with
`connections review --exit-zero NAME.json > NAME.md`.
"""

from pathlib import Path

import pytest

from azure_service_connections.lifecycle.review.markdown import document_of, markdown_of
from azure_service_connections.lifecycle.review.preview_reading import read_preview
from azure_service_connections.lifecycle.review.reviewing import review_of

REVIEWS = Path(__file__).parent / "reviews"
RECORDED = sorted(path.stem for path in REVIEWS.glob("*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_preview_is_reviewed_as_the_page_beside_it_says(name: str) -> None:
    preview = read_preview((REVIEWS / f"{name}.json").read_text(encoding="utf-8"))
    assert markdown_of(review_of(preview)) == (REVIEWS / f"{name}.md").read_text(encoding="utf-8")


def test_there_are_twelve_previews_and_no_page_without_one() -> None:
    assert len([name for name in RECORDED if "." not in name]) >= 12
    assert sorted(path.stem for path in REVIEWS.glob("*.md")) == RECORDED


def test_the_events_of_a_preview_are_reviewed_as_its_document_is() -> None:
    document, events = (
        review_of(read_preview((REVIEWS / f"{name}.json").read_text(encoding="utf-8")))
        for name in ("opened-to-all-pipelines", "opened-to-all-pipelines.events")
    )
    assert document_of(document) == document_of(events)


@pytest.mark.parametrize("name", [name for name in RECORDED if name.endswith(".plan")])
def test_a_plan_finds_no_less_risk_than_its_preview(name: str) -> None:
    plan, preview = (
        document_of(review_of(read_preview((REVIEWS / f"{each}.json").read_text(encoding="utf-8"))))
        for each in (name, name.removesuffix(".plan"))
    )
    assert plan.risk == preview.risk
    assert [each.action for each in plan.connections] == [each.action for each in preview.connections]
    risky = [
        {(finding.kind, finding.risk) for finding in each.findings if finding.risk != "none"}
        for each in (*plan.connections, *preview.connections)
    ]
    # Where a connection moves from, a plan does not say.
    assert risky[0] == risky[1] - {("connection", "medium")}
