"""One undisturbed run for all workflow tests, and fresh folders for the others."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.workflow.runs import Run, can_be_cut, make_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of the small study that was left in peace to its end, without a network."""
    run = make_run(tmp_path_factory.mktemp("finished"))
    run = replace(run, cut=can_be_cut())
    run()
    return run


@pytest.fixture(scope="session")
def new_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Return a function that makes a run in a fresh folder."""

    def make(**options: object) -> Run:
        return make_run(tmp_path_factory.mktemp("run"), **options)  # type: ignore[arg-type]

    return make
