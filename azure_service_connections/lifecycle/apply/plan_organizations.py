"""Which organizations of a plan are reached: a token goes only where the operator wants it to go."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from azure_service_connections.catalogue.wording import listed, quoted
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.organizations import (
    HOSTED,
    organization_addresses,
    organization_name,
)
from azure_service_connections.lifecycle.plan.plan_file import Plan


def plan_within(plan: Plan, path: Path, given: Sequence[str], environment: Mapping[str, str]) -> Plan:
    """The plan with its entries of the organizations that are given; all of them where none are.

    Without any, only organizations at the host of AZDO_ORG_SERVICE_URL (default: dev.azure.com) are reached:
    whoever edits a plan must not be able to send the operator's token elsewhere. Raises LifecycleError for a
    plan that is about others.
    """
    own = environment.get("AZDO_ORG_SERVICE_URL") or HOSTED
    of_plan = [*(each.organization for each in plan.entries), *(each.organization for each in plan.removals)]
    if not given:
        for address in dict.fromkeys(each for each in of_plan if each):
            if urlsplit(address).netloc.lower() != urlsplit(own).netloc.lower():
                raise LifecycleError(
                    f"{path} is about the organization {address}, which is at another host than "
                    f"{urlsplit(own).netloc}; name it with --organization if your token may go there."
                )
        return plan
    wanted = {each.casefold() for each in organization_addresses(given, environment)}
    entries = tuple(each for each in plan.entries if _same(each.organization) in wanted)
    removals = tuple(
        each for each in plan.removals if not each.organization or _same(each.organization) in wanted
    )
    if not entries and not removals:
        about = sorted({quoted(organization_name(each)) for each in of_plan if each})
        asked = listed([quoted(organization_name(each)) for each in wanted], "and")
        raise LifecycleError(
            f"{path} is about {listed(about, 'and') if about else 'no organization'}, not about {asked}; "
            "name one of its organizations, or leave --organization out."
        )
    return plan.model_copy(update={"entries": entries, "removals": removals})


def _same(address: str) -> str:
    return address.rstrip("/").casefold()
