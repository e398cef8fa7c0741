"""The gRPC frame of a resource plugin: one servicer for every kind of resource and function.

The protocol is the engine's `provider.proto`. The frame takes secret marks off and puts them on again, finds
the kind of resource by its URN, turns errors into one sentence, and answers previews without a request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from azure_service_connections.providers.errors import InitializationError, PluginError
from azure_service_connections.providers.plugin import Plugin
from azure_service_connections.providers.property_values import (
    Properties,
    holds_secret,
    keep_secrets,
    plain,
    read_struct,
    write_struct,
)
from azure_service_connections.providers.resource_type import (
    Change,
    CheckFailure,
    CheckRequest,
    Difference,
    NamingMode,
    ResourceType,
)

_Member = TypeVar("_Member")


class PluginServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for one plugin; called from many threads at a time."""

    def __init__(self, plugin: Plugin[Any]) -> None:
        self._plugin = plugin

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What the plugin understands."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=True,
            accept_outputs=True,
            supports_autonaming_configuration=True,
        )

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Nothing to do: the plugin never calls the engine."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The version of the SDK that this plugin stands in for."""
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The schema of what is offered."""
        with _one_sentence(context):
            return provider_pb2.GetSchemaResponse(schema=self._plugin.schema())

    def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: N802
        """No mapping from another tool."""
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: Any) -> Any:  # noqa: N802
        """No mapping from another tool."""
        return provider_pb2.GetMappingsResponse()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The arguments as they are."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A changed argument never replaces the provider, and so none of its resources."""
        changed = read_struct(request.olds) != read_struct(request.news)
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take the arguments."""
        with _one_sentence(context):
            self._plugin.configure(dict(request.variables))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=True,
            acceptOutputs=True,
            supports_autonaming_configuration=True,
        )

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Fill in defaults and name mistakes."""
        with _one_sentence(context):
            olds, news = read_struct(request.olds), read_struct(request.news)
            mode = NamingMode(request.autonaming.mode) if request.HasField("autonaming") else None
            checked = self._resource(request.urn).check(
                CheckRequest(
                    name=_name_of(request.urn),
                    olds=plain(olds),
                    news=plain(news),
                    random_seed=bytes(request.randomSeed),
                    naming_mode=mode,
                    proposed_name=request.autonaming.proposed_name,
                )
            )
            inputs = keep_secrets(checked.inputs, news)
            failures = [_failure(failure, news) for failure in checked.failures]
            return provider_pb2.CheckResponse(inputs=write_struct(inputs), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What would change, property by property."""
        with _one_sentence(context):
            difference = self._resource(request.urn).diff(
                plain(read_struct(request.olds)),
                plain(read_struct(request.old_inputs)),
                plain(read_struct(request.news)),
            )
            return _diff_response(difference, list(request.ignoreChanges))

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make a resource, or say at preview what is known of it."""
        with _one_sentence(context):
            resource, marked = self._resource(request.urn), read_struct(request.properties)
            secret = resource.secret_outputs
            if request.preview:
                outputs = resource.preview(plain(marked), None)
                return provider_pb2.CreateResponse(
                    properties=write_struct(keep_secrets(outputs, marked, always=secret))
                )
            with _kept_in_state(context, marked, secret):
                identifier, outputs = resource.create(plain(marked))
            return provider_pb2.CreateResponse(
                id=identifier, properties=write_struct(keep_secrets(outputs, marked, always=secret))
            )

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Look a resource up; an empty id says that it is gone."""
        with _one_sentence(context):
            resource = self._resource(request.urn)
            olds = read_struct(request.properties)
            inputs = read_struct(request.inputs) if request.HasField("inputs") else {}
            found = resource.read(request.id, plain(inputs) or None, plain(olds))
            if found is None:
                return provider_pb2.ReadResponse()
            secret = resource.secret_outputs
            return provider_pb2.ReadResponse(
                id=found.identifier,
                inputs=write_struct(keep_secrets(found.inputs, inputs, always=secret)),
                properties=write_struct(keep_secrets(found.outputs, inputs, olds, always=secret)),
            )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change a resource, or say at preview what is known of it."""
        with _one_sentence(context):
            resource, marked = self._resource(request.urn), read_struct(request.news)
            olds, old_inputs = plain(read_struct(request.olds)), plain(read_struct(request.old_inputs))
            secret = resource.secret_outputs
            if request.preview:
                outputs = resource.preview(plain(marked), olds)
            else:
                with _kept_in_state(context, marked, secret):
                    outputs = resource.update(request.id, olds, old_inputs, plain(marked))
            return provider_pb2.UpdateResponse(
                properties=write_struct(keep_secrets(outputs, marked, always=secret))
            )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Remove a resource."""
        with _one_sentence(context):
            olds, old_inputs = plain(read_struct(request.properties)), plain(read_struct(request.old_inputs))
            self._resource(request.urn).delete(request.id, olds, old_inputs)
            return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Call a function."""
        with _one_sentence(context):
            function = _member(self._plugin.functions, request.tok, "function", self._plugin.name)
            arguments = plain(read_struct(request.args))
            for name in function.required:
                if name not in arguments:
                    raise PluginError(f"{request.tok}: {name} is missing; give it.")
            results = keep_secrets(function.call(arguments), always=function.secret_results)
            return provider_pb2.InvokeResponse(**{"return": write_struct(results)})

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """End the waits of running operations."""
        self._plugin.cancel()
        return empty_pb2.Empty()

    def _resource(self, urn: str) -> ResourceType:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        return _member(self._plugin.resources, token, "resource", self._plugin.name)


def _member(members: Mapping[str, _Member], token: str, kind: str, package: str) -> _Member:
    if token not in members:
        raise PluginError(
            f"{token}: the local cloud's {package} plugin does not know this {kind}; it knows "
            f"{', '.join(sorted(members))}."
        )
    return members[token]


def _name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def _failure(failure: CheckFailure, news: Properties) -> Any:
    reason = failure.reason
    if holds_secret(news.get(failure.path)):
        reason = f"{failure.path} is not valid; its value is secret and not shown."
    return provider_pb2.CheckFailure(property=failure.path, reason=reason)


def _diff_response(difference: Difference, ignored: list[str]) -> Any:
    changes = {path: kind for path, kind in difference.changes.items() if not _is_ignored(path, ignored)}
    replaces = sorted(path for path, kind in changes.items() if kind.replaces)
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if changes else response.DIFF_NONE,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and difference.delete_before_replace,
        diffs=sorted({path.split(".")[0].split("[")[0] for path in changes}),
        detailedDiff={path: _property_diff(kind, difference.of_inputs) for path, kind in changes.items()},
        hasDetailedDiff=True,
    )


