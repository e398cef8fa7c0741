"""The names of which a mixed estate is made."""

from typing import Final

ORGANIZATIONS: Final = ("contoso", "contoso-retail", "contoso-platform", "contoso-labs", "contoso-markets")
PEOPLE: Final = (
    "Ada Park",
    "Sam Okafor",
    "Ines Duarte",
    "Jonas Weber",
    "Mei Lin",
    "Omar Haddad",
    "Priya Nair",
    "Tomasz Zielinski",
)
AREAS: Final = (
    *("Payments", "Checkout", "Fraud", "Ledger", "Billing", "Invoicing", "Pricing", "Loyalty", "Catalogue"),
    *(
        "Search",
        "Recommendations",
        "Web shop",
        "Mobile",
        "Customer care",
        "Marketing",
        "Logistics",
        "Warehouse",
    ),
    *("Returns", "Suppliers", "Procurement", "Reporting", "Data platform", "Machine learning", "Identity"),
    *(
        "Network",
        "Observability",
        "Security",
        "Developer tools",
        "Treasury",
        "Tax",
        "Human resources",
        "Stores",
    ),
    *("Subscriptions", "Notifications", "Media", "Maps", "Fulfilment", "Insurance", "Compliance", "Archive"),
)
COMPONENTS: Final = (
    *("api", "web", "jobs", "data", "infrastructure", "functions", "worker", "gateway", "batch", "events"),
    *("reports", "portal", "imports", "exports", "cache", "backup"),
)
ENVIRONMENTS: Final = ("production", "development", "test")

MOST_CONNECTIONS: Final = 1500
"""What the names suffice for, in any number of organizations."""
