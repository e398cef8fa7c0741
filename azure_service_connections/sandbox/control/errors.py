"""Refusals of the control API."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from azure_service_connections.sandbox.errors import ServiceError
from azure_service_connections.sandbox.message import Request, Response

Body = TypeVar("Body", bound=BaseModel)


class ControlError(ServiceError):
    """A request to the control API that cannot be carried out, in a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code

    def response(self) -> Response:
        """The answer: `{"error": {"code", "message"}}`."""
        return Response(self.status, {"error": {"code": self.code, "message": self.message}})


def failure(status: int, retry_after: int | None) -> Response:
    """The control API takes part in no fault; this is what it would say."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(status, {"error": {"code": "Fault", "message": f"Fault {status}."}}, headers)


def body_of(request: Request, model: type[Body]) -> Body:
    """The request's JSON body. Raises 400 with every mistake in it."""
    try:
        return model.model_validate(_json(request))
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, detail['loc'])) or 'the body'}: {_lower(detail['msg'])}"
            for detail in error.errors(include_url=False)
        ]
        raise ControlError(400, "InvalidBody", "; ".join(mistakes)) from None


def _json(request: Request) -> Any:
    try:
        content = request.json()
    except ValueError:
        raise ControlError(400, "InvalidBody", "the body: is not JSON") from None
    return {} if content is None else content


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
