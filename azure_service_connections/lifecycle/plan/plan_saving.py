"""Puts a plan where it is reviewed, and leaves alone what must not be lost there."""

import os
import tempfile
from pathlib import Path

from azure_service_connections.lifecycle.errors import LifecycleError
from azure_service_connections.lifecycle.plan.plan_file import Plan
from azure_service_connections.lifecycle.plan.plan_reading import read_plan
from azure_service_connections.lifecycle.plan.plan_writing import write_plan


def check_place(path: Path, journal: Path) -> None:
    """Raise LifecycleError where writing a plan would take something away that is needed.

    That is a plan which has been carried out, wholly or in part: its journal belongs to it; and a file that
    is no plan.
    """
    if journal.exists():
        raise LifecycleError(
            f"{path} has been carried out, and {journal.name} tells how far; write the new plan to another "
            "file with --output, or give --force to put the journal aside."
        )
    if not path.exists():
        return
    try:
        read_plan(path)
    except LifecycleError as error:
        raise LifecycleError(
            f"{path} exists and is no plan in order; write to another file with --output, or give --force to "
            "overwrite it."
        ) from error


def save_plan(plan: Plan, path: Path) -> None:
    """Write a plan to a file, wholly or not at all. Raises LifecycleError where that cannot be done."""
    text = write_plan(plan)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix=f".{path.name}.", dir=path.parent, delete=False
        ) as file:
            try:
                file.write(text)
                file.flush()
                os.fchmod(file.fileno(), _mode(path))
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise LifecycleError(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that you may write to."
        ) from error


def _mode(path: Path) -> int:
    """The rights of the file that is replaced; for a new one, those that the process gives to its files."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
