"""Where commands print, and how they tell a user what went wrong."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.console import Console

from driftmill.store.errors import StoreError
from driftmill.study.problems import StudyErrors

#: Width of tables that are not printed to a terminal, so that no column is squeezed.
_WIDTH = 120


class UserError(Exception):
    """Something that the user can mend; the message says how."""


def console() -> Console:
    """Return the console on which tables are printed."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)


@contextlib.contextmanager
def user_errors() -> Iterator[None]:
    """Print what a user can mend as a message, and end with exit code 1."""
    try:
        yield
    except (UserError, StudyErrors, StoreError) as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from error


def project_root() -> Path:
    """Return the folder that holds ``config/studies``: the current one, or driftmill's own."""
    here = Path.cwd()
    return here if (here / "config" / "studies").is_dir() else program_root()


def program_root() -> Path:
    """Return driftmill's own folder, whose Snakefile and ``config`` a run goes by."""
    return Path(__file__).parents[3]
