"""The federated credential that an entry's connection needs: placed here, or awaited from somebody else."""

from azure_service_connections.catalogue.issuers import Issuer
from azure_service_connections.lifecycle.apply.ends import WaitingError
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory
from azure_service_connections.lifecycle.apply.entry_log import EntryLog
from azure_service_connections.lifecycle.apply.journal import Journal
from azure_service_connections.lifecycle.apply.trust_placing import TrustPlacing
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.subject_prediction import (
    FederatedTrust,
    issuer_after,
    predicted_trust,
    trust_of,
)

_LONGEST_DESCRIPTION = 600


class EntryCredential:
    """Sees to the credential of one entry."""

    def __init__(
        self,
        trusts: TrustPlacing,
        log: EntryLog,
        entry: Entry,
        connection: ExistingConnection,
        history: EntryHistory,
        trusting: bool,
    ) -> None:
        """`trusting`: whether a credential of somebody else is taken to be there where nobody can look."""
        self._trusts = trusts
        self._log = log
        self._entry = entry
        self._connection = connection
        self._history = history
        self._trusting = trusting

    def in_place(self) -> FederatedTrust | None:
        """See that the credential is in place; None where Azure DevOps places it by itself.

        Raises WaitingError where it is to come from somebody else and is not there.
        """
        if self._entry.credential in ("service", "none"):
            return None
        self._log.step = "credential-placed"
        known = self._history.detail("credential-placed", "trust")
        trust = FederatedTrust(**known) if known else predicted_trust(self._connection)
        if self._entry.credential == "place":
            self._place(trust)
        else:
            self._await(trust)
        return trust

    def other(self) -> FederatedTrust:
        """The credential for the issuer that was not expected."""
        likely = issuer_after(self._connection)
        return trust_of(self._connection, Issuer.DEVOPS if likely is Issuer.ENTRA else Issuer.ENTRA)

    def need(self, trust: FederatedTrust) -> None:
        """See that another credential is in place than was expected."""
        self._log.step = "credential-placed"
        if self._entry.credential == "place":
            self._place(trust)
        elif not self._is_there(trust):
            self._wait(
                "its tokens will have another issuer and subject than was asked for; run `connections "
                "handoff` again and give the owner of its identity the new request",
                trust,
            )

    def tidy(self, actual: FederatedTrust, journal: Journal) -> None:
        """Remove what this plan has placed for the connection and what its tokens do not match."""
        for line in journal.of(self._entry.id):
            detail = line.detail
            own = (line.organization, line.id) == (self._entry.organization, self._entry.id)
            if not own or line.step != "credential-placed" or not detail.get("places"):
                continue
            if (detail["issuer"], detail["subject"]) != (actual.issuer, actual.subject):
                self._trusts.remove(self._connection.identity, detail["issuer"], detail["subject"])

    def _place(self, trust: FederatedTrust) -> None:
        identity = self._connection.identity
        if not self._visible:
            raise LifecycleError(
                "its identity is not there or the operator may not see it, so no credential can be placed; "
                "let its owner place it, with `credential: handoff`"
            )

        def announce(name: str) -> None:
            self._log.begin(
                "credential-placed",
                name=name,
                issuer=trust.issuer,
                subject=trust.subject,
                clientId=self._connection.client_id,
                places=True,
            )

        held, placed = self._trusts.place(
            identity, trust, credential_name(self._connection), description_of(self._connection), announce
        )
        self._log.write("credential-placed", "done", id=held.id, name=held.name, found=not placed)

    def _await(self, trust: FederatedTrust) -> None:
        if self._is_there(trust):
            self._log.write("credential-placed", "done", "placed by the identity's owner")
        elif not self._visible and self._trusting:
            self._log.write("credential-placed", "done", "taken to be there, as nobody could look")
        elif self._visible:
            self._wait("it waits for the owner of its identity to place the federated credential", trust)
        else:
            self._wait(
                "the operator may not see whether its credential is there; once the owner says so, run the "
                "command with --credentials-placed",
                trust,
            )

    @property
    def _visible(self) -> bool:
        identity = self._connection.identity
        return identity.state == "present" and bool(identity.object_id or identity.resource_id)

    def _is_there(self, trust: FederatedTrust) -> bool:
        return self._visible and self._trusts.find(self._connection.identity, trust) is not None

    def _wait(self, why: str, trust: FederatedTrust) -> None:
        self._log.write("credential-placed", "waiting", why, trust=vars(trust))
        raise WaitingError(why)


def credential_name(connection: ExistingConnection) -> str:
    """The name of the credential that a connection gets: its id stays when the connection is renamed."""
    return f"azure-devops-{connection.id.lower()}"


def description_of(connection: ExistingConnection) -> str:
    """What the credential of a connection says that it is for."""
    return f"Service connection {connection.address}"[:_LONGEST_DESCRIPTION]
