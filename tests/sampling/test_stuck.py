"""A chain whose steps shrink to nothing ends its try, and the ladder goes on."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.regression.specs import SPECS, columns_of
from tests.sampling.test_ladder import prepared

from driftmill.sampling import ladder
from driftmill.sampling.ladder import sample_posterior
from driftmill.sampling.mode import Mode
from driftmill.sampling.nuts import StuckError, build_kernel, run_chain, start_chain

WARMUP = 60


def chain(log_density, draws=20):
    kernel = build_kernel(log_density, WARMUP, 0.8, 6)
    mode = Mode(np.zeros(1), np.eye(1))
    began = start_chain(kernel, (), mode, np.array([0.3]), jax.random.key(2))
    seen = []
    return run_chain(kernel, (), mode, began, draws, seen.append), seen


def rugged(position, _):
    """Return a density that no step is small enough for."""
    return -0.5 * jnp.sum(position**2) + 1e6 * jnp.sum(jnp.sin(1e9 * position))


def smooth(position, _):
    return -0.5 * jnp.sum(position**2)


def test_steps_that_shrink_to_nothing_end_the_chain():
    with pytest.raises(StuckError, match=r"the steps of a chain shrank to .*e-"):
        chain(rugged)


def test_others_go_on_through_both_looks():
    found, seen = chain(smooth)
    assert found.positions.shape == (20, 1)
    assert {WARMUP // 2, WARMUP} <= {partial.warmed for partial in seen}


@pytest.mark.parametrize("stuck", [1, 3])
def test_the_ladder_goes_on_and_says_so_where_all_tries_are_stuck(monkeypatch, stuck):
    programs, data = prepared(SPECS["ddm"], columns_of(SPECS["ddm"], 30, 1))
    tries = []

    def caught(*args):
        tries.append(args)
        if len(tries) <= stuck:
            raise StuckError("the steps of a chain shrank to 1e-13: it is caught")
        return run_chain(*args)

    monkeypatch.setattr(ladder, "run_chain", caught)
    found = sample_posterior(programs, data, np.random.SeedSequence(4))
    if stuck == 3:
        assert found.draws is None
        assert found.code == "numeric_failure"
        assert "caught" in found.message
    else:
        assert np.isfinite(found.draws).all()
        assert found.rung in (1, 2)
