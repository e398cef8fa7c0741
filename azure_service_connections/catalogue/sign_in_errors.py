"""What the codes of a failed sign-in mean for a service connection, and what to do about each.

Source: Microsoft's pages "Microsoft Entra authentication and authorization error codes" and "Troubleshoot
workload identity service connections". Only the code says what failed: HTTP statuses and texts differ from
one answer to the next.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_CODE = re.compile(r"AADSTS(\d+)")


@dataclass(frozen=True)
class SignInError:
    """A failed sign-in, in the words of somebody who has to repair it."""

    code: int
    meaning: str
    fix: str

    def __str__(self) -> str:
        """One sentence: the code, what is wrong, what to do."""
        return f"AADSTS{self.code}: {self.meaning}; {self.fix}"


_COPY = "copy issuer, subject and audience from the connection, letter by letter, or run `pulumi up`"

SIGN_IN_ERRORS: Mapping[int, SignInError] = MappingProxyType(
    {
        error.code: error
        for error in (
            SignInError(70021, "no federated credential matches what the pipeline presents", _COPY),
            SignInError(700211, "no federated credential has the issuer that the pipeline presents", _COPY),
            SignInError(700212, "no federated credential has the audience that the pipeline presents", _COPY),
            SignInError(700213, "no federated credential has the subject that the pipeline presents", _COPY),
            SignInError(7002131, "no expression of a flexible federated credential matches", _COPY),
            SignInError(7002137, "the assertion is not acceptable to the federated credential", _COPY),
            SignInError(7002138, "a federated credential matches but for upper and lower case", _COPY),
            SignInError(
                70025,
                "the application has no federated credential at all",
                "create the one of this connection with `pulumi up`",
            ),
            SignInError(
                70052,
                "a multi-tenant application cannot be used with an assertion that Entra issued",
                "make the application single-tenant or use one that is",
            ),
            SignInError(
                700223,
                "the tenant does not let this application use federated credentials",
                "ask the tenant's administrators to allow it in the application management policy",
            ),
            SignInError(
                700238,
                "the tenant does not allow this issuer",
                "ask the tenant's administrators to allow the issuer for workload identities",
            ),
            SignInError(
                700229,
                "only an application's own token is accepted from Entra as issuer",
                "sign in with the token of the pipeline, not with a person's",
            ),
            SignInError(
                700024,
                "the assertion is outside its time of validity",
                "ask for a new one just before the sign-in, and check the clock of the agent",
            ),
            SignInError(
                700027,
                "the signature of the assertion does not hold",
                "ask for a new one from the pipeline's own OIDC address",
            ),
            SignInError(
                50166,
                "Entra could not fetch the documents of the issuer",
                "try again later; the issuer has to be reachable from the internet",
            ),
            SignInError(
                501661,
                "Entra could not fetch the keys of the issuer",
                "try again later; the issuer has to be reachable from the internet",
            ),
            SignInError(
                700016,
                "the application is not in this directory",
                "check client id and tenant id of the connection; a new application takes minutes to appear",
            ),
            SignInError(
                7000112,
                "the application's service principal is disabled",
                "enable it with `az ad sp update --id CLIENT-ID --set accountEnabled=true`",
            ),
            SignInError(
                7000229,
                "the application has no service principal in this directory",
                "make it with `az ad sp create --id CLIENT-ID`, or run `pulumi up --refresh`",
            ),
            SignInError(
                7000215,
                "the client secret is wrong",
                "give the secret's value, not its id, or federate the connection",
            ),
            SignInError(
                7000222, "the client secret has expired", "make a new one, or federate the connection"
            ),
            SignInError(
                7000218,
                "neither an assertion nor a secret was sent",
                "let the task use the service connection, not a bare client id",
            ),
            SignInError(90002, "the tenant does not exist", "check the tenant id of the connection"),
            SignInError(900144, "the request lacks a parameter", "sign in with a current client library"),
            SignInError(
                500011,
                "the tenant does not know the resource that a token was asked for",
                "check the scope of the request and the cloud of the connection",
            ),
        )
    }
)
"""The codes that a service connection meets, by number."""


def explain(text: str) -> SignInError | None:
    """The first known code in the text of a failed sign-in, or None."""
    for code in _CODE.findall(text):
        if known := SIGN_IN_ERRORS.get(int(code)):
            return known
    return None
