"""A posterior that is stopped anywhere and goes on ends in the bits of one that was not."""

import io
from dataclasses import fields

import numpy as np
import pytest
from tests.regression.specs import SPECS, columns_of

from driftmill.regression.columns import Shape
from driftmill.regression.lifter import Lifter
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.programs import Programs
from driftmill.sampling.settings import Gates, Rung, SamplingSettings

#: No posterior of 60 draws has 10,000 effective ones: all three tries are made, by one program.
FAILING = SamplingSettings(
    chains=2,
    draws=30,
    warmup=25,
    target_accept=0.9,
    gates=Gates(ess_bulk=10_000),
    ladder=(Rung(25, 0.9), Rung(25, 0.9, "prior")),
)


class StopError(Exception):
    """The job is killed."""


class Stopping:
    """Watches a posterior; at a try and share ``at`` keeps its state as a file would, and stops."""

    def __init__(self, at=None, kept=None):
        self.at, self.kept, self.steps, self.state = at, kept, [], None

    def __call__(self, step, state):
        self.steps.append(step)
        if self.at is not None and (step.rung, step.share) >= self.at:
            file = io.BytesIO()
            np.savez(file, allow_pickle=False, **state())
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                self.state = {name: arrays[name] for name in arrays.files}
            raise StopError


def prepared(spec, columns):
    lifted, data = Lifter(spec, Shape(len(columns["response"]))).of(columns)
    return Programs(lifted, FAILING), data


def run(programs, data, watch):
    return sample_posterior(programs, data, np.random.SeedSequence([3, 1]), watch)


def assert_same(one, other):
    np.testing.assert_array_equal(one.draws, other.draws)
    assert one.stats.keys() == other.stats.keys()
    for name, values in one.stats.items():
        np.testing.assert_array_equal(values, other.stats[name])
        assert values.dtype == other.stats[name].dtype
    for field in fields(one.diagnostics):
        np.testing.assert_array_equal(
            getattr(one.diagnostics, field.name), getattr(other.diagnostics, field.name)
        )
    assert (one.code, one.rung, one.message) == (other.code, other.rung, other.message)


@pytest.fixture(scope="module")
def undisturbed():
    spec = SPECS["hierarchy"]
    columns = columns_of(spec, 48, 5)
    programs, data = prepared(spec, columns)
    watch = Stopping()
    return programs, data, watch.steps, run(programs, data, watch)


@pytest.mark.parametrize("at", [(0, 0.0), (0, 0.6), (1, 0.3), (1, 1.0), (2, 0.6)])
def test_stopped_and_gone_on_gives_the_same_bits(undisturbed, at):
    programs, data, _, whole = undisturbed
    stopping = Stopping(at)
    with pytest.raises(StopError):
        run(programs, data, stopping)
    going_on = Stopping(kept=stopping.state)
    assert_same(run(programs, data, going_on), whole)
    last, first = stopping.steps[-1], going_on.steps[0]
    assert (first.rung, first.share) > (last.rung, last.share), "work was done again"


def test_all_tries_were_made(undisturbed):
    *_, steps, whole = undisturbed
    assert {step.rung for step in steps} == {0, 1, 2}
    assert whole.code == "not_converged"
    assert str(steps[-1]) == "draws 60 of 60, chain 2 of 2, rung 2"
    assert [s.done for s in steps if s.rung == 0 and s.phase == "warm-up"][-1] == 50


def test_a_time_limit_counts_what_was_done_before(undisturbed):
    programs, data, *_ = undisturbed
    stopping = Stopping(at=(0, 0.0))
    with pytest.raises(StopError):
        run(programs, data, stopping)
    stopping.state["seconds"] = np.asarray(1e6)
    limited = Programs(programs.lifted, SamplingSettings(**{**vars(FAILING), "timeout": 1e5}))
    limited._kernels = programs._kernels
    assert run(limited, data, Stopping(kept=stopping.state)).code == "timeout"
