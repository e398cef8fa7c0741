"""One entry of a plan, from what was left of it to its end: credential, conversion or migration, proof.

Each step is announced in the journal before anything is changed and noted there when it is done. A step looks
first at what is there: what an earlier run has done, also one that was killed, is not done again.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.lifecycle.apply.endpoint import Endpoint, Endpoints, deadline_of
from azure_service_connections.lifecycle.apply.ends import RefusedError, StoppedError, WaitingError, stopping
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory
from azure_service_connections.lifecycle.apply.issuer_migration import IssuerMigration
from azure_service_connections.lifecycle.apply.journal import Journal, State, Step
from azure_service_connections.lifecycle.apply.outcome import Outcome, of_entry
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.apply.proof import Prover
from azure_service_connections.lifecycle.apply.retirement import SecretRemoval
from azure_service_connections.lifecycle.apply.reversion import Reversion
from azure_service_connections.lifecycle.apply.trust_placing import TrustPlacing
from azure_service_connections.lifecycle.apply.world_changes import check_endpoint, facts_of
from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.services import Services
from azure_service_connections.lifecycle.subject_prediction import (
    FederatedTrust,
    audience_of,
    issuer_after,
    predicted_trust,
    trust_of,
)

_NOT_KNOWN_YET: Final = re.compile(r"AADSTS(?:70021[0-3]?|70025|700016)\b")
"""Refusals of a sign-in that a new credential meets as long as Entra ID does not know it everywhere."""


@dataclass(frozen=True)
class Tools:
    """What the entries of a plan are carried out with."""

    services: Services
    journal: Journal
    patience: Patience
    endpoints: Endpoints
    trusts: TrustPlacing
    prover: Prover
    migration: IssuerMigration
    secrets: SecretRemoval
    reversion: Reversion

    @staticmethod
    def of(services: Services, journal: Journal, patience: Patience) -> "Tools":
        """The tools that work through these services and write to this journal."""
        endpoints = Endpoints(services, patience)
        prover = Prover(services, patience)
        return Tools(
            services,
            journal,
            patience,
            endpoints,
            TrustPlacing(services, patience),
            prover,
            IssuerMigration(services, endpoints, patience),
            SecretRemoval(services, patience),
            Reversion(endpoints, prover),
        )


class EntryRun:
    """Carries out one entry."""

    def __init__(
        self,
        tools: Tools,
        entry: Entry,
        connection: ExistingConnection,
        history: EntryHistory,
        trusting: bool,
    ) -> None:
        """`trusting`: whether a credential of somebody else is taken to be there where nobody can look."""
        self._tools = tools
        self._entry = entry
        self._connection = connection
        self._history = history
        self._trusting = trusting
        self._step: Step = "checked"
        self._changed = False

    def carry_out(self) -> Outcome:
        """What became of it. Raises StoppedError where no entry can go on; the journal has it as well."""
        try:
            with stopping():
                return self._carry_out()
        except RefusedError as error:
            self._write("checked", "failed", str(error))
            return of_entry(self._entry, "refused", str(error), changed=self._changed)
        except WaitingError as error:
            return of_entry(self._entry, "waiting", str(error), changed=self._changed)
        except StoppedError as error:
            self._write(self._step, "failed", str(error))
            raise
        except LifecycleError as error:
            self._write(self._step, "failed", str(error))
            return of_entry(self._entry, "failed", str(error), changed=self._changed)

    def _carry_out(self) -> Outcome:
        if not self._history.touched:
            self._write(
                "checked",
                "done",
                action=self._entry.action,
                expects=self._entry.expects,
                facts=facts_of(self._connection),
            )
        if self._entry.action == "revert":
            return self._revert()
        if self._entry.action == "migrate-issuer":
            return self._migrate()
        return self._convert()

    def _convert(self) -> Outcome:
        trust = self._trust()
        endpoint = self._converted(trust)
        self._compare(endpoint, trust)
        return self._prove(endpoint, "converted")

    def _migrate(self) -> Outcome:
        trust = self._trust()
        endpoint = self._tools.endpoints.settled(self._connection)
        if not endpoint.from_entra:
            check_endpoint(self._connection, endpoint)
            self._begin("migrated")
            endpoint = self._tools.migration.migrate(self._connection)
        self._done("migrated", endpoint)
        self._compare(endpoint, trust)
        return self._prove(endpoint, "moved to Entra's issuer")

    def _revert(self) -> Outcome:
        self._step = "reverted"
        note, changed = self._tools.reversion.revert(
            self._connection,
            lambda: self._begin("reverted"),
            lambda: self._write("reverted", "done"),
            resumed=self._history.touched,
        )
        return of_entry(self._entry, "done", note, changed=changed)

    def _trust(self) -> FederatedTrust | None:
        """The credential that the connection will need, in place; None where the service places it."""
        if self._entry.credential in ("service", "none"):
            return None
        self._step = "credential-placed"
        trust = self._expected()
        if self._entry.credential == "place":
            self._place(trust)
        else:
            self._await(trust)
        return trust

    def _expected(self) -> FederatedTrust:
        """What an earlier run has learnt of the tokens, else what is predicted."""
        if known := self._history.detail("credential-placed", "trust"):
            return FederatedTrust(known["issuer"], known["subject"], known["audience"])
        return predicted_trust(self._connection)

    def _place(self, trust: FederatedTrust) -> None:
        identity = self._connection.identity
        if identity.state != "present" or not (identity.object_id or identity.resource_id):
            raise LifecycleError(
                "its identity is not there or the operator may not see it, so no credential can be placed; "
                "let its owner place it, with `credential: handoff`"
            )

        def announce(name: str) -> None:
            self._begin(
                "credential-placed",
                name=name,
                issuer=trust.issuer,
                subject=trust.subject,
                clientId=self._connection.client_id,
                places=True,
            )

        held, placed = self._tools.trusts.place(
            identity,
            trust,
            credential_name(self._connection),
            f"Service connection {self._connection.address}"[:600],
            announce,
        )
        self._write("credential-placed", "done", id=held.id, name=held.name, found=not placed)

    def _await(self, trust: FederatedTrust) -> None:
        identity = self._connection.identity
        seen = identity.state == "present" and bool(identity.object_id or identity.resource_id)
        if seen and self._tools.trusts.find(identity, trust) is not None:
            self._write("credential-placed", "done", "placed by the identity's owner")
            return
        if not seen and self._trusting:
            self._write("credential-placed", "done", "taken to be there, as nobody could look")
            return
        why = (
            "it waits for the owner of its identity to place the federated credential"
            if seen
            else "the operator may not see whether its credential is there; once the owner says so, run the "
            "command with --credentials-placed"
        )
        self._wait(why, trust)

    def _wait(self, why: str, trust: FederatedTrust) -> None:
        self._write("credential-placed", "waiting", why, trust=vars(trust))
        raise WaitingError(why)

    def _converted(self, trust: FederatedTrust | None) -> Endpoint:
        endpoint = self._tools.endpoints.settled(self._connection)
        if endpoint.scheme != FEDERATED:
            check_endpoint(self._connection, endpoint)
            self._begin("converted")
            endpoint = self._convert_patiently(endpoint, trust)
        self._done("converted", endpoint)
        return endpoint

    def _convert_patiently(self, endpoint: Endpoint, trust: FederatedTrust | None) -> Endpoint:
        """Convert, and again while Entra ID does not know the new credential everywhere.

        The service tries the sign-in before it converts what it cannot configure by itself. Where its refusal
        shows that another issuer would sign, that one's credential is placed as well.
        """
        refusal: LifecycleError | None = None
        for _ in self._tools.patience.tries():
            try:
                return self._tools.endpoints.set_scheme(self._connection, endpoint, FEDERATED)
            except RefusedError:
                raise
            except LifecycleError as error:
                stops = isinstance(error, ServiceError) and error.status in (0, 401, 429)
                if trust is None or stops or not _NOT_KNOWN_YET.search(str(error)):
                    raise
                refusal = error
                other = self._other_trust()
                if trust != other and (other.issuer in str(error) or other.subject in str(error)):
                    self._need(other)
                    trust = other
        assert refusal is not None
        raise refusal

    def _other_trust(self) -> FederatedTrust:
        likely = issuer_after(self._connection)
        return trust_of(self._connection, Issuer.DEVOPS if likely is Issuer.ENTRA else Issuer.ENTRA)

    def _compare(self, endpoint: Endpoint, trust: FederatedTrust | None) -> None:
        """Place the right credential where the service now says something else than was predicted."""
        actual = FederatedTrust(endpoint.issuer, endpoint.subject, audience_of(self._connection.cloud))
        if trust is not None and trust != actual:
            self._step = "credential-placed"
            self._need(actual)

    def _need(self, trust: FederatedTrust) -> None:
        if self._entry.credential == "place":
            self._place(trust)
            return
        identity = self._connection.identity
        if identity.state != "present" or self._tools.trusts.find(identity, trust) is None:
            self._wait(
                "its tokens will have another issuer and subject than was asked for; run `connections "
                "handoff` again and give the owner of its identity the new request",
                trust,
            )

    def _prove(self, endpoint: Endpoint, what: str) -> Outcome:
        self._step = "proven"
        deadline = deadline_of(endpoint.revert_deadline)
        proof = self._tools.prover.prove(self._connection)
        if proof.holds:
            self._write("proven", "done", proof.note)
            note = f"{what}; {proof.note}"
            return of_entry(self._entry, "done", note, changed=True, revert_deadline=deadline)
        self._write("proven", "failed", proof.note)
        if self._entry.action != "convert" or deadline is None:
            raise LifecycleError(
                f"it does not sign in after it was {what} ({proof.note}); its old credential stays, and the "
                "next run goes on with the proof"
            )
        self._step = "reverted"
        note, _ = self._tools.reversion.revert(
            self._connection,
            lambda: self._begin("reverted", rolledBack=True),
            lambda: self._write("reverted", "done", "rolled back", rolledBack=True),
        )
        return of_entry(
            self._entry, "rolledBack", f"it did not sign in once converted ({proof.note}), so it was {note}"
        )

    def _begin(self, step: Step, **detail: Any) -> None:
        self._step = step
        self._write(step, "begun", **detail)
        self._changed = True

    def _done(self, step: Step, endpoint: Endpoint) -> None:
        self._write(
            step,
            "done",
            issuer=endpoint.issuer,
            subject=endpoint.subject,
            clientId=self._connection.client_id,
            places=self._entry.credential == "service",
            **({"revertDeadline": endpoint.revert_deadline} if endpoint.revert_deadline else {}),
        )

    def _write(self, step: Step, state: State, note: str = "", **detail: Any) -> None:
        self._tools.journal.write(self._entry.organization, self._entry.id, step, state, note, **detail)


def credential_name(connection: ExistingConnection) -> str:
    """The name of the credential that a connection gets: its id stays when the connection is renamed."""
    return f"azure-devops-{connection.id.lower()}"
