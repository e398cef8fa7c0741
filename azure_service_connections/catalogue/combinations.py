"""Which parts of a connection go together. Stack files and the components' inputs are held to the same rules.

Only the presence of keys counts here, in the spelling of the schema; what stands under a key is checked where
its kind is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from azure_service_connections.catalogue import clouds, wording

IDENTITIES = (
    "appRegistration",
    "managedIdentity",
    "servicePrincipal",
    "automatic",
    "agentIdentity",
    "webApp",
)
SCOPES = ("subscription", "resourceGroup", "managementGroup", "workspace", "webApp")

Place = tuple[str, ...]
Problem = tuple[Place, str]

_MADE_HERE = ("generation", "expires")
_WITHOUT_CREDENTIAL = {
    "agentIdentity": "as the machine that runs the job",
    "webApp": "with its publish profile",
}
_KINDS_OF_CREDENTIAL = ("secret", "certificate")


def problems(connection: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a connection whose parts may each be right: a place in it and a problem."""
    yield from _exactly_one(connection, IDENTITIES, "identity")
    yield from _exactly_one(connection, SCOPES, "scope")
    if connection.get("allPipelines") is True and connection.get("pipelines"):
        yield ("allPipelines",), wording.only_one_of(["pipelines", "allPipelines"])
    yield from _credential(connection)
    yield from _own_credential(connection)
    yield from _automatic(connection)
    yield from _agent_identity(connection)
    if _has(connection, "webApp") and connection.get("roles"):
        yield ("roles",), "are for an identity, and a publish profile has none; remove them"
    yield from _cloud(connection)
    yield from _trusts(connection)


def _exactly_one(connection: Mapping[str, Any], names: Sequence[str], what: str) -> Iterator[Problem]:
    given = [name for name in connection if name in names and connection[name] is not None]
    if len(given) > 1:
        yield (given[1],), wording.only_one_of(given)
    if not given:
        yield (), wording.one_of(names, what)


def _credential(connection: Mapping[str, Any]) -> Iterator[Problem]:
    credential = connection.get("credential")
    for identity, signs_in in _WITHOUT_CREDENTIAL.items():
        if credential is not None and _has(connection, identity):
            yield ("credential",), f"is not for `{identity}`, which signs in {signs_in}; remove it"
    if not isinstance(credential, Mapping):
        return
    given = [kind for kind in credential if kind in _KINDS_OF_CREDENTIAL and credential[kind] is not None]
    if len(given) > 1:
        yield ("credential", given[1]), wording.only_one_of(given)
    if not given:
        yield ("credential",), wording.one_of(_KINDS_OF_CREDENTIAL, "credential")
    if _has(connection, "managedIdentity"):
        yield (
            ("credential",),
            "a managed identity has no secret and no certificate; remove `credential` or use appRegistration",
        )
    secret = credential.get("secret")
    if not isinstance(secret, Mapping):
        return
    if _has(connection, "appRegistration"):
        if secret.get("value") is not None:
            yield (
                ("credential", "secret", "value"),
                "is that of a service principal that exists, and this application gets one of its own; "
                "remove it",
            )
        if secret.get("expires") is None:
            yield ("credential", "secret", "expires"), wording.missing("expires")
    elif _has(connection, "servicePrincipal"):
        if secret.get("value") is None:
            yield ("credential", "secret", "value"), wording.missing("value")
        for name in _MADE_HERE:
            if secret.get(name) is not None:
                yield (
                    ("credential", "secret", name),
                    "is that of a secret which is made here, and a service principal that exists brings its "
                    "own; remove it",
                )


def _own_credential(connection: Mapping[str, Any]) -> Iterator[Problem]:
    own = connection.get("federatedCredential")
    if own is None:
        return
    if isinstance(connection.get("credential"), Mapping):
        yield ("federatedCredential",), "is not for a connection that signs in otherwise; remove it"
    for identity in ("automatic", "agentIdentity", "webApp"):
        if _has(connection, identity):
            yield (
                ("federatedCredential",),
                f"is for an identity that is known here, and not for `{identity}`; remove it",
            )
    if (
        _has(connection, "managedIdentity")
        and isinstance(own, Mapping)
        and own.get("description") is not None
    ):
        yield (
            ("federatedCredential", "description"),
            "is not what a managed identity can hold; remove it, or use appRegistration",
        )


