"""The subscription that an azure-native provider works in.

The provider takes it from its own configuration and from nowhere else: with the wrong provider a managed
identity would be looked for, or made, in the wrong subscription without a word.
"""

from typing import Any, TypeVar

import pulumi

from .errors import Mistake
from .input_check import InputCheck
from .look_up import LookUp

Value = TypeVar("Value")


def in_subscription(
    component: pulumi.ComponentResource,
    check: InputCheck,
    path: str,
    subscription_id: pulumi.Input[str],
    value: pulumi.Input[Value],
) -> pulumi.Output[Value]:
    """The value, once the component's azure-native provider is known to work in the subscription.

    Where the provider says nothing of a subscription, nothing is compared.
    """
    client = LookUp(check, path, component, "azure-native:authorization:getClientConfig", {})
    works_in = client.found("subscriptionId")

    def compared(known: list[Any]) -> Value:
        actual, wanted, passed = known
        if actual and wanted and actual.lower() != wanted.lower():
            raise check.error(
                Mistake(
                    path,
                    f"the identity is in subscription '{wanted}', but the azure-native provider works in "
                    f"'{actual}'; pass `providers=[azure_native.Provider(..., subscription_id='{wanted}')]`",
                )
            )
        return passed  # type: ignore[no-any-return]

    return pulumi.Output.all(works_in, subscription_id, value).apply(compared)
