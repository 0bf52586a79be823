"""Hierarchical Gaussian filters against reference tables, and where the tables do not reach."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from driftmill.processes.hgf import (
    hgf_binary,
    hgf_binary_levels,
    hgf_continuous,
    hgf_continuous_levels,
)
from driftmill.processes.trajectory import trajectory
from tests.processes.panels import defaults, panel, some

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
SETTINGS = pd.read_parquet(REFERENCE / "hgf_settings.parquet").set_index("setting")
INPUTS = pd.read_parquet(REFERENCE / "hgf_inputs.parquet")
BELIEFS = pd.read_parquet(REFERENCE / "hgf_beliefs.parquet")
#: Rounding grows without bound in this one.
CHAOTIC = "c3_eHGF_mf_om-13_-2"
BINARY = [name for name, row in SETTINGS.iterrows() if row["model"] == "binary"]
CONTINUOUS = [
    name for name, row in SETTINGS.iterrows() if row["model"] == "continuous" and name != CHAOTIC
]


def parameters_of(row):
    """Return a setting's parameters; the table counts the levels of both filters from 2."""
    low = 2 if row["model"] == "binary" else 1
    own = {f"omega{low}": row["om2"], f"omega{low + 1}": row["om3"], "kappa": row["kappa"]}
    for ours, theirs in ((low, 2), (low + 1, 3)):
        own |= {f"rho{ours}": row[f"rho{theirs}"], f"lam{ours}": row[f"lam{theirs}"]}
        own |= {f"mu{ours}_start": row[f"mu{theirs}"], f"pi{ours}_start": row[f"pi{theirs}"]}
    own |= {"hgf_alpha": row["alpha"], "rho0": 0.0}
    return own if low == 2 else own | {"pi_in": row["pi_in"]}


def trials_of(row):
    columns = INPUTS[INPUTS["model"] == row["model"]]
    u = columns["u"].to_numpy()[:, None]
    trials = {"u": u, "choice": np.zeros(u.shape, int), "observed": np.ones(u.shape, bool)}
    if row["ts"] == "irregular":
        trials["elapsed"] = columns["elapsed"].to_numpy()[:, None]
    return trials, columns["response"].to_numpy()[:, None]


def kind_of(row):
    return {
        "levels": int(row["levels"]),
        "update": "standard" if row["kind"] == "standard" else "ehgf",
    }


def check_beliefs(setting, told, names):
    table = BELIEFS[BELIEFS["setting"] == setting]
    for ours, theirs in names.items():
        expected = table[theirs].to_numpy()
        got = np.asarray(told[ours])[table["trial_id"], 0]
        scale = np.abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12 * scale, err_msg=ours)


@pytest.mark.parametrize("setting", BINARY)
def test_beliefs_about_binary_inputs(setting):
    row = SETTINGS.loc[setting]
    trials, _ = trials_of(row)
    told = hgf_binary_levels(parameters_of(row), trials, **kind_of(row))
    names = ["mu1hat", "mu2hat", "pi2hat", "mu2", "pi2"]
    names += ["mu3hat", "pi3hat", "mu3", "pi3"] if row["levels"] == 3 else []
    assert set(told) == set(names)
    check_beliefs(setting, told, {name: name for name in names})


@pytest.mark.parametrize("setting", CONTINUOUS)
def test_beliefs_about_continuous_inputs(setting):
    row = SETTINGS.loc[setting]
    trials, _ = trials_of(row)
    told = hgf_continuous_levels(parameters_of(row), trials, **kind_of(row))
    names = {"mu0hat": "mu1hat"}
    for ours, theirs in ((1, 2), (2, 3))[: int(row["levels"]) - 1]:
        names |= {f"{q}{ours}{h}": f"{q}{theirs}{h}" for q in ("mu", "pi") for h in ("hat", "")}
    names |= {name: name for name in ("surprise_first_level", "surprise_total")}
    assert set(told) == set(names)
    check_beliefs(setting, told, names)


