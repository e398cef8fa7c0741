"""What holds for any configuration, however it was written."""

import json
import string
from collections.abc import Callable
from typing import Any

import pulumi
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mock_cloud import ENDPOINT, GENERIC_ENDPOINT, ROLE_ASSIGNMENT, TENANT, Cloud, run, start
from program import answers, connect
from test_foreign_identities import CLIENT_CONFIG
from test_loader_mistakes import CERTIFICATE

from azure_service_connections.catalogue.roles import BUILT_IN_ROLES
from azure_service_connections.configuration.loader import load, load_text
from azure_service_connections.configuration.mistakes import ConfigurationError
from azure_service_connections.configuration.models import Connection
from azure_service_connections.configuration.sentences import keys_of

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)
almost = st.dictionaries(
    st.text(max_size=5),
    st.dictionaries(st.sampled_from(keys_of(Connection)) | st.text(max_size=5), anything, max_size=6)
    | anything,
    max_size=3,
)


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Every example runs the whole program; to shrink one would take minutes."""


def read(
    written: Any, loader: Callable[[Any], dict[str, Connection]] = load
) -> dict[str, Connection] | ConfigurationError:
    try:
        return loader(written)
    except ConfigurationError as error:
        return error


@given(anything | almost)
def test_the_loader_raises_nothing_but_its_own_error(written: Any) -> None:
    result = read(written)
    if isinstance(result, ConfigurationError):
        assert result.mistakes
        assert all(mistake.path.startswith("connections") and mistake.problem for mistake in result.mistakes)
    else:
        assert result.keys() == written.keys()


@given(st.text() | anything.map(json.dumps))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    result = read(text, load_text)
    if isinstance(result, ConfigurationError):
        assert all("; " in mistake.problem for mistake in result.mistakes)


@given(almost)
def test_a_report_says_each_mistake_once(written: Any) -> None:
    result = read(written)
    if isinstance(result, ConfigurationError):
        assert len(set(result.mistakes)) == len(result.mistakes)
        assert len(str(result).splitlines()) >= len(result.mistakes) + 1


def attempt(program: Callable[[], None]) -> str | None:
    """Run a program; the report with which it ends, or None."""
    try:
        program()
    except pulumi.RunError as error:
        return str(error)
    return None


guid = st.uuids().map(str)
word = st.text(alphabet=string.ascii_letters + string.digits + "-_ .()/äß", min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
simple = st.text(alphabet=string.ascii_letters + string.digits, min_size=3, max_size=12)


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


identity = st.one_of(
    st.fixed_dictionaries(
        {"appRegistration": optional(displayName=word, notes=word, owners=st.lists(guid, max_size=2))}
    ),
    st.fixed_dictionaries(
        {
            "managedIdentity": st.fixed_dictionaries(
                {"name": simple, "resourceGroup": simple},
                optional={"subscriptionId": guid, "location": st.just("westeurope")},
            )
        }
    ),
    st.builds(
        lambda subscription, group, name: {
            "managedIdentity": {
                "resourceId": f"/subscriptions/{subscription}/resourceGroups/{group}/providers"
                f"/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
            }
        },
        guid,
        simple,
        simple,
    ),
    st.fixed_dictionaries(
        {
            "servicePrincipal": st.fixed_dictionaries(
                {"clientId": guid, "tenantId": guid}, optional={"principalId": guid}
            )
        }
    ),
)
scope = st.one_of(
    st.fixed_dictionaries({"subscription": st.fixed_dictionaries({"id": guid, "name": word})}),
    st.fixed_dictionaries(
        {
            "resourceGroup": st.fixed_dictionaries(
                {"subscriptionId": guid, "subscriptionName": word, "name": simple}
            )
        }
    ),
)
scope = st.one_of(
    scope,
    st.fixed_dictionaries({"managementGroup": st.fixed_dictionaries({"id": simple, "name": word})}),
    st.fixed_dictionaries(
        {
            "workspace": st.fixed_dictionaries(
                {
                    "subscriptionId": guid,
                    "subscriptionName": word,
                    "resourceGroup": simple,
                    "name": simple,
                    "location": st.just("westeurope"),
                }
            )
        }
    ),
)


def trusting(issuer: dict[str, str]) -> st.SearchStrategy[dict[str, str]]:
    return st.one_of(
        word.map(lambda subject: {**issuer, "subject": subject}),
        word.map(lambda expression: {**issuer, "matching": expression}),
    )


role = st.fixed_dictionaries(
    {"role": st.sampled_from(sorted(BUILT_IN_ROLES)) | guid},
    optional={
        "scope": st.just("/") | guid.map("/subscriptions/{}".format),
        "condition": word,
        "description": word,
    },
)
pipeline = st.one_of(
    simple,
    st.integers(1, 2**31 - 1),
    st.fixed_dictionaries({"name": simple}, optional={"project": simple, "folder": st.just("\\Team")}),
    st.fixed_dictionaries({"id": st.integers(1, 99)}, optional={"project": guid}),
)
access = st.one_of(
    optional(pipelines=st.lists(pipeline, max_size=3)), st.just({"allPipelines": True}), st.just({})
)
made_credential = st.one_of(
    st.just({"credential": "federated"}),
    st.fixed_dictionaries(
        {
            "credential": st.fixed_dictionaries(
                {
                    "secret": st.fixed_dictionaries(
                        {"expires": st.dates().map("{}T00:00:00Z".format)},
                        optional={"generation": st.integers(1, 5)},
                    )
                }
            )
        }
    ),
    st.just({"credential": {"certificate": CERTIFICATE}}),
    st.just({}),
)
of_application = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.just({"appRegistration": {}}),
    made_credential,
    optional(
        cloud=st.sampled_from(["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"]).map(
            lambda environment: {"environment": environment}
        ),
        replace=st.just("allowed"),
        sharedWith=st.lists(simple, max_size=2),
        trusts=st.dictionaries(
            simple, st.fixed_dictionaries({"issuer": word}, optional={}).flatmap(trusting), max_size=2
        ),
    ),
)
foreign = st.one_of(
    st.fixed_dictionaries({"automatic": optional(tenantId=guid)}),
    st.fixed_dictionaries({"agentIdentity": st.fixed_dictionaries({"principalId": guid})}),
)
connection = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.fixed_dictionaries(
        {"project": simple | guid},
        optional={"connectionName": word, "description": word},
    ),
    st.one_of(identity, of_application, foreign),
    scope,
    access,
    optional(roles=st.dictionaries(word, role, max_size=3)),
)


KNOWN_ONLY_TOGETHER = (
    "too; write another connectionName",
    "makes this identity",
    "managedIdentity.subscriptionId: is missing",
    "cannot be waited for with",
    "is no scope for `agentIdentity`",
)
"""What the generated parts of a connection, or two connections, may have wrong with each other."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None, phases=QUICK)
@given(st.dictionaries(word, connection, max_size=3))
def test_what_the_loader_accepts_the_components_accept(written: dict[str, Any]) -> None:
    accepted = read(written)
    if isinstance(accepted, ConfigurationError):  # two generated connections may have one name
        assert all(
            any(words in str(mistake) for words in KNOWN_ONLY_TOGETHER) for mistake in accepted.mistakes
        )
        return
    found = {
        CLIENT_CONFIG: lambda asked: {"tenantId": TENANT},
    }
    cloud = start(Cloud(answers={**answers(), **found}))
    refused = attempt(lambda: run(lambda: connect(json.dumps(written), secret=True)))
    if refused:  # what shows only once names are looked up
        assert "nothing was changed:\n" in refused
        assert cloud.of(ENDPOINT) == []
        return
    assert len(cloud.of(ENDPOINT)) + len(cloud.of(GENERIC_ENDPOINT)) == len(written)
    assert len(cloud.of(ROLE_ASSIGNMENT)) == sum(len(each.get("roles", {})) for each in written.values())
