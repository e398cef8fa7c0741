"""The schema that the engine reads from the component package."""

import json

from engine_stack import ROOT, Sandbox, run


def test_the_engine_reads_the_schema_that_is_kept(sandbox: Sandbox) -> None:
    read = run(["pulumi", "package", "get-schema", "./components"], sandbox.environment)
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout) == json.loads((ROOT / "components" / "schema.json").read_text())
