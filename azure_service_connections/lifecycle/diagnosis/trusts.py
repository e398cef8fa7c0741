"""The connection's issuer, subject and audience against each federated credential of its identity.

Entra ID compares byte for byte, first the issuer, then the audience, then the subject, and has a code for
each; where upper and lower case are all that differs, the code is another one.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from azure_service_connections.catalogue.issuers import Issuer, issuer_kind
from azure_service_connections.catalogue.wording import counted, quoted
from azure_service_connections.lifecycle.diagnosis import az_command
from azure_service_connections.lifecycle.diagnosis.case import Case
from azure_service_connections.lifecycle.diagnosis.finding import Finding
from azure_service_connections.lifecycle.diagnosis.subject_expression import takes
from azure_service_connections.lifecycle.diagnosis.text_difference import hardly_seen, only_case
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED
from azure_service_connections.lifecycle.inventory.identity import Trust

_ONLY_CASE: Final = "AADSTS7002138"
_NAMES: Final = "sc://"
_PARTS: Final = ("organization", "project", "connection")
_OWNERS: Final = {Issuer.ENTRA: "Entra's", Issuer.DEVOPS: "Azure DevOps' own"}


def trust_findings(case: Case) -> Iterator[Finding]:
    """What keeps the identity from trusting the connection; at most one thing, and credentials too many."""
    live, identity = case.live, case.live.identity
    if live.scheme != FEDERATED or not live.issuer or not live.subject:
        return
    if identity.state not in ("present", "disabled") or case.hidden("federated credentials"):
        return
    if not (identity.object_id or identity.resource_id):
        return
    trusts = identity.trusts
    if not trusts:
        yield case.found(
            "no-credential",
            f"{_identity(case)} has no federated credential",
            case.mended(_place(case)),
            "AADSTS70025",
        )
        return
    if found := _untrusted(case, trusts):
        yield found
    yield from _too_many(case, trusts)


def _untrusted(case: Case, trusts: Sequence[Trust]) -> Finding | None:
    live = case.live
    of_issuer = [each for each in trusts if each.issuer == live.issuer]
    if not of_issuer:
        return _wrong_issuer(case, trusts)
    of_audience = [each for each in of_issuer if case.audience in each.audiences]
    if not of_audience:
        return _wrong_audience(case, of_issuer)
    if any(_is_for(each, live.subject) for each in of_audience):
        return None
    return _wrong_subject(case, of_audience)


def _is_for(trust: Trust, subject: str) -> bool:
    # An expression about claims that only the token holds may take it; the sign-in tells.
    return trust.subject == subject or (
        bool(trust.expression) and takes(trust.expression, subject) is not False
    )


def _wrong_issuer(case: Case, trusts: Sequence[Trust]) -> Finding:
    wanted = case.live.issuer
    alike = _nearest_by([(each, each.issuer) for each in trusts], wanted)
    if alike is not None:
        trust, how = alike
        code = _ONLY_CASE if only_case(trust.issuer, wanted) else "AADSTS700211"
        what = f"the issuer of the federated credential {quoted(trust.name)} {how}"
        return case.found("issuer-differs", what, case.mended(_correct(case, trust)), code)
    same = next((each for each in trusts if each.subject == case.live.subject), None)
    if same is not None:
        what = (
            f"the federated credential {quoted(same.name)} trusts the issuer {same.issuer}, and the "
            f"connection's is {wanted}"
        )
        return case.found("issuer-differs", what, case.mended(_correct(case, same)), "AADSTS700211")
    kinds = {kind for each in trusts if (kind := issuer_kind(each.issuer))}
    own = issuer_kind(wanted)
    other = next((_OWNERS[kind] for kind in kinds if kind is not own), "")
    told = f"; it trusts {other} issuer, as before a move" if other and own else ""
    what = (
        f"none of the {counted(len(trusts), 'federated credential')} of {_identity(case)} has the issuer "
        f"{wanted}{told}"
    )
    return case.found("issuer-differs", what, case.mended(_place(case)), "AADSTS700211")


def _wrong_audience(case: Case, trusts: Sequence[Trust]) -> Finding:
    wanted = case.audience
    trust = next((each for each in trusts if each.subject == case.live.subject), trusts[0])
    held = trust.audiences[0] if trust.audiences else ""
    how = hardly_seen(held, wanted) or f"is {quoted(held)}, and the connection's is {quoted(wanted)}"
    code = (
        _ONLY_CASE if any(only_case(a, wanted) for each in trusts for a in each.audiences) else "AADSTS700212"
    )
    what = f"the audience of the federated credential {quoted(trust.name)} {how}"
    return case.found("audience-differs", what, case.mended(_correct(case, trust)), code)


def _wrong_subject(case: Case, trusts: Sequence[Trust]) -> Finding:
    wanted = case.live.subject
    plain = [each for each in trusts if not each.expression]
    flexible = len(plain) < len(trusts)
    code = "AADSTS7002131" if flexible else "AADSTS700213"
    if alike := _nearest_by([(each, each.subject) for each in plain], wanted):
        trust, how = alike
        if only_case(trust.subject, wanted) and not flexible:
            code = _ONLY_CASE
        what = f"the subject of the federated credential {quoted(trust.name)} {how}"
        return case.found("subject-differs", what, case.mended(_correct(case, trust)), code)
    for trust in plain:
        if how := _old_name(trust.subject, wanted):
            what = f"the federated credential {quoted(trust.name)} {how}"
            return case.found("old-name", what, case.mended(_correct(case, trust)), code)
    expressions = ", nor does an expression take it" if flexible else ""
    what = f"no federated credential of {_identity(case)} has the subject {wanted}{expressions}"
    return case.found("subject-differs", what, case.mended(_place(case)), code)


def _nearest_by(trusts: Sequence[tuple[Trust, str]], wanted: str) -> tuple[Trust, str] | None:
    """The first credential whose text looks like the wanted one, and how it differs."""
    return next(((trust, how) for trust, text in trusts if (how := hardly_seen(text, wanted))), None)


def _old_name(found: str, wanted: str) -> str:
    """How a subject of names differs in one name; empty where it is no such subject or about another one."""
    if not (found.startswith(_NAMES) and wanted.startswith(_NAMES)):
        return ""
    held, goal = found.removeprefix(_NAMES).split("/"), wanted.removeprefix(_NAMES).split("/")
    if len(held) != len(_PARTS) or len(goal) != len(_PARTS):
        return ""
    changed = [n for n in range(len(_PARTS)) if held[n] != goal[n]]
    if len(changed) != 1:
        return ""
    at = changed[0]
    return f"still has {quoted(held[at])} as the name of the {_PARTS[at]}, which is {quoted(goal[at])} now"


def _too_many(case: Case, trusts: Sequence[Trust]) -> Iterator[Finding]:
    """Credentials that have the connection's subject beside the one that it needs."""
    live = case.live
    same = [each for each in trusts if each.subject == live.subject]
    right = [each for each in same if each.issuer == live.issuer and case.audience in each.audiences]
    if not right or len(same) < 2:
        return
    others = [each for each in same if each is not right[0]]
    names = ", ".join(quoted(each.name) for each in others)
    yield case.found(
        "two-credentials",
        f"beside {quoted(right[0].name)}, {names} of {_identity(case)} has the connection's subject too, "
        f"for the issuer {others[0].issuer}",
        az_command.remove_trust(live.identity, others[0]),
    )


def _identity(case: Case) -> str:
    kind = "managed identity" if case.live.identity.kind == "managedIdentity" else "application"
    return f"the {kind} {quoted(case.live.identity.name)}"


def _correct(case: Case, trust: Trust) -> str:
    live = case.live
    return az_command.correct_trust(live.identity, trust, live.issuer, live.subject, case.audience)


def _place(case: Case) -> str:
    live = case.live
    name = f"connection-{live.id}"
    return az_command.place_trust(live.identity, live.issuer, live.subject, case.audience, name)
