"""What the lifecycle says when it cannot go on.

LifecycleError
├── EngineError     the engine's command line
├── HeldRunError    a run that a check of a connection does not let pass
├── ServiceError    a service that was asked over HTTP
│   └── SignedOutError  an organization that does not take the operator's token
└── SettingError    something that the environment should say and does not
"""


class LifecycleError(Exception):
    """One sentence for a person: where, what is wrong, what to do."""


class EngineError(LifecycleError):
    """The engine is not there, or a command of it failed."""


class HeldRunError(LifecycleError):
    """A run waits for a check of a connection, or was ended by one; `waits` says which."""

    def __init__(self, message: str, waits: bool = False) -> None:
        super().__init__(message)
        self.waits = waits


class SettingError(LifecycleError):
    """A variable of the environment is missing or makes no sense."""


class ServiceError(LifecycleError):
    """A service refused a request or did not answer; `code` is the service's own, where it gave one."""

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class SignedOutError(ServiceError):
    """An organization of Azure DevOps does not take the operator's token."""
