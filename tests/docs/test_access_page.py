"""The page about who may use a connection says what the loader takes."""

import yaml
from documentation import blocks

from azure_service_connections.configuration.access_models import Checks, Permission
from azure_service_connections.configuration.loader import load
from azure_service_connections.configuration.sentences import keys_of

PAGE = "docs/who-may-use-it.md"


def test_the_stack_of_the_page_is_accepted_and_says_every_check() -> None:
    (block,) = blocks(PAGE, "yaml")
    connections = load(yaml.safe_load(block.text)["config"]["azure-service-connections:connections"])
    checks = connections["payments-production"].checks
    assert checks is not None
    said = checks.model_dump(by_alias=True, exclude_unset=True)
    assert set(keys_of(Checks)) - set(said) == {"allowUnprotectedBranches"}
    permissions = connections["payments-production"].permissions
    assert set(permissions["ada"].model_dump()) == set(keys_of(Permission))
