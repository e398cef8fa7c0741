"""RS256 keys of the sandbox's issuers, kept with the state so that tokens outlive a restart."""

import base64
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from azure_service_connections.sandbox.store import Store


class Signing:
    """Signs and checks JSON Web Tokens; each issuer ("entra", "devops") has a key of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[str, rsa.RSAPrivateKey] = {}

    def sign(self, issuer: str, claims: dict[str, Any]) -> str:
        """A signed token with these claims."""
        return jwt.encode(claims, self._key(issuer), algorithm="RS256", headers={"kid": self.key_id(issuer)})

    def key_id(self, issuer: str) -> str:
        """The `kid` of an issuer's key."""
        numbers = self._key(issuer).public_key().public_numbers()
        return _base64url(numbers.n.to_bytes(256, "big")[:15])

    def public_key(self, issuer: str) -> rsa.RSAPublicKey:
        """The key that checks an issuer's signatures."""
        return self._key(issuer).public_key()

    def document(self, issuer: str) -> dict[str, Any]:
        """The JSON Web Key Set of an issuer."""
        numbers = self._key(issuer).public_key().public_numbers()
        return {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "kid": self.key_id(issuer),
                    "n": _base64url(numbers.n.to_bytes(256, "big")),
                    "e": _base64url(numbers.e.to_bytes(3, "big")),
                }
            ]
        }

    def _key(self, issuer: str) -> rsa.RSAPrivateKey:
        saved = self._store.get("signing-keys", issuer)
        if saved is None:
            # A key may be in memory alone: the refused request that made it took it out of the store again.
            key = self._keys.get(issuer) or rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            self._store.put("signing-keys", issuer, {"pem": pem.decode()})
            self._keys[issuer] = key
        elif issuer not in self._keys:
            loaded = serialization.load_pem_private_key(saved["pem"].encode(), password=None)
            assert isinstance(loaded, rsa.RSAPrivateKey)
            self._keys[issuer] = loaded
        return self._keys[issuer]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