def _automatic(connection: Mapping[str, Any]) -> Iterator[Problem]:
    if not _has(connection, "automatic"):
        return
    if _has(connection, "workspace"):
        yield (
            ("automatic",),
            "cannot be waited for with a workspace, while Azure DevOps still makes the identity; use "
            "appRegistration",
        )
    if connection.get("sharedWith") is not None:
        yield (
            ("sharedWith",),
            "cannot be waited for with `automatic`, while Azure DevOps still makes the identity; use "
            "appRegistration",
        )
    credential = connection.get("credential")
    if not isinstance(credential, Mapping):
        return
    if _has(credential, "certificate"):
        yield (
            ("credential", "certificate"),
            "is not what Azure DevOps makes for `automatic`; use federated, a secret or appRegistration",
        )
    secret = credential.get("secret")
    for name in ("value", *_MADE_HERE):
        if isinstance(secret, Mapping) and secret.get(name) is not None:
            yield (
                ("credential", "secret", name),
                "is decided by Azure DevOps with `automatic`; remove it, or use appRegistration",
            )


def _agent_identity(connection: Mapping[str, Any]) -> Iterator[Problem]:
    identity = connection.get("agentIdentity")
    if identity is None:
        return
    for scope in ("resourceGroup", "workspace"):
        if _has(connection, scope):
            yield (
                (scope,),
                "is no scope for `agentIdentity`; write subscription or managementGroup, and give the role a "
                "scope of its own",
            )
    if connection.get("roles") and isinstance(identity, Mapping) and identity.get("principalId") is None:
        yield (
            ("agentIdentity", "principalId"),
            "is missing, and roles are given to it; write the object id of the agent's identity",
        )


def _cloud(connection: Mapping[str, Any]) -> Iterator[Problem]:
    cloud = connection.get("cloud")
    if not isinstance(cloud, Mapping) or cloud.get("environment") not in clouds.ENVIRONMENTS:
        return
    environment = cloud["environment"]
    if environment == clouds.STACK and cloud.get("serverUrl") is None:
        yield (
            ("cloud", "serverUrl"),
            "is missing; write the address of its Resource Manager, such as "
            "https://management.local.azurestack.external",
        )
    if environment != clouds.STACK and cloud.get("serverUrl") is not None:
        yield (
            ("cloud", "serverUrl"),
            f"goes with {clouds.STACK} only, and the address of {environment} is known; remove it",
        )
    if environment != clouds.PUBLIC.environment and _has(connection, "automatic"):
        yield (
            ("automatic",),
            f"is not what Azure DevOps does in {environment}; use appRegistration or servicePrincipal",
        )


def _trusts(connection: Mapping[str, Any]) -> Iterator[Problem]:
    trusts = connection.get("trusts")
    if not trusts:
        return
    for identity in ("automatic", "agentIdentity", "webApp"):
        if _has(connection, identity):
            yield (
                ("trusts",),
                f"are for an identity that is known here, and not for `{identity}`; remove them",
            )
    for key, trust in trusts.items() if isinstance(trusts, Mapping) else ():
        if not isinstance(trust, Mapping):
            continue
        given = [name for name in ("subject", "matching") if trust.get(name) is not None]
        if len(given) > 1:
            yield ("trusts", str(key), "matching"), wording.only_one_of(given)
        if not given:
            yield ("trusts", str(key)), wording.one_of(["subject", "matching"], "subject")
        if _has(connection, "managedIdentity") and trust.get("matching") is not None:
            yield (
                ("trusts", str(key), "matching"),
                "is not what a managed identity can do; write subject, or use appRegistration",
            )
        if _has(connection, "managedIdentity") and trust.get("description") is not None:
            yield (
                ("trusts", str(key), "description"),
                "is not what a managed identity can hold; remove it, or use appRegistration",
            )


def _has(connection: Mapping[str, Any], name: str) -> bool:
    return connection.get(name) is not None
