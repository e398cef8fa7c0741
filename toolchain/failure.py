"""What can go wrong on the way to an engine."""


class EngineError(Exception):
    """A failure that a person can act on. The message is one sentence: where, what, what to do."""


class NotReachableError(EngineError):
    """A server that does not answer. Where another way leads to an engine, it is tried next."""