def check_sums(row, log_p, free):
    """Compare a summed log likelihood with the table's, and its gradients without trial 1."""
    told = log_p(free)
    assert float(told.sum()) == pytest.approx(row["logp_sum_all"], rel=1e-11)
    assert float(told[1:].sum()) == pytest.approx(row["logp_sum_drop_first"], rel=1e-11)
    expected = {"om2": "dlogp_dom2", "om3": "dlogp_dom3", "beta": "dlogp_dbeta"}
    gradient = jax.jit(jax.grad(lambda p: log_p(p)[1:].sum()))(free)
    for name, got in gradient.items():
        assert float(np.squeeze(got)) == pytest.approx(row[expected[name]], rel=1e-8, abs=1e-9)


def free_of(row):
    names = ["om2", "om3"] if row["levels"] == 3 else ["om2"]
    return {name: jnp.array([row[name]]) for name in names}


@pytest.mark.parametrize("setting", BINARY)
def test_log_likelihood_and_gradients_with_binary_inputs(setting):
    row = SETTINGS.loc[setting]
    trials, response = trials_of(row)
    rule = hgf_binary(**kind_of(row))

    def log_p(free):
        omegas = {f"omega{n[2]}": x for n, x in free.items() if n != "beta"}
        logit = free["beta"] * trajectory(rule, parameters_of(row) | omegas, trials)
        # The table keeps probabilities between 1e-6 and 1 - 1e-6, which only beta = 16 reaches.
        chosen = jnp.clip(jax.nn.sigmoid(jnp.where(response > 0, logit, -logit)), 1e-6, 1 - 1e-6)
        exact = jax.nn.log_sigmoid(jnp.where(response > 0, logit, -logit))
        return jnp.log(chosen) if row["beta"] == 16 else exact

    check_sums(row, log_p, free_of(row) | {"beta": jnp.array([row["beta"]])})


@pytest.mark.parametrize("setting", CONTINUOUS)
def test_surprise_and_gradients_with_continuous_inputs(setting):
    row = SETTINGS.loc[setting]
    trials, _ = trials_of(row)

    def log_p(free):
        omegas = {f"omega{int(n[2]) - 1}": x for n, x in free.items()}
        told = hgf_continuous_levels(parameters_of(row) | omegas, trials, **kind_of(row))
        return -told["surprise_total"]

    check_sums(row, log_p, free_of(row))


FILTERS = {
    "hgf_binary": (hgf_binary(2), hgf_binary_levels, {"levels": 2}, "2"),
    "hgf_binary_3": (hgf_binary(3), hgf_binary_levels, {"levels": 3}, "23"),
    "hgf_binary_3_standard": (
        hgf_binary(3, "standard"),
        hgf_binary_levels,
        {"levels": 3, "update": "standard"},
        "23",
    ),
    "hgf_continuous": (hgf_continuous(2), hgf_continuous_levels, {"levels": 2}, "1"),
    "hgf_continuous_3": (hgf_continuous(3), hgf_continuous_levels, {"levels": 3}, "12"),
    "hgf_continuous_3_standard": (
        hgf_continuous(3, "standard"),
        hgf_continuous_levels,
        {"levels": 3, "update": "standard"},
        "12",
    ),
}
EACH = pytest.mark.parametrize("name", FILTERS)


@EACH
def test_the_rule_tells_the_lower_walks_prediction(name):
    rule, levels_of, kind, levels = FILTERS[name]
    trials, parameters = panel(50, 3, missing=0.2), defaults(name, kappa=0.8)
    told = levels_of(parameters, trials, **kind)
    got = trajectory(rule, parameters, trials)
    np.testing.assert_allclose(got, told[f"mu{levels[0]}hat"], rtol=1e-13, atol=1e-15)


@EACH
def test_without_an_input_every_level_keeps_its_prediction(name):
    _, levels_of, kind, levels = FILTERS[name]
    trials = panel(60, 3, missing=0.3)
    away = ~trials["observed"]
    low = levels[0]
    moving = {f"rho{low}": 0.05, f"lam{low}": 0.9}
    told = levels_of(defaults(name, **moving), trials, **kind)
    for level in levels:
        for quantity in ("mu", "pi"):
            before, after = (np.asarray(told[f"{quantity}{level}{h}"]) for h in ("hat", ""))
            np.testing.assert_array_equal(after[away], before[away])
            assert (after[~away] != before[~away]).mean() > 0.5
    for surprise in {"surprise_first_level", "surprise_total"} & set(told):
        np.testing.assert_array_equal(np.asarray(told[surprise])[away], 0.0)


