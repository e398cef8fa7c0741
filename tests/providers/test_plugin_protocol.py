"""What both plugins tell the engine about themselves, and how they sign in."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from google.protobuf import empty_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from azure_service_connections.providers.azure_native.package import AzureNativePlugin
from azure_service_connections.providers.azuread.package import AzureadPlugin
from azure_service_connections.providers.errors import PluginError
from azure_service_connections.providers.pauses import Pauses
from azure_service_connections.providers.property_values import (
    UNKNOWN,
    Secret,
    holds_secret,
    holds_unknown,
    keep_secrets,
    plain,
    read_struct,
    write_struct,
)
from tests.providers.recorded_engine import Engine, RecordedPauses, RefusedError
from tests.providers.recording_cloud import CALLER, CLIENT, HOST, SUBSCRIPTION, TENANT, RecordingCloud

NAMES = st.text(min_size=1)
VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(-(2**50), 2**50) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1), inner, max_size=3)
        | inner.map(Secret)
    ),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(NAMES, VALUES, max_size=4)


@given(PROPERTIES)
def test_values_survive_the_way_to_the_engine_and_back(properties: dict) -> None:
    assert read_struct(write_struct(properties)) == properties


@given(PROPERTIES)
def test_plain_values_hold_no_secret_and_the_same_unknowns(properties: dict) -> None:
    bare = plain(properties)
    assert not holds_secret(bare)
    assert holds_unknown(bare) == holds_unknown(properties)


@given(PROPERTIES)
def test_marks_put_on_again_hide_at_least_what_was_hidden(properties: dict) -> None:
    marked = keep_secrets(plain(properties), properties)
    assert plain(marked) == plain(properties)
    for name, value in properties.items():
        assert holds_secret(marked[name]) == holds_secret(value)


@pytest.mark.parametrize("name", ["azuread", "azure_native"])
def test_the_engine_is_told_what_is_understood(request: pytest.FixtureRequest, name: str) -> None:
    engine: Engine = request.getfixturevalue(f"unconfigured_{name}")
    hello = engine.call("Handshake", provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert hello.accept_secrets
    assert hello.accept_resources
    assert hello.accept_outputs
    arguments = {"metadataHost": HOST, "tenantId": TENANT, "clientId": CLIENT, "clientSecret": "x"}
    package = name.replace("_", "-")
    configured = engine.configure(package, subscriptionId=SUBSCRIPTION, **arguments)
    assert configured.supportsPreview
    assert configured.acceptSecrets
    version = engine.call("GetPluginInfo", empty_pb2.Empty()).version
    assert version == {"azuread": "6.11.1", "azure_native": "3.29.0"}[name]
    assert engine.call("Attach", plugin_pb2.PluginAttach(address="x")) == empty_pb2.Empty()


@pytest.mark.parametrize("name", ["azuread", "azure_native"])
def test_the_schema_names_everything_that_is_offered(request: pytest.FixtureRequest, name: str) -> None:
    engine: Engine = request.getfixturevalue(f"unconfigured_{name}")
    schema = json.loads(engine.call("GetSchema", provider_pb2.GetSchemaRequest()).schema)
    plugin = {"azuread": AzureadPlugin, "azure_native": AzureNativePlugin}[name]()
    assert schema["resources"].keys() == plugin.resources.keys()
    assert schema["functions"].keys() == plugin.functions.keys()
    for resource in schema["resources"].values():
        assert set(resource["requiredInputs"]) <= resource["inputProperties"].keys()
        assert set(resource["required"]) <= resource["properties"].keys()


def test_every_property_of_the_published_sdk_is_known(unconfigured_azuread: Engine) -> None:
    import pulumi_azuread  # the generated package is large: only this test pays for it

    schema = json.loads(unconfigured_azuread.call("GetSchema", provider_pb2.GetSchemaRequest()).schema)
    for token, resource in schema["resources"].items():
        published = getattr(pulumi_azuread, token.rpartition(":")[2])
        names = {
            member.fget.__dict__.get("_pulumi_name", name)
            for name, member in vars(published).items()
            if isinstance(member, property)
        }
        assert resource["properties"].keys() == names, token


def test_another_argument_updates_a_provider_and_never_replaces_it(azuread: Engine) -> None:
    request = provider_pb2.DiffRequest(
        olds=write_struct({"metadataHost": "a"}), news=write_struct({"metadataHost": "b"})
    )
    answer = azuread.call("DiffConfig", request)
    assert answer.changes == answer.DIFF_SOME
    assert list(answer.replaces) == []
    checked = azuread.call("CheckConfig", provider_pb2.CheckRequest(news=write_struct({"a": Secret("b")})))
    assert read_struct(checked.inputs) == {"a": Secret("b")}


def test_a_client_secret_signs_in_when_azuread_is_configured(azuread: Engine, cloud: RecordingCloud) -> None:
    assert cloud.forms == [
        {
            "client_id": CLIENT,
            "client_secret": "pa55",
            "grant_type": "client_credentials",
            "scope": "https://cloud.example:18443/.default",
        }
    ]


def test_the_environment_fills_in_what_is_not_configured(
    unconfigured_azuread: Engine, cloud: RecordingCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    monkeypatch.setenv("ARM_METADATA_HOSTNAME", HOST)
    monkeypatch.setenv("ARM_TENANT_ID", TENANT)
    monkeypatch.setenv("ARM_CLIENT_ID", "from the environment")
    monkeypatch.setenv("ARM_CLIENT_SECRET_FILE_PATH", str(secret))
    unconfigured_azuread.configure("azuread", clientId=CLIENT)
    assert cloud.forms[0]["client_id"] == CLIENT
    assert cloud.forms[0]["client_secret"] == "from a file"


def test_an_azure_pipelines_token_is_asked_for_with_the_connections_id(
    unconfigured_azuread: Engine, cloud: RecordingCloud
) -> None:
    cloud.plan("POST", "/oidc", 200, {"oidcToken": "a.b.c"})
    unconfigured_azuread.configure(
        "azuread",
        metadataHost=HOST,
        tenantId=TENANT,
        clientId=CLIENT,
        useOidc="true",
        oidcRequestUrl=f"https://{HOST}/oidc",
        oidcRequestToken="job token",
        adoPipelineServiceConnectionId=CALLER,
    )
    assert cloud.requests == [
        f"POST /oidc?audience=api%3A%2F%2FAzureADTokenExchange&api-version=7.1&serviceConnectionId={CALLER}"
    ]
    assert cloud.headers[0]["authorization"] == "Bearer job token"
    assert cloud.forms[0]["client_assertion"] == "a.b.c"


@pytest.mark.parametrize(
    ("package", "arguments", "sentence"),
    [
        ("azuread", {}, "this azuread plugin speaks to the local cloud only; set ARM_METADATA_HOSTNAME"),
        ("azuread", {"metadataHost": "https://x"}, "metadataHost is 'https://x'; write host:port without"),
        ("azuread", {"metadataHost": HOST}, "tenantId is missing; set it"),
        ("azuread", {"metadataHost": HOST, "tenantId": TENANT}, "clientId is missing; set it"),
        (
            "azuread",
            {"metadataHost": HOST, "tenantId": TENANT, "clientId": CLIENT},
            "no way to sign in is configured; set clientSecret",
        ),
        ("azure-native", {"metadataHost": HOST}, "A Subscription ID must be configured when authenticating"),
    ],
)
def test_a_missing_argument_is_said_in_one_sentence(
    request: pytest.FixtureRequest, package: str, arguments: dict[str, str], sentence: str
) -> None:
    engine: Engine = request.getfixturevalue(f"unconfigured_{package.replace('-', '_')}")
    with pytest.raises(RefusedError, match=f"^{sentence}"):
        engine.configure(package, **arguments)


def test_a_refused_sign_in_is_told_in_entras_words_without_the_secret(
    unconfigured_azuread: Engine, cloud: RecordingCloud
) -> None:
    cloud.token_claims = {}
    arguments = {"metadataHost": HOST, "tenantId": TENANT, "clientId": CLIENT, "clientSecret": "pa55"}
    with pytest.raises(RefusedError, match=r"^the access token has no oid claim"):
        unconfigured_azuread.configure("azuread", **arguments)


def test_many_requests_are_answered_at_the_same_time(azure_native: Engine, cloud: RecordingCloud) -> None:
    urn = "urn:pulumi:dev::demo::azure-native:resources:ResourceGroup::rg"

    def create(number: int) -> str:
        inputs, _ = azure_native.check(urn, {"resourceGroupName": f"rg-{number}", "location": "x"})
        return azure_native.create(urn, inputs)[0]

    with ThreadPoolExecutor(48) as pool:
        made = set(pool.map(create, range(96)))
    assert len(made) == len(cloud.objects) == 96


def test_a_cancelled_plugin_ends_its_waits(cloud: RecordingCloud) -> None:
    engine = Engine(AzureNativePlugin(Pauses(factor=1.0), cloud))
    arguments = {"metadataHost": HOST, "tenantId": TENANT, "clientId": CLIENT, "clientSecret": "x"}
    engine.configure("azure-native", subscriptionId=SUBSCRIPTION, **arguments)
    cloud.plan("PUT", "resourcegroups", 500)
    urn = "urn:pulumi:dev::demo::azure-native:resources:ResourceGroup::rg"
    engine.call("Cancel", empty_pb2.Empty())
    with pytest.raises(RefusedError, match=r"^the operation was cancelled\.$"):
        engine.create(urn, {"resourceGroupName": "rg", "location": "x"})
    engine.close()


@pytest.mark.parametrize("text", ["-1", "soon", "inf"])
def test_a_pause_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SANDBOX_PROVIDER_PAUSE", text)
    with pytest.raises(PluginError, match="SANDBOX_PROVIDER_PAUSE is"):
        Pauses.from_environment()


def test_a_defect_of_the_plugin_is_one_sentence(azure_native: Engine, cloud: RecordingCloud) -> None:
    urn = "urn:pulumi:dev::demo::azure-native:resources:ResourceGroup::rg"
    cloud._arm = None  # type: ignore[assignment]
    with pytest.raises(RefusedError, match=r"^the plugin itself failed at \w+\.py:\d+ \(TypeError: .*it\.$"):
        azure_native.delete(urn, "/x", {})


def test_recorded_pauses_are_in_the_published_plugins_seconds() -> None:
    pauses = RecordedPauses()
    pauses.wait(5.0)
    assert pauses.waits == [5.0]
