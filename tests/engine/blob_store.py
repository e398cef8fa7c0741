"""A blob store that speaks S3, on this machine, for state that several people share."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
from moto.server import ThreadedMotoServer

BUCKET = "state"


class BlobStore:
    """One bucket."""

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def variables(self) -> Mapping[str, str]:
        """What points an engine at it."""
        host = self._address.removeprefix("http://")
        return {
            "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint={host}&disableSSL=true&s3ForcePathStyle=true",
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": "us-east-1",
        }

    def read(self, key: str) -> str:
        """The text of an object."""
        client = boto3.client(
            "s3",
            endpoint_url=self._address,
            region_name=self.variables["AWS_REGION"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )
        try:
            return str(client.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())
        finally:
            client.close()


@contextmanager
def blob_store() -> Iterator[BlobStore]:
    """A store with an empty bucket, which is gone at the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
        yield BlobStore(f"http://{host}:{port}")
    finally:
        server.stop()
