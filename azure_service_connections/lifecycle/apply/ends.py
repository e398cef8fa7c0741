"""How the work on an entry of a plan, or on the whole plan, can end before it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from azure_service_connections.lifecycle.errors import LifecycleError, ServiceError, SettingError

_NOT_SIGNED_IN: Final = (203, 302, 401)
"""What a service answers to a token that has ended; Azure DevOps shows its sign-in page to some."""
_TOO_MANY: Final = 429


class RefusedError(LifecycleError):
    """The entry is not carried out: what it was planned for is not there any more. Nothing was changed."""


class WaitingError(LifecycleError):
    """The entry waits for something that somebody else has to do. Run again to go on."""


class StoppedError(LifecycleError):
    """Going on with other entries makes no sense: the services do not answer, or not to this operator."""


@contextmanager
def stopping() -> Iterator[None]:
    """Turn what concerns every entry alike into StoppedError: no sign-in, too many requests, no answer."""
    try:
        yield
    except SettingError as error:
        raise StoppedError(str(error)) from error
    except ServiceError as error:
        if error.status in (*_NOT_SIGNED_IN, _TOO_MANY, 0):
            raise StoppedError(_with_remedy(str(error).rstrip("."), error.status)) from error
        raise


def _with_remedy(sentence: str, status: int) -> str:
    """What to do beside what the sentence says already."""
    problem, _, remedy = sentence.partition("; ")
    if status == _TOO_MANY:
        return (
            f"{problem}, also after long waits; run the command again later, with a smaller --parallel, and "
            "it goes on where it stopped."
        )
    if not remedy:
        remedy = "check that the operator's credentials hold"
    return f"{problem}; {remedy}. Then run the command again: it goes on where it stopped."
