"""Removes what an entry's connection needs no more, after one more look at everything that may need it."""

from typing import Any

from azure_service_connections.catalogue.issuers import Issuer, issuer_kind
from azure_service_connections.catalogue.wording import counted
from azure_service_connections.lifecycle.apply.endpoint import Endpoint
from azure_service_connections.lifecycle.apply.ends import StoppedError, stopping
from azure_service_connections.lifecycle.apply.entry_history import EntryHistory
from azure_service_connections.lifecycle.apply.journal import State
from azure_service_connections.lifecycle.apply.outcome import Outcome, of_entry
from azure_service_connections.lifecycle.apply.retirement import SecretUsers, needed_by
from azure_service_connections.lifecycle.apply.tools import Tools
from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.inventory.existing_connection import FEDERATED, ExistingConnection
from azure_service_connections.lifecycle.plan.plan_file import Entry
from azure_service_connections.lifecycle.subject_prediction import FederatedTrust, audience_of


class EntryRetirement:
    """What is removed for one entry. A trust that the connection needs is never among it."""

    def __init__(
        self,
        tools: Tools,
        users: SecretUsers,
        entry: Entry,
        connection: ExistingConnection,
        history: EntryHistory,
    ) -> None:
        """`history` is that of the entry, with the lines of this run."""
        self._tools = tools
        self._users = users
        self._entry = entry
        self._connection = connection
        self._history = history
        self._kept = False
        self._changed = False

    def carry_out(self, so_far: Outcome) -> Outcome:
        """The entry's outcome with what was removed. Raises StoppedError where no entry can go on."""
        notes = [so_far.note]
        try:
            with stopping():
                endpoint = self._proven_endpoint()
                for each in self._entry.retire:
                    retire = self._secrets if each == "secrets" else self._old_credential
                    notes.append(retire(endpoint))
        except StoppedError as error:
            self._write("failed", str(error))
            raise
        except LifecycleError as error:
            self._write("failed", str(error))
            return of_entry(
                self._entry,
                "failed",
                f"{'; '.join(notes)}; but nothing more was removed: {error}",
                changed=so_far.changed,
                revert_deadline=so_far.revert_deadline,
            )
        # What stays because something needs it may go in a later run, once nothing does.
        self._write("skipped" if self._kept else "done", "; ".join(notes[1:]))
        return of_entry(
            self._entry,
            "done",
            "; ".join(notes),
            changed=so_far.changed or self._changed,
            revert_deadline=so_far.revert_deadline,
        )

    def _proven_endpoint(self) -> Endpoint:
        """The connection, of which has just been seen that it signs in with a credential that is there."""
        endpoint = self._tools.endpoints.settled(self._connection)
        if endpoint.scheme != FEDERATED:
            raise LifecycleError("it is not federated any more, so it needs what it has")
        trust = FederatedTrust(endpoint.issuer, endpoint.subject, audience_of(self._connection.cloud))
        if self._tools.trusts.find(self._connection.identity, trust) is None:
            raise LifecycleError("the credential that it signs in with is not seen, so nothing may go")
        proof = self._tools.prover.prove(self._connection)
        if not proof.holds:
            raise LifecycleError(f"it does not sign in ({proof.note})")
        return endpoint

    def _secrets(self, endpoint: Endpoint) -> str:
        identity = self._connection.identity
        if identity.kind != "application" or not identity.object_id:
            return "a managed identity has no secrets"
        if users := self._users.of(self._connection.client_id, but=self._connection.id.lower()):
            self._kept = True
            return needed_by(users)
        held = self._tools.secrets.held(identity)
        if not held:
            return "its application has no secrets"
        self._begin(removesSecrets=[{"kind": each.kind, "keyId": each.key_id} for each in held])
        self._tools.secrets.remove_all(identity)
        return f"removed {counted(len(held), 'secret')} of its application"

    def _old_credential(self, endpoint: Endpoint) -> str:
        facts = self._history.detail("checked", "facts") or {}
        issuer, subject = str(facts.get("issuer", "")), str(facts.get("subject", ""))
        if not endpoint.from_entra or issuer_kind(issuer) is not Issuer.DEVOPS:
            return "it has no credential of Azure DevOps' own issuer to remove"
        if (issuer, subject) == (endpoint.issuer, endpoint.subject):
            raise LifecycleError("the old credential is the one that it signs in with")
        self._begin(removesTrusts=[{"issuer": issuer, "subject": subject}])
        removed = self._tools.trusts.remove(self._connection.identity, issuer, subject)
        return "removed its old credential" if removed else "its old credential was gone already"

    def _begin(self, **detail: Any) -> None:
        self._changed = True
        self._write("begun", clientId=self._connection.client_id, **detail)

    def _write(self, state: State, note: str = "", **detail: Any) -> None:
        self._tools.journal.write(self._entry.organization, self._entry.id, "retired", state, note, **detail)
