"""Diagnoses of the connections of a world, and the states that it is put into."""

from datetime import UTC, datetime, timedelta
from typing import Any

from served_cloud import World

from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.diagnosing import Diagnosis, diagnose
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.kinds import ANY, KINDS
from azure_service_connections.lifecycle.inventory.estate_reader import read_estate
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.stack_output import Connection


def diagnoses(
    world: World,
    services: Services,
    *names: str,
    declared: Connection | None = None,
    soon: timedelta = timedelta(days=30),
) -> list[Diagnosis]:
    """The diagnoses of connections by name; of all without a name."""
    found = read_estate(services, [world.environment["AZDO_ORG_SERVICE_URL"]], names=names)
    assert found
    told, unseen = diagnose(services, [Case(each, declared) for each in found], datetime.now(UTC), soon=soon)
    assert unseen == (), unseen
    for diagnosis in told:
        for each in diagnosis.findings:
            codes = KINDS[each.kind].codes
            assert ANY in codes or each.code in codes or (not each.code and not codes), each
    return told


def findings(
    world: World, services: Services, name: str, declared: Connection | None = None
) -> tuple[Finding, ...]:
    """The findings about one connection."""
    (diagnosis,) = diagnoses(world, services, name, declared=declared)
    return diagnosis.findings


def finding(world: World, services: Services, name: str, declared: Connection | None = None) -> Finding:
    """The one finding about a connection."""
    (found,) = findings(world, services, name, declared)
    return found


def code_of_sign_in(world: World, services: Services, name: str) -> str:
    """The code with which the sign-in of a connection is refused, by Azure DevOps' own test."""
    (diagnosis,) = diagnoses(world, services, name)
    assert not diagnosis.attempt.signs_in
    return diagnosis.attempt.code


def trust(world: World, name: str) -> dict[str, Any]:
    """The federated credential of a connection of the estate."""
    return world.one("federated-credentials", name=f"connection-{name}")


def change_trust(world: World, name: str, **values: Any) -> None:
    """Change the federated credential of a connection of the estate by hand."""
    world.put("federated-credentials", {**trust(world, name), **values})


def parameters(world: World, name: str) -> dict[str, str]:
    """Issuer, subject and more of a connection of the estate, as its page shows them."""
    endpoint = next(
        each for each in world.cloud.store.find("endpoints") if each["references"][0]["name"] == name
    )
    return dict(endpoint["authorization"]["parameters"])


def change_endpoint(world: World, name: str, **values: Any) -> None:
    """Change what the sandbox keeps of a connection."""
    endpoint = next(
        each for each in world.cloud.store.find("endpoints") if each["references"][0]["name"] == name
    )
    world.put("endpoints", {**endpoint, **values})
