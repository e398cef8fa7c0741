"""What a component asks a provider for, and what it says where there is no answer.

The output forms of the SDKs' functions end a program with a traceback when such a question fails, as it does
with a client secret that has expired. Here it is a mistake of the input that was looked up.
"""

from collections.abc import Mapping
from importlib import metadata
from typing import Any

import pulumi
from pulumi.runtime import invoke_async

from azure_service_connections.catalogue.provider_answers import no_answer

from .errors import Mistake
from .input_check import InputCheck


class LookUp:
    """One question to a provider."""

    def __init__(
        self,
        check: InputCheck,
        path: str,
        component: pulumi.ComponentResource,
        function: str,
        arguments: Mapping[str, pulumi.Input[Any]],
    ) -> None:
        """Ask a component's provider about the input at a path; its schema spells function and arguments."""
        self._check = check
        self._path = path
        self._function = function
        self._options = pulumi.InvokeOptions(
            parent=component,
            # As the SDK's own functions do: without it the engine would make one more default provider.
            version=metadata.version(f"pulumi-{function.partition(':')[0]}"),
        )
        asked: pulumi.Output[dict[str, Any]] = pulumi.Output.all(**arguments)
        self._answer: pulumi.Output[dict[str, Any]] = asked.apply(self._ask)

    def found(self, name: str) -> pulumi.Output[Any]:
        """A part of the answer, None where the provider says nothing of it; InputError where it refused."""
        return self._answer.apply(lambda answer: answer.get(name))

    async def _ask(self, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] | None = await invoke_async(self._function, arguments, self._options)
        # The SDK raises a bare Exception for whatever a provider answers.
        except Exception as error:
            raise self._check.error(Mistake(self._path, no_answer(error))) from None
        return answer or {}
