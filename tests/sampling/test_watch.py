"""What a job's log says, when, and what of a batch is not sampled again; by a made-up sampler."""

import numpy as np
import pytest
from tests.sampling.memory import Memory

from driftmill.models import get_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling import batch, watch
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.keeping import NOTHING
from driftmill.sampling.posterior import Posterior, judge
from driftmill.sampling.refit import Refits
from driftmill.sampling.settings import Gates, SamplingSettings
from driftmill.sampling.watch import Course, Step

SPEC = FitSpec("ddm", get_model("ddm"))
DRAWS = 40
SETTINGS = SamplingSettings(
    chains=2, draws=DRAWS, gates=Gates(r_hat=9, ess_bulk=0, ess_tail=0, mcse_ratio=9, e_bfmi=0)
)


class Clock:
    """A clock that only a posterior's steps move."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(watch, "time", made)
    return made


@pytest.fixture
def steps(monkeypatch, clock):
    """Put a sampler of 10 steps, of 40 s each, in the place of ours; return what it did."""
    done = []

    def sample(programs, data, seed, looking):
        rng = np.random.default_rng(seed)
        first = 0 if looking.kept is None else int(looking.kept["step"])
        for k in range(first, 10):
            done.append(k)
            clock.now += 40.0
            phase, at = ("warm-up", k + 1) if k < 5 else ("draws", k - 4)
            step = Step(phase, at, 5, 1, 1, 0, (k + 1) / 10)
            looking(step, lambda k=k: {"step": np.asarray(k + 1)})
        lifted = programs.lifted
        draws = rng.random((2, DRAWS, sum(v.size for v in lifted.stored)))
        empty = Posterior(lifted.stored, data.coords, draws, {}, None, "ok", 0, "")
        return judge(empty, SETTINGS)

    monkeypatch.setattr(batch, "sample_posterior", sample)
    return done


def run(datasets, lines, keeper=NOTHING):
    seeds = {number: np.random.SeedSequence([7, number]) for number in datasets}
    return fit_batch(SPEC, datasets, SETTINGS, seeds, Shape(80), lines.append, keeper)


def test_a_batch_stopped_in_its_middle_goes_on(datasets, steps):
    whole = run(datasets, [])
    del steps[:]
    keeper, lines = Memory(stop_at=14), []
    with pytest.raises(KeyboardInterrupt):
        run(datasets, lines, keeper)
    keeper.stop_at = 0
    del steps[:], lines[:]
    again = run(datasets, lines, keeper)
    assert steps == [*range(4, 10), *range(10)], (
        "the first is not sampled again, the second goes on"
    )
    for name in ("posterior", "sample_stats", "diagnostics", "result"):
        assert again[name].to_dataset().identical(whole[name].to_dataset())
    assert lines[0].startswith("posterior 1 of 3: dataset 0, ok, r_hat")
    assert lines[0].endswith(", kept by an earlier run of this job")
    went_on = "warm-up 5 of 5, went on from where an earlier run was stopped"
    assert lines[1] == f"posterior 2 of 3: dataset 1, {went_on}"


def test_long_posteriors_have_lines_within_and_the_time_left(datasets, steps):
    lines = []
    run({0: datasets[0], 1: datasets[1]}, lines)
    within = [line for line in lines if "r_hat" not in line]
    assert within[:4] == [
        "posterior 1 of 2: dataset 0, warm-up 2 of 5; about 12 min left",
        "posterior 1 of 2: dataset 0, warm-up 4 of 5; about 11 min left",
        "posterior 1 of 2: dataset 0, draws 1 of 5; about 9 min left",
        "posterior 1 of 2: dataset 0, draws 3 of 5; about 8 min left",
    ]
    assert lines[5].startswith("posterior 1 of 2: dataset 0, ok, r_hat")
    assert lines[5].endswith(", 400.0 s; about 7 min left")
    assert lines[-1].endswith(", 400.0 s")


def test_the_time_left_goes_by_what_this_run_did(clock):
    course = Course(lambda line: None, total=10)
    course.found(4.0)
    course._done = 4
    clock.now = 300.0
    assert course.left(1.0) == "; about 25 min left"
    assert course.left(0.0) == ""
    clock.now = 10.0
    assert course.left(1.0) == ""


def test_refits_are_kept_by_what_they_hold_out(datasets, steps):
    keeper, lines = Memory(), []

    def refits():
        course = Course(lines.append, total=3, keeper=keeper, brief=True)
        return Refits(Lifter(SPEC, Shape(80)), SETTINGS, course)

    seed, held = np.random.SeedSequence(5), np.arange(80) == 3
    first = refits()(datasets[0], held, seed)
    assert lines[0].startswith("refit 1 of 3, warm-up 2 of 5; about ")
    del steps[:]
    other = refits()
    again = other(datasets[0], held, np.random.SeedSequence(5))
    assert steps == []
    np.testing.assert_array_equal(again.log_likelihood, first.log_likelihood)
    other(datasets[0], np.arange(80) == 4, np.random.SeedSequence(5))
    assert len(steps) == 10
