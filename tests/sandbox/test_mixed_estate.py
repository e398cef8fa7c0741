"""The estate of hundreds of connections for runs at size: its file, and the cloud that comes of it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from azure_service_connections.sandbox import estate
from azure_service_connections.sandbox.cloud import Cloud
from benchmarks.mixed_estate import estate_file, mixed_estate
from benchmarks.mixed_kinds import KINDS, counts


@pytest.fixture(scope="module")
def planted() -> Iterator[Cloud]:
    """A cloud with 300 connections, which these tests only look at."""
    with closing(Cloud()) as cloud:
        estate.replant(cloud, estate_file())
        yield cloud


@given(st.integers(2, 1500))
def test_every_connection_is_of_one_kind_and_every_kind_has_one_where_they_suffice(number: int) -> None:
    found = counts(number)
    assert sum(found.values()) == number
    assert number < len(KINDS) or min(found.values()) >= 1


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 5), st.integers(10, 400), st.integers(0, 99))
def test_an_estate_of_any_size_is_without_mistakes(organizations: int, number: int, seed: int) -> None:
    loaded = estate.load(estate_file(number, organizations, seed))
    assert len(loaded.organizations) == organizations
    held = [each for organization in loaded.organizations for each in organization.projects]
    assert sum(len(project.service_connections) for project in held) == number


def test_the_same_numbers_give_the_same_file_and_another_seed_another_one() -> None:
    assert estate_file(60, 2) == estate_file(60, 2)
    assert mixed_estate(60, 2, 1) != mixed_estate(60, 2, 2)


def test_three_hundred_connections_are_planted_in_three_organizations(planted: Cloud) -> None:
    assert len(planted.store.keys("endpoints")) == 300
    organizations = Counter(each["organization"] for each in planted.store.find("endpoints"))
    assert len(organizations) == 3
    assert min(organizations.values()) >= 90


def test_their_schemes_issuers_and_identities_are_mixed(planted: Cloud) -> None:
    found = planted.store.find("endpoints")
    schemes = Counter(each["authorization"]["scheme"] for each in found)
    assert set(schemes) == {"ServicePrincipal", "WorkloadIdentityFederation", "ManagedServiceIdentity"}
    federated = [each for each in found if each["authorization"]["scheme"] == "WorkloadIdentityFederation"]
    assert {each["issuerKind"] for each in federated} == {"entra", "devops"}
    types = {each["data"].get("identityType") for each in found}
    assert types >= {"AppRegistrationAutomatic", "AppRegistrationManual", "ManagedIdentity"}
    assert {each["data"]["environment"] for each in found} == {
        *("AzureCloud", "AzureUSGovernment", "AzureChinaCloud", "AzureStack")
    }
    assert {each["data"]["scopeLevel"] for each in found} == {
        *("Subscription", "ManagementGroup", "AzureMLWorkspace")
    }


def test_some_are_shared_disabled_failed_used_checked_or_have_lost_their_application(planted: Cloud) -> None:
    found = planted.store.find("endpoints")
    for few in (
        [each for each in found if len(each["references"]) > 1],
        [each for each in found if each["isDisabled"]],
        [each for each in found if not each["isReady"]],
        [each for each in found if "reversion" in each],
        planted.store.find("checks"),
        planted.store.find("deleted-items", type="applications"),
    ):
        assert 3 <= len(few) <= 60
    assert 150 <= len(planted.store.find("runs")) <= 300


def test_orphans_trust_a_connection_that_never_was_and_roles_are_left_of_nobody(planted: Cloud) -> None:
    ids = set(planted.store.keys("endpoints"))
    orphans = [
        each
        for each in planted.store.find("federated-credentials")
        if each["subject"].startswith("/eid1/") and each["subject"].rpartition("/")[2] not in ids
    ]
    assert orphans
    known = set(planted.store.keys("service-principals")) | set(planted.store.keys("users"))
    assert [each for each in planted.store.find("role-assignments") if each["principalId"] not in known]


def test_every_pipeline_names_connections_of_its_project_and_some_use_tasks_without_federation() -> None:
    content = mixed_estate()
    texts = []
    for organization in content["organizations"]:
        for project in organization["projects"]:
            names = {each["name"] for each in project["serviceConnections"]}
            for pipeline in project["pipelines"]:
                assert yaml.safe_load(pipeline["yaml"])
                texts.append(pipeline["yaml"])
                if not pipeline["name"].startswith("test-"):
                    assert any(name in pipeline["yaml"] for name in names)
    unsupported = [text for text in texts if "AzureFileCopy@4" in text or "AzureNLBManagement@1" in text]
    assert 5 <= len(unsupported) <= 60


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.mixed_estate", "--connections", "40", "--organizations", "2"]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert written == estate_file(40, 2)
    assert "# 40 service connections in 2 organizations, seed 11:" in written
    subprocess.run([*command, "--output", str(tmp_path / "mixed.yaml")], check=True)
    assert (tmp_path / "mixed.yaml").read_text("utf-8") == written
    refused = subprocess.run([*command, "--organizations", "9"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) == (1, "error: --organizations is 9; write 1 to 5\n")
