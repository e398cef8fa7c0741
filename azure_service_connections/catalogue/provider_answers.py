"""What is said where a provider does not answer a question."""

import re

_FRAME = re.compile(r"^(?:(?:invoke|invocation) of \S+ (?:failed|returned an error): |invoking \S+: )+")


def refusal(error: Exception) -> str:
    """Why a provider gave no answer, in its own words and without the SDK's frame around them."""
    lines = [line.strip().lstrip("* ") for line in str(error).splitlines() if line.strip()]
    return _FRAME.sub("", lines[-1] if lines else type(error).__name__).rstrip(".")


def no_answer(error: Exception | str) -> str:
    """Something that a provider should have found."""
    reason = refusal(error) if isinstance(error, Exception) else error
    return f"could not be looked up ({reason}); check address, credentials and rights"
