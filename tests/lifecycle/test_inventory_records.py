"""Records of connections as JSON and as rows of a spreadsheet, for whatever their names hold."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planned_connections import NO, connection

from azure_service_connections.lifecycle.document import Document
from azure_service_connections.lifecycle.inventory.csv_rows import as_csv
from azure_service_connections.lifecycle.inventory.existing_connection import (
    Check,
    ExistingConnection,
    Pipeline,
    Project,
    Use,
    Verdict,
)
from azure_service_connections.lifecycle.inventory.findings import findings
from azure_service_connections.lifecycle.inventory.identity import HeldRole, Identity, Secret, Trust

TEXT = st.text(max_size=20)
NAME = st.one_of(
    TEXT, st.sampled_from(["=1+1", "@SUM(A1)", "-2", "+3", " =x", "\t=x", "a\n=b", 'a"b', "ä,ö"])
)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def build(model: type[Document], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields).map(lambda values: model(**values))


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=3).map(tuple)


IDENTITIES = build(
    Identity,
    state=st.sampled_from(["present", "disabled", "deleted", "missing", "notVisible"]),
    kind=st.sampled_from(["application", "managedIdentity", "unknown"]),
    client_id=TEXT,
    name=NAME,
    object_id=TEXT,
    resource_id=TEXT,
    principal_id=TEXT,
    multi_tenant=st.booleans(),
    owners=some(NAME),
    secrets=some(
        build(
            Secret,
            kind=st.sampled_from(["secret", "certificate"]),
            key_id=TEXT,
            name=NAME,
            hint=TEXT,
            expires=st.none() | TIMES,
        )
    ),
    trusts=some(
        build(
            Trust,
            id=TEXT,
            name=TEXT,
            issuer=TEXT,
            subject=TEXT,
            audiences=some(TEXT),
            expression=TEXT,
            description=TEXT,
        )
    ),
    shared_by=st.integers(1, 500),
)
VERDICTS = build(Verdict, possible=st.booleans(), reason=NAME)
CONNECTIONS = build(
    ExistingConnection,
    organization=st.just("https://dev.azure.com/contoso"),
    organization_id=TEXT,
    id=TEXT,
    name=NAME,
    description=TEXT,
    projects=st.lists(
        build(Project, id=TEXT, name=NAME, connection_name=NAME, description=TEXT), min_size=1, max_size=3
    ).map(tuple),
    owner=NAME,
    created=st.none() | TIMES,
    modified=st.none() | TIMES,
    scheme=st.sampled_from(["WorkloadIdentityFederation", "ServicePrincipal", "ManagedServiceIdentity"]),
    creation_mode=st.sampled_from(["", "Manual", "Automatic"]),
    credential_kind=st.sampled_from(["federated", "secret", "certificate", "none", "publishProfile"]),
    issuer_kind=st.sampled_from(["entra", "devops", ""]),
    issuer=TEXT,
    subject=NAME,
    scope=NAME,
    subscription_name=NAME,
    ready=st.booleans(),
    disabled=st.booleans(),
    status=NAME,
    revert_deadline=st.none() | TIMES,
    identity=IDENTITIES,
    roles=some(
        build(HeldRole, assignment_id=TEXT, role=NAME, role_definition_id=TEXT, scope=TEXT, principal_id=TEXT)
    ),
    all_pipelines=st.booleans(),
    pipelines=some(build(Pipeline, id=st.integers(0), name=NAME, project_id=TEXT, project=NAME)),
    checks=some(
        build(
            Check,
            id=st.integers(0),
            kind=NAME,
            project_id=TEXT,
            enabled=st.booleans(),
            timeout_minutes=st.none() | st.integers(1),
            settings=st.dictionaries(TEXT, st.one_of(TEXT, st.booleans(), st.none()), max_size=2),
        )
    ),
    last_used=st.none() | build(Use, finished=TIMES, result=NAME, pipeline=NAME),
    subscription_gone=st.booleans(),
    unseen=some(NAME),
    conversion=VERDICTS,
    migration=VERDICTS,
    reversion=VERDICTS,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONNECTIONS)
def test_a_record_comes_back_from_json_as_it_was(record: ExistingConnection) -> None:
    text = json.dumps(record.as_json(), ensure_ascii=False)
    read = ExistingConnection.model_validate_json(text)
    assert read == record
    assert read.fingerprint() == record.fingerprint()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CONNECTIONS, max_size=4))
def test_no_cell_of_a_spreadsheet_is_a_formula_and_every_row_is_whole(
    records: list[ExistingConnection],
) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    text = as_csv([(each, findings(each, now)) for each in records])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(records) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert not set(cell) & set("\t\r\n")
    if records:
        column = rows[0].index("connections of the identity")
        assert [row[column] for row in rows[1:]] == [str(each.identity.shared_by) for each in records]


def test_a_row_says_what_a_person_looks_for() -> None:
    looked_at = connection(
        "shop",
        pipelines=(Pipeline(id=7, name="deploy", project_id="p", project="Web"),),
        roles=(
            HeldRole(assignment_id="a", role="Reader", role_definition_id="d", scope="/s", principal_id="p"),
        ),
        conversion=NO,
    )
    [heads, row] = csv.reader(io.StringIO(as_csv([(looked_at, ())])))
    said = dict(zip(heads, row, strict=True))
    assert said["organization"] == "contoso"
    assert (said["project"], said["connection"]) == ("Web", "shop")
    assert said["expires"] == "2027-01-31T00:00:00Z"
    assert said["pipelines"] == "Web/deploy"
    assert said["roles"] == "Reader at /s"
    assert (said["convertible"], said["conversion"]) == ("no", NO.reason)
