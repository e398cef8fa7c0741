"""What entries of a plan are carried out with."""

from dataclasses import dataclass
from typing import Self

from azure_service_connections.lifecycle.apply.endpoint import Endpoints
from azure_service_connections.lifecycle.apply.issuer_migration import IssuerMigration
from azure_service_connections.lifecycle.apply.journal import Journal
from azure_service_connections.lifecycle.apply.patience import Patience
from azure_service_connections.lifecycle.apply.proof import Prover
from azure_service_connections.lifecycle.apply.retirement import SecretRemoval
from azure_service_connections.lifecycle.apply.reversion import Reversion
from azure_service_connections.lifecycle.apply.trust_placing import TrustPlacing
from azure_service_connections.lifecycle.services import Services


@dataclass(frozen=True)
class Tools:
    """Shared by all entries; safe between threads."""

    journal: Journal
    patience: Patience
    endpoints: Endpoints
    trusts: TrustPlacing
    prover: Prover
    migration: IssuerMigration
    secrets: SecretRemoval
    reversion: Reversion

    @classmethod
    def of(cls, services: Services, journal: Journal, patience: Patience) -> Self:
        """The tools that work through these services and write to this journal."""
        endpoints = Endpoints(services, patience)
        prover = Prover(services, patience)
        return cls(
            journal,
            patience,
            endpoints,
            TrustPlacing(services, patience),
            prover,
            IssuerMigration(services, endpoints, patience),
            SecretRemoval(services, patience),
            Reversion(endpoints, prover),
        )
