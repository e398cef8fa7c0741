"""One entry of a plan, from what was left of it to its end: credential, conversion or migration, proof.

Each step is announced in the journal before anything is changed and noted there when it is done. A step looks
first at what is there: what an earlier run has done, also one that was killed, is not done again.
"""

import re
from typing import Final

from azure_service_connections.lifecycle.apply.endpoint import Endpoint, deadline_of
from azure_service_connections.lifecycle.apply.ends import RefusedError, StoppedError, WaitingError, stopping
from azure_service_connections.lifecycle.apply.entry_credential import EntryCredential
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory
from azure_service_connections.lifecycle.apply.entry_log import EntryLog
from azure_service_connections.lifecycle.apply.journal import Step
from azure_service_connections.lifecycle.apply.outcome import Outcome, of_entry
from azure_service_connections.lifecycle.apply.tools import Tools
from azure_service_connections.lifecycle.apply.world_changes import check_endpoint, facts_of
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust, audience_of

_NOT_KNOWN_YET: Final = re.compile(r"AADSTS(?:70021[0-3]?|70025|700016)\b")
"""Refusals of a sign-in that a new credential meets as long as Entra ID does not know it everywhere."""


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
        self._log = EntryLog(tools.journal, entry)
        self._credential = EntryCredential(tools.trusts, self._log, entry, connection, history, trusting)

    def carry_out(self) -> Outcome:
        """What became of it. Raises StoppedError where no entry can go on; the journal has it as well."""
        try:
            with stopping():
                return self._carry_out()
        except RefusedError as error:
            self._log.fail(str(error))
            return of_entry(self._entry, "refused", str(error), changed=self._log.changed)
        except WaitingError as error:
            return of_entry(self._entry, "waiting", str(error), changed=self._log.changed)
        except StoppedError as error:
            self._log.fail(str(error))
            raise
        except LifecycleError as error:
            self._log.fail(str(error))
            return of_entry(self._entry, "failed", str(error), changed=self._log.changed)

    def _carry_out(self) -> Outcome:
        if not self._history.touched:
            self._log.write(
                "checked",
                "done",
                action=self._entry.action,
                expects=self._entry.expects,
                facts=facts_of(self._connection),
            )
        if self._entry.action == "revert":
            return self._revert()
        trust = self._credential.in_place()
        if self._entry.action == "migrate-issuer":
            endpoint, what = self._migrated(), "moved to Entra's issuer"
        else:
            endpoint, what = self._converted(trust), "converted"
        actual = FederatedTrust(endpoint.issuer, endpoint.subject, audience_of(self._connection.cloud))
        if trust is not None and trust != actual:
            self._credential.need(actual)
        return self._prove(endpoint, actual, what)

    def _migrated(self) -> Endpoint:
        endpoint = self._tools.endpoints.settled(self._connection)
        if not endpoint.from_entra:
            check_endpoint(self._connection, endpoint)
            self._log.begin("migrated")
            endpoint = self._tools.migration.migrate(self._connection)
        self._done("migrated", endpoint)
        return endpoint

    def _converted(self, trust: FederatedTrust | None) -> Endpoint:
        endpoint = self._tools.endpoints.settled(self._connection)
        if endpoint.scheme != FEDERATED:
            check_endpoint(self._connection, endpoint)
            self._log.begin("converted")
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
            except LifecycleError as error:
                if trust is None or not _NOT_KNOWN_YET.search(str(error)):
                    raise
                refusal = error
                other = self._credential.other()
                if trust != other and (other.issuer in str(error) or other.subject in str(error)):
                    self._credential.need(other)
                    trust = other
        assert refusal is not None
        raise refusal

    def _prove(self, endpoint: Endpoint, actual: FederatedTrust, what: str) -> Outcome:
        self._log.step = "proven"
        deadline = deadline_of(endpoint.revert_deadline)
        proof = self._tools.prover.prove(self._connection)
        if proof.holds:
            self._credential.tidy(actual, self._tools.journal)
            self._log.write("proven", "done", proof.note)
            note = f"{what}; {proof.note}"
            return of_entry(self._entry, "done", note, changed=True, revert_deadline=deadline)
        self._log.write("proven", "failed", proof.note)
        if self._entry.action != "convert" or deadline is None:
            raise LifecycleError(
                f"it does not sign in after it was {what} ({proof.note}); its old credential stays, and the "
                "next run goes on with the proof"
            )
        self._log.step = "reverted"
        note, _ = self._tools.reversion.revert(
            self._connection,
            lambda: self._log.begin("reverted", rolledBack=True),
            lambda: self._log.write("reverted", "done", "rolled back", rolledBack=True),
        )
        return of_entry(
            self._entry, "rolledBack", f"it did not sign in once converted ({proof.note}), so it was {note}"
        )

    def _revert(self) -> Outcome:
        self._log.step = "reverted"
        note, changed = self._tools.reversion.revert(
            self._connection,
            lambda: self._log.begin("reverted"),
            lambda: self._log.write("reverted", "done"),
            resumed=self._history.touched,
        )
        return of_entry(self._entry, "done", note, changed=changed)

    def _done(self, step: Step, endpoint: Endpoint) -> None:
        deadline = {"revertDeadline": endpoint.revert_deadline} if endpoint.revert_deadline else {}
        self._log.write(
            step,
            "done",
            issuer=endpoint.issuer,
            subject=endpoint.subject,
            clientId=self._connection.client_id,
            places=self._entry.credential == "service",
            **deadline,
        )
