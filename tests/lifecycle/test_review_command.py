"""`connections review` as people and jobs type it."""

import io
import json
from pathlib import Path

import pytest
from pull_request_places import TOKEN, AzureDevOps, GitHub, served
from review_previews import OWNER, ROLE, document, role, step

from azure_service_connections.cli.main import main

REVIEWS = Path(__file__).parent / "reviews"
FAILED = [{"severity": "error", "message": "error: no such pipeline\n"}]


class Input(io.TextIOWrapper):
    """Standard input with a content."""

    def __init__(self, content: bytes, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content), "utf-8")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_a_change_ends_with_three_unless_asked_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(REVIEWS / "role-raised-to-owner.json")
    assert main(["review", path]) == 3
    assert capsys.readouterr().out == (REVIEWS / "role-raised-to-owner.md").read_text(encoding="utf-8")
    assert main(["review", path, "--exit-zero"]) == 0


def test_no_change_ends_with_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(REVIEWS / "nothing-changes.json")]) == 0
    assert capsys.readouterr().out.startswith("## No connection changes in stack `review`\n")


def test_the_findings_come_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--json", str(REVIEWS / "connection-replaced.json")]) == 3
    written = json.loads(capsys.readouterr().out)
    assert written["summary"] == "1 connection changes in stack 'review': 1 replaced"
    (connection,) = written["connections"]
    assert (connection["action"], connection["risk"]) == ("replaced", "high")
    assert any("'deploy-payments' and 'nightly-payments'" in each for each in connection["replacement"])
    assert set(connection["findings"][0]) == {"kind", "risk", "text"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_preview_comes_through_a_pipe_in_the_encodings_of_shells(
    encoding: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = document(step(ROLE, "deploy", None, role(OWNER)))
    monkeypatch.setattr("sys.stdin", Input(text.encode(encoding)))
    assert main(["review"]) == 3
    assert "gains the role `Owner`" in capsys.readouterr().out


def test_a_terminal_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Input(b"", terminal=True))
    assert main(["review"]) == 2
    assert "name a file, or pipe" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"nonsense", "is not JSON; write it with"),
        (b"\xff", "is no text in UTF-8"),
        (document(diagnostics=FAILED).encode(), "nothing to review: no such pipeline."),
    ],
)
def test_a_mistake_is_one_sentence(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "preview.json").write_bytes(content)
    assert main(["review", str(tmp_path / "preview.json")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert says in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(tmp_path / "preview.json")]) == 1
    assert "preview.json cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["replacement-refused", "deletion-refused"])
def test_a_refused_preview_is_reviewed_and_ends_as_a_failure(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "--exit-zero", str(REVIEWS / f"{name}.json")]) == 1
    said = capsys.readouterr()
    assert said.out == (REVIEWS / f"{name}.md").read_text(encoding="utf-8")
    assert "the engine refuses this preview" in said.err


def on_github(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name, value in {
        "GITHUB_API_URL": address,
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "contoso/shop",
        "GITHUB_REF": "refs/pull/12/merge",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)


def test_the_review_is_printed_and_posted_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = GitHub()
    with served(place) as address:
        on_github(monkeypatch, address)
        for name in ("role-raised-to-owner", "scope-narrowed"):
            path = str(REVIEWS / f"{name}.json")
            assert main(["review", path, "--post", "github", "--exit-zero"]) == 0
            said = capsys.readouterr()
            page = (REVIEWS / f"{name}.md").read_text(encoding="utf-8")
            assert said.out == page
            assert place.comments[0]["body"].split("\n", 1)[1] == page
    assert "The comment on pull request 12 is updated." in said.err
    assert len(place.comments) == 1
    assert TOKEN not in said.out + said.err


def test_a_preview_that_failed_takes_the_place_of_the_review(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = step(ROLE, "deploy", None, role(OWNER))
    place = GitHub()
    with served(place) as address:
        on_github(monkeypatch, address)
        for number, preview in enumerate((document(made), document(made, diagnostics=FAILED))):
            (tmp_path / "preview.json").write_text(preview)
            expected = 1 if number else 3
            assert main(["review", str(tmp_path / "preview.json"), "--post", "github"]) == expected
    (comment,) = place.comments
    assert "## The preview of stack `prod` failed" in comment["body"]
    assert "no such pipeline" in comment["body"]


def test_a_place_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(AzureDevOps()) as address:
        pass
    on_github(monkeypatch, address)
    assert main(["review", str(REVIEWS / "nothing-changes.json"), "--post", "github"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_a_review_of_more_than_fits_keeps_the_worst_and_counts_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worst = step(ROLE, "zz-owner", None, role(OWNER))
    scope = "/subscriptions/6d1f6d54-6c8d-4e8a-8f40-2f6d1a7b0c01/resourceGroups/rg"
    harmless = [
        step(
            ROLE, f"role-{n}", None, role("acdd72a7-3385-48ef-bd42-f606fba81ae7", scope, principalId=f"p-{n}")
        )
        for n in range(700)
    ]
    (tmp_path / "preview.json").write_text(document(*harmless, worst))
    place = GitHub()
    with served(place) as address:
        on_github(monkeypatch, address)
        assert main(["review", str(tmp_path / "preview.json"), "--post", "github"]) == 3
    body = place.comments[0]["body"]
    assert 60_000 < len(body) <= 65_536
    assert "701 identities change" in body.splitlines()[1]
    assert body.index("`Owner`") < 1_000
    assert "did not fit here, the worst with low risk" in body