@pytest.mark.parametrize("name", ["hgf_binary", "hgf_continuous"])
def test_missing_inputs_are_time_that_passes(name):
    """Trials without input, then one with: as if more time had passed before that one."""
    _, levels_of, kind, levels = FILTERS[name]
    gap = panel(12, 2)
    gap["observed"][5:8] = False
    long = {n: np.delete(x, slice(5, 8), axis=0) for n, x in gap.items()}
    long["elapsed"] = np.ones(long["observed"].shape)
    long["elapsed"][5] = 4.0
    parameters = defaults(name, **{f"rho{levels}": 0.05})
    one, other = (levels_of(parameters, trials, **kind) for trials in (gap, long))
    for q in ("mu", "pi"):
        got = np.delete(np.asarray(one[f"{q}{levels}"]), slice(5, 8), axis=0)
        np.testing.assert_allclose(got, other[f"{q}{levels}"], rtol=1e-12)


@EACH
@pytest.mark.parametrize("scale", [2.0, 10.0, 100.0])
def test_no_parameters_lead_to_nan(name, scale):
    """Far outside of what is plausible, predictions and gradients stay finite."""
    rule = FILTERS[name][0]
    lanes, rng = 3000, np.random.default_rng(3)
    trials = panel(40, lanes, missing=0.05)
    if "continuous" in name:
        trials["u"] = rng.normal(0.0, scale, trials["u"].shape)
    free = {}
    for parameter, typical in defaults(name).items():
        at = rng.normal(0.0, scale, lanes)
        if parameter.startswith(("omega", "rho0")):
            free[parameter] = typical + at
        elif parameter.startswith("mu"):
            free[parameter] = at / 4
        elif not parameter.startswith(("lam", "rho")):
            free[parameter] = np.exp(at / 8)
    held = {n: x for n, x in defaults(name).items() if n not in free}

    def total(parameters):
        told = trajectory(rule, held | parameters, trials)
        return told.sum(), told

    gradient, told = jax.jit(jax.grad(total, has_aux=True))(free)
    assert np.isfinite(told).all()
    finite = {n: np.isfinite(g).all() for n, g in gradient.items()}
    assert all(finite.values()), finite


def test_negative_precisions_of_the_standard_update_are_met_and_survived():
    """The equation of the standard update alone, in a plain loop, fails on these inputs."""
    trials = {
        "u": np.array([0.0, 0.0, 8.0, 0.0, 8.0])[:, None],
        "choice": np.zeros((5, 1), int),
        "observed": np.ones((5, 1), bool),
    }
    parameters = defaults("hgf_continuous_3_standard", omega1=-2.0, omega2=2.0, pi_in=100.0)
    told = hgf_continuous_levels(parameters, trials, levels=3, update="standard")
    told = {n: np.asarray(x)[:, 0] for n, x in told.items()}
    step = np.exp(-2.0 + told["mu2hat"][2])
    share = step * told["pi1hat"][2]
    surprise = (
        told["pi1hat"][2] * (1 / told["pi1"][2] + (told["mu1"][2] - told["mu1hat"][2]) ** 2) - 1
    )
    by_equation = told["pi2hat"][2] + share**2 / 2 + share**2 * surprise - share * surprise / 2
    assert by_equation < 0
    assert 0.005 * told["pi2hat"][2] <= told["pi2"][2] < 0.01 * told["pi2hat"][2]
    assert all(np.isfinite(x).all() for x in told.values())


@EACH
def test_single_precision_stays_close(name):
    rule, _, _, levels = FILTERS[name]
    free = some(5, **{f"omega{level}": -3.0 for level in levels})
    trials = panel(80, 5, missing=0.1)
    narrow = {n: x.astype(np.float32) for n, x in free.items()}
    exact = np.asarray(trajectory(rule, defaults(name) | free, trials))
    got = trajectory(rule, defaults(name) | narrow, trials)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, exact, rtol=1e-4, atol=1e-4)
