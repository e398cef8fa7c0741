"""The keys of the issuers."""

from pathlib import Path

import pytest

from azure_service_connections.sandbox.cloud import Cloud


def test_a_key_outlives_a_restart_even_if_a_refused_request_made_it(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "state.db")

    def refused_request() -> None:
        with cloud.store.transaction():
            cloud.signing.key_id("entra")
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        refused_request()
    name = cloud.signing.key_id("entra")
    cloud.close()

    again = Cloud(tmp_path / "state.db")

    assert again.signing.key_id("entra") == name
    again.close()


def test_each_issuer_has_a_key_of_its_own() -> None:
    cloud = Cloud()

    assert cloud.signing.key_id("entra") != cloud.signing.key_id("devops")
    cloud.close()
