"""The page about seeing what exists: its commands show what it says, its words and figures are the code's."""

import json
import re

from documentation import ROOT, blocks
from documented_checkout import Checkout

from azure_service_connections.cli import orphans
from azure_service_connections.lifecycle.inventory import identity_reader, organization_reader
from azure_service_connections.lifecycle.inventory.findings import SOON
from azure_service_connections.lifecycle.throttling import MOST_AT_A_TIME

PAGE = "docs/inventory.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
(SHELL,) = blocks(PAGE, "sh")
(SHOWN,) = blocks(PAGE, "text")
DATE = re.compile(r"20\d\d-\d\d-\d\d")


def test_the_commands_show_the_sample_estate_as_the_page_does(checkout: Checkout) -> None:
    table, problems, records, rows, lost = [checkout.sandboxed(command) for command in SHELL.commands]
    for printed in (table, problems):
        assert lines_of(printed)[: len(lines_of(SHOWN.text))] == lines_of(SHOWN.text)
    (record,) = json.loads(records[: records.rindex("]") + 1])
    assert (record["name"], record["conversion"]["possible"]) == ("payments-legacy", True)
    assert rows.startswith("organization,project,connection,")
    assert "no orphans" in lost


def lines_of(text: str) -> list[str]:
    return [DATE.sub("…", line.rstrip()) for line in text.splitlines() if line.strip()]


def test_every_verdict_of_the_page_is_one_of_the_command() -> None:
    table = TEXT.split("| In the table | What it says |\n|---|---|\n")[1].split("\n\n")[0]
    named = {words.strip() for row in table.splitlines() for words in row.split("|")[1].split(",")}
    source = "".join(
        (ROOT / "azure_service_connections" / name).read_text("utf-8")
        for name in ("lifecycle/inventory/findings.py", "cli/inventory.py")
    )
    for words in named - {"migrate by 2027-07-01", "keeps its secret", "revert until …"}:
        kind, _, rest = words.partition(" ")
        assert f'"{words}"' in source or f'"{{kind}} {rest}"' in source, (kind, words)


def test_the_figures_of_the_page_are_the_code_s() -> None:
    assert (identity_reader.IN_ONE_FILTER, organization_reader.CHECKS_AT_A_TIME) == (15, 100)
    assert "identities fifteen in one request and checks a hundred" in TEXT
    assert f"at most {MOST_AT_A_TIME} requests to one service at a time" in TEXT
    assert f"within {SOON.days} days" in TEXT
    assert f"with exit code {orphans.FINDINGS} where there is something" in TEXT
