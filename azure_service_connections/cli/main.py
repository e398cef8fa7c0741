"""The `connections` command."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

import click

FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130

_HELP_INSTEAD: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What newer versions of the library raise, with the help as text, where a verb is missing."""


VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: f"azure_service_connections.cli.{name}"
        for name in (
            "inventory",
            "orphans",
            "plan",
            "apply",
            "handoff",
            "revert",
            "status",
            "adopt",
            "review",
            "verify",
            "recover",
            "sandbox",
        )
    }
)
"""The module of each verb, which holds a command of the verb's name."""


class Verbs(click.Group):
    """Loads a verb when it is asked for: what one needs, another does not have to wait for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of this name, or None."""
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(VERBS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage. A command that uses others says so in its help.",
)
@click.version_option(package_name="azure-service-connections", prog_name="connections")
def connections() -> None:
    """Azure DevOps service connections to Azure: see, convert, adopt, prove and recover them."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and answer its exit code; a mistake is one sentence on standard error."""
    try:
        code = connections.main(arguments, prog_name="connections", standalone_mode=False)
    except _HELP_INSTEAD as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    except click.UsageError as error:
        where = (
            error.ctx.command_path
            if error.ctx
            else _verb_of(sys.argv[1:] if arguments is None else arguments)
        )
        message = error.format_message().rstrip(".")
        click.echo(f"error: {message}; see `{where} --help`.", err=True)
        return WRONG_USAGE
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("error: interrupted; run the command again to go on.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing may be written to it at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code if isinstance(code, int) else 0


def _verb_of(arguments: Sequence[str]) -> str:
    """The command that the arguments name, for mistakes that do not say in which they are."""
    path, command = ["connections"], cast(click.Command, connections)
    for word in arguments:
        if not isinstance(command, click.Group):
            break
        inner = command.get_command(click.Context(command), word)
        if inner is not None:
            path.append(word)
            command = inner
    return " ".join(path)


if __name__ == "__main__":
    sys.exit(main())
