"""Pointwise and summed elpd of a few fits on a few datasets."""

import numpy as np
import pandas as pd
import pytest


def fit_tables(values, code=None, datasets=None):
    """Pointwise and elpd tables of one fit from elpd of shape (datasets, trials)."""
    n_datasets, n_trials = values.shape
    numbers = np.arange(n_datasets) if datasets is None else np.asarray(datasets)
    pointwise = pd.DataFrame(
        {
            "dataset": np.repeat(numbers, n_trials),
            "participant_id": "p1",
            "trial_id": np.tile(np.arange(n_trials), n_datasets),
            "elpd": values.ravel(),
            "pareto_k": 0.1,
        }
    )
    elpd = pd.DataFrame(
        {
            "dataset": numbers,
            "code": ["ok"] * n_datasets if code is None else code,
            "elpd": values.sum(axis=1),
            "se": np.sqrt(n_trials * values.var(axis=1, ddof=1)),
            "p_loo": 3.0,
            "pareto_k_max": 0.1,
            "n_bad_k": pd.array([0] * n_datasets, dtype="Int64"),
            "k_limit": 0.7,
            "n_trials": n_trials,
        }
    )
    return pointwise, elpd


@pytest.fixture(name="fit_tables")
def fit_tables_fixture():
    """Maker of one fit's tables."""
    return fit_tables


@pytest.fixture
def three_fits():
    """Five datasets of 120 trials: ``a`` and ``b`` near each other, ``c`` far behind."""
    rng = np.random.default_rng(21)
    base = rng.normal(-1, 0.5, (5, 120))
    values = {
        "a": base + rng.normal(0, 0.2, base.shape),
        "b": base + rng.normal(0, 0.2, base.shape),
        "c": base - 0.5 + rng.normal(0, 0.2, base.shape),
    }
    tables = {fit: fit_tables(v) for fit, v in values.items()}
    return {f: t[0] for f, t in tables.items()}, {f: t[1] for f, t in tables.items()}, values
