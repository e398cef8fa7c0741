"""Plans of every kind and every mistake: read as they were written, or refused in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from planned_connections import CONTOSO, WHOLE, guid

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import Consumer, Entry, Plan, PlannedIdentity, Removal
from azure_service_connections.lifecycle.plan.plan_reading import plan_of
from azure_service_connections.lifecycle.plan.plan_writing import write_plan

TEXTS = st.text(max_size=30)
NAMES = st.text(min_size=1, max_size=30)
TIMES = st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2999, 12, 30), timezones=st.just(UTC))
TASKS = st.lists(NAMES, max_size=3).map(tuple)
CONSUMERS = st.builds(
    Consumer, project=TEXTS, pipeline=TEXTS, tasks=TASKS, unsupported=TASKS, unknown=TASKS, note=TEXTS
)
IDENTITIES = st.builds(
    lambda **values: PlannedIdentity(**values),
    kind=st.sampled_from(["application", "managedIdentity", "unknown"]),
    name=TEXTS,
    client_id=TEXTS,
    object_id=NAMES,
    resource_id=TEXTS,
)


@st.composite
def entries(draw: st.DrawFn, number: int) -> Entry:
    action = draw(st.sampled_from(["convert", "migrate-issuer", "revert", "keep"]))
    places = action in ("convert", "migrate-issuer")
    retired = {"convert": ["secrets"], "migrate-issuer": ["secrets", "old-credential"]}.get(action, [])
    return Entry(
        connection=draw(TEXTS),
        organization=CONTOSO,
        project=draw(TEXTS),
        id=guid(str(number)),
        action=action,
        reason=draw(TEXTS),
        credential=draw(st.sampled_from(["service", "place", "handoff"])) if places else "none",
        identity=draw(IDENTITIES) if places else draw(st.none() | IDENTITIES),
        consumers=draw(st.lists(CONSUMERS, max_size=2).map(tuple)),
        writes=draw(st.lists(TEXTS, max_size=2).map(tuple)),
        retire=tuple(each for each in retired if draw(st.booleans())),
        deadline=draw(st.none() | TIMES),
        expects=draw(st.text("0123456789abcdef", min_size=16, max_size=16)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return Plan(
        version=1,
        written=draw(TIMES),
        organizations=(CONTOSO,),
        entries=tuple(draw(entries(number)) for number in range(draw(st.integers(0, 3)))),
        removals=draw(
            st.lists(
                st.builds(
                    Removal,
                    kind=st.just("application"),
                    id=st.uuids().map(str),
                    name=TEXTS,
                    action=st.sampled_from(["remove", "keep"]),
                    reason=TEXTS,
                ),
                max_size=2,
                unique_by=lambda each: each.id,
            ).map(tuple)
        ),
    )


@settings(max_examples=50, deadline=timedelta(seconds=5))
@given(plans())
def test_any_plan_is_read_as_it_was_written(whole: Plan) -> None:
    assert plan_of(write_plan(whole), "plan.yaml") == whole


NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.data())
def test_a_plan_with_any_value_replaced_is_read_or_refused_in_words(data: st.DataObject) -> None:
    document = yaml.safe_load(write_plan(WHOLE))
    part: Any = document
    while True:
        places = list(part) if isinstance(part, dict) else list(range(len(part)))
        place = data.draw(st.sampled_from(places))
        deeper = isinstance(part[place], dict | list) and part[place]
        if not deeper or data.draw(st.booleans()):
            break
        part = part[place]
    if data.draw(st.booleans()):
        part[place] = data.draw(NONSENSE)
    elif isinstance(part, dict):
        part[data.draw(TEXTS)] = part.pop(place)
    else:
        part.append(part[place])
    _read_or_refused(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.data())
def test_a_plan_with_any_text_replaced_is_read_or_refused_in_words(data: st.DataObject) -> None:
    text = write_plan(WHOLE)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    between = data.draw(
        st.text(max_size=5) | st.sampled_from(["&a ", "*a", "!!set ", "- ", ": ", "{", "]", "? ", "<<: "])
    )
    _read_or_refused(text[:start] + between + text[end:])


def _read_or_refused(text: str) -> None:
    try:
        found = plan_of(text, "plan.yaml")
    except LifecycleError as error:
        said = str(error)
        assert said.startswith("plan.yaml")
        assert said.endswith(".")
        said.encode()
    else:
        assert plan_of(write_plan(found), "plan.yaml") == found