def _property_diff(kind: Change, of_inputs: bool) -> Any:
    value = provider_pb2.PropertyDiff.Kind.Value(kind.name)
    return provider_pb2.PropertyDiff(kind=value, inputDiff=of_inputs)


def _is_ignored(path: str, ignored: list[str]) -> bool:
    return any(path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")) for prefix in ignored)


@contextmanager
def _one_sentence(context: Any) -> Iterator[None]:
    try:
        yield
    except PluginError as error:
        _abort(context, str(error))
    except grpc.RpcError:
        raise
    except Exception as error:
        if type(error) is Exception and not error.args:  # how gRPC leaves a handler after `abort`
            raise
        place = extract_tb(error.__traceback__)[-1]
        _abort(
            context,
            f"the plugin itself failed at {Path(place.filename).name}:{place.lineno} "
            f"({type(error).__name__}: {error}); please report it.",
        )


@contextmanager
def _kept_in_state(context: Any, inputs: Properties, secret: frozenset[str]) -> Iterator[None]:
    try:
        yield
    except InitializationError as error:
        detail = any_pb2.Any()
        detail.Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=error.identifier,
                properties=write_struct(keep_secrets(error.outputs, inputs, always=secret)),
                reasons=[str(error)],
                inputs=write_struct(inputs),
            )
        )
        _abort(context, str(error), [detail])


def _abort(context: Any, sentence: str, details: list[Any] | None = None) -> NoReturn:
    if details:
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=sentence, details=details)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, sentence)
    raise AssertionError("gRPC's abort returned")
