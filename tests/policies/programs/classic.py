"""A classic connection: the provider refuses it right after the policies, as the sandbox has no such kind."""

from sound_connections import SUBSCRIPTION, generic

generic(
    "connection-is-not-classic",
    type="azure",
    authorization_scheme="Certificate",
    authorization_parameters={"certificate": "not-to-be-seen"},
    parameters={"subscriptionId": SUBSCRIPTION, "subscriptionName": "Payments production"},
)
