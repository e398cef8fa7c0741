"""Secrets and certificates that have ended, or will soon."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from azure_service_connections.catalogue.wording import counted, quoted
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding

SOON: Final = timedelta(days=30)
"""A secret that ends within this time is told of, unless another time is asked for."""

_WRONG: Final = {"secret": "AADSTS7000215", "certificate": "AADSTS700027"}
_EXPIRED: Final = {"secret": "AADSTS7000222", "certificate": "AADSTS700027"}


def secret_findings(case: Case, now: datetime, soon: timedelta = SOON) -> Iterator[Finding]:
    """What is wrong with what it signs in with. Azure DevOps does not tell which of several it holds."""
    live, kind = case.live, case.live.credential_kind
    if (
        kind not in _WRONG
        or live.identity.state not in ("present", "disabled")
        or not live.identity.object_id
    ):
        return
    held = [each for each in live.identity.secrets if each.kind == kind]
    ends = [each.expires for each in held if each.expires]
    name = quoted(live.identity.name)
    if not held:
        yield case.found(
            "no-secret", f"the application {name} holds no {kind}", _renewed(case, kind), _WRONG[kind]
        )
    elif len(ends) == len(held) and (last := max(ends)) <= now:
        which = f"the {kind} of the application {name}" if len(held) == 1 else f"every {kind} of {name}"
        yield case.found(
            "credential-expired",
            f"{which} has expired, the last one on {last:%Y-%m-%d}"
            if len(held) > 1
            else f"{which} expired on {last:%Y-%m-%d}",
            _renewed(case, kind),
            _EXPIRED[kind],
        )
    elif len(ends) == len(held) and (last := max(ends)) <= now + soon:
        yield case.found(
            "credential-expiring",
            f"the {kind} of the application {name} expires on {last:%Y-%m-%d}, in {_days(last - now)}",
            _renewed(case, kind),
            _EXPIRED[kind],
        )


def _days(left: timedelta) -> str:
    return "less than a day" if left < timedelta(days=1) else counted(left.days, "day")


def _renewed(case: Case, kind: str) -> str:
    if case.declared is not None:
        key = (
            "`credential.secret.generation` up by one"
            if kind == "secret"
            else "a new `credential.certificate`"
        )
        verb = "count" if kind == "secret" else "give it"
        return f"{verb} {key} in the stack and run `pulumi up`, or federate it (`credential: federated`)"
    return (
        f"federate it (`connections plan`, then `connections apply`), or make a new {kind} and give it to "
        "the connection"
    )
