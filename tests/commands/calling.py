"""Calling the command as a user does, and what it tells of a user's error."""

from typer.testing import CliRunner

from driftmill.cli import app

#: A diffusion's parameters, as options.
DDM = ["-p", "v=.5", "-p", "a=1.5", "-p", "z=.5", "-p", "t=.3"]


def run(*args):
    """Run ``driftmill`` with some arguments."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def refused(result):
    """Return what a command told of a user's error: a message, no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stderr


def given(values):
    """Return parameters by name as options."""
    return [word for name, value in values.items() for word in ("-p", f"{name}={value}")]
