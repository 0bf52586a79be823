"""How many draws lie beyond a network's box, by counting them one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from driftmill.models import get_model
from driftmill.models.composition import compose
from driftmill.models.registry import find_process
from driftmill.prediction import edges
from driftmill.prediction.designs import designs_of, shapes_of
from driftmill.prediction.edges import draws_beyond
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from tests.prediction.specs import regression

A_ABOVE, V_ABOVE = 1.5, 1.0


def outside(values):
    return (np.asarray(values["a"]) > A_ABOVE) | (np.abs(values["v"]) > V_ABOVE)


NETWORKED = replace(get_model("ddm"), beyond=outside)


def tree(draws, shape, dataset=3):
    """Return draws, chain after chain, as a posterior of one dataset."""
    chains, count = shape
    found = {}
    for name, values in draws.items():
        dims = [f"{name}_dim{k}" for k in range(values.ndim - 1)]
        array = values.reshape(chains, count, *values.shape[1:])[..., None]
        found[name] = (("chain", "draw", *dims, "dataset"), array)
    return xr.Dataset(found, coords={"dataset": [dataset]})


def columns(n=6):
    return {"rt": np.full(n, 0.6), "response": np.ones(n), "x": np.linspace(-1, 1, n)}


def test_plain_draws_are_counted():
    spec = FitSpec("f", NETWORKED, fixed={"z": 0.5, "t": 0.3})
    a = np.array([1.0, 1.6, 1.4, 1.0, 2.0, 1.0, 1.0, 1.0])
    v = np.array([0.5, 0.5, 0.5, -1.2, 3.0, 0.0, 0.0, 0.0])
    posterior = tree({"a": a, "v": v}, (2, 4))
    assert draws_beyond(spec, columns(), posterior, 3) == (8, 3 / 8)


def test_draws_of_a_failed_fit_are_none():
    spec = FitSpec("f", NETWORKED, fixed={"z": 0.5, "t": 0.3})
    posterior = tree({"a": np.full(4, np.nan), "v": np.full(4, np.nan)}, (2, 2))
    draws, beyond = draws_beyond(spec, columns(), posterior, 3)
    assert draws == 0
    assert np.isnan(beyond)


def test_one_trial_beyond_is_enough_whatever_the_pieces(monkeypatch):
    v = regression(NETWORKED, "v", "1 + x")
    spec = FitSpec("f", NETWORKED, fixed={"z": 0.5, "t": 0.3}, regressions={"v": v})
    designs = designs_of(spec, columns())
    draws = prior_draws(spec, shapes_of(designs), 40, np.random.SeedSequence(2))
    labels = {n: x for design in designs.values() for n, x in design.labels.items()}
    found = {}
    for name, values in draws.items():
        dims = [f"{name}_dim{k}" for k in range(values.ndim - 1)]
        coords = dict(zip(dims, map(list, labels.get(name, ())), strict=True))
        array = values.reshape(2, 20, *values.shape[1:])
        found[name] = xr.DataArray(array, dims=("chain", "draw", *dims), coords=coords)
    posterior = xr.Dataset(found).expand_dims(dataset=[3])
    every = trial_draws(spec, designs, draws, columns(), 6).of(np.arange(40))
    expected = sum(
        any(outside({"a": every["a"][k, i], "v": every["v"][k, i]}) for i in range(6))
        for k in range(40)
    )
    assert 0 < expected < 40
    assert draws_beyond(spec, columns(), posterior, 3) == (40, expected / 40)
    monkeypatch.setattr(edges, "TOGETHER", 13)
    assert draws_beyond(spec, columns(), posterior, 3) == (40, expected / 40)


def test_what_is_learned_counts():
    """With values that go to their rewards the drift leaves the box once they are learned."""
    learner = compose(find_process("rescorla_wagner"), NETWORKED)
    spec = FitSpec("f", learner, fixed={"a": 1.0, "z": 0.5, "t": 0.3})
    trials = pd.DataFrame(
        {
            "rt": 0.6,
            "response": np.tile([-1, 1], 20),
            "feedback": np.tile([0.0, 1.0], 20),
            "participant_id": "1",
            "trial_id": np.arange(40),
        }
    )
    given = {name: trials[name].to_numpy() for name in trials}
    rates, scalers = np.array([0.5, 0.5, 0.0001, 0.5]), np.array([3.0, 0.5, 3.0, 2.0])
    posterior = tree({"rl_alpha": rates, "scaler": scalers}, (2, 2))
    assert draws_beyond(spec, given, posterior, 3) == (4, 0.5)


def test_a_fit_without_a_network_has_no_box():
    with pytest.raises(ValueError, match="not that of a network"):
        draws_beyond(FitSpec("f", get_model("ddm")), columns(), xr.Dataset(), 3)
