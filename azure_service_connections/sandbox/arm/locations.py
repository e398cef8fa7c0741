"""Regions of Azure."""

from azure_service_connections.sandbox.arm.errors import bad_request

LOCATIONS = {
    "australiacentral": "Australia Central",
    "australiaeast": "Australia East",
    "australiasoutheast": "Australia Southeast",
    "austriaeast": "Austria East",
    "brazilsouth": "Brazil South",
    "canadacentral": "Canada Central",
    "canadaeast": "Canada East",
    "centralindia": "Central India",
    "centralus": "Central US",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "indonesiacentral": "Indonesia Central",
    "israelcentral": "Israel Central",
    "italynorth": "Italy North",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "koreacentral": "Korea Central",
    "koreasouth": "Korea South",
    "malaysiasouth": "Malaysia South",
    "malaysiawest": "Malaysia West",
    "mexicocentral": "Mexico Central",
    "newzealandnorth": "New Zealand North",
    "northcentralus": "North Central US",
    "northeurope": "North Europe",
    "norwayeast": "Norway East",
    "polandcentral": "Poland Central",
    "qatarcentral": "Qatar Central",
    "southafricanorth": "South Africa North",
    "southcentralus": "South Central US",
    "southindia": "South India",
    "southeastasia": "Southeast Asia",
    "spaincentral": "Spain Central",
    "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North",
    "uaenorth": "UAE North",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "westcentralus": "West Central US",
    "westeurope": "West Europe",
    "westindia": "West India",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}
"""Display names by name."""

WITHOUT_IDENTITY_FEDERATION = frozenset({"malaysiasouth", "newzealandnorth"})
"""Where managed identities take no federated credentials (Entra's documentation of workload federation)."""


def normal(location: str) -> str:
    """A region's name, however it was written: `West Europe` is `westeurope`."""
    return location.replace(" ", "").lower()


def required(body: dict[str, object], kind: str) -> str:
    """The region in a body. Raises 400 `LocationRequired` or `LocationNotAvailableForResource…`."""
    value = body.get("location")
    if not isinstance(value, str) or not value.strip():
        raise bad_request("LocationRequired", "The location property is required for this definition.")
    location = normal(value)
    if location not in LOCATIONS:
        regions = ",".join(LOCATIONS)
        if kind.lower() == "microsoft.resources/resourcegroups":
            raise bad_request(
                "LocationNotAvailableForResourceGroup",
                f"The provided location '{value}' is not available for resource group. List of available "
                f"regions is '{regions}'.",
            )
        raise bad_request(
            "LocationNotAvailableForResourceType",
            f"The provided location '{value}' is not available for resource type '{kind}'. List of available "
            f"regions for the resource type is '{regions}'.",
        )
    return location
