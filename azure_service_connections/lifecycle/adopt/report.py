"""What there is to say about an adoption, before and after it."""

from collections.abc import Sequence
from typing import Literal

from azure_service_connections.lifecycle.adopt.adoption import Planned
from azure_service_connections.lifecycle.adopt.outcome import AdoptedConnection, AdoptionReport, LeftOut
from azure_service_connections.lifecycle.adopt.terraform_state import TerraformState


def report_of(
    planned: Planned,
    result: Literal["adopted", "planned", "nothing"],
    terraform: TerraformState | None = None,
    more: Sequence[LeftOut] = (),
) -> AdoptionReport:
    """All of it; `more` are connections that are left out for another reason than what they are."""
    adopted = tuple(
        AdoptedConnection(
            id=each.connection.id,
            address=each.connection.address,
            key=each.key,
            identity=each.identity,
            parts=len(each.ids),
            notes=tuple(each.notes),
            terraform=terraform.addresses_of(each) if terraform is not None else (),
        )
        for each in planned.candidates
    )
    taken = [address for each in adopted for address in each.terraform]
    return AdoptionReport(
        stack=planned.stack,
        stack_file=str(planned.path),
        result=result,
        adopted=adopted,
        left_out=(*planned.left_out, *more),
        terraform_left=terraform.others(taken) if terraform is not None else (),
    )


def missing_from(
    terraform: TerraformState, found: Sequence[str], organizations: Sequence[str]
) -> tuple[LeftOut, ...]:
    """The connections of a Terraform state that the organizations do not have, or not for this operator."""
    where = " and ".join(organizations)
    return tuple(
        LeftOut(id=identifier, address=address, reason=f"it is not there or hidden from you in {where}")
        for identifier, address in terraform.connections.items()
        if identifier not in found
    )
