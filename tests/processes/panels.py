"""Trials at random for tests of processes, and the parameters that processes have by default."""

import numpy as np

from driftmill.models.processes import PROCESSES

BY_NAME = {process.name: process for process in PROCESSES}


def panel(trials, lanes, options=2, seed=0, missing=0.0):
    """Return trials of every lane, some of them not observed."""
    rng = np.random.default_rng(seed)
    observed = rng.random((trials, lanes)) >= missing
    columns = {
        "choice": rng.integers(0, options, (trials, lanes)),
        "feedback": rng.random((trials, lanes)).round(3),
        "u": (rng.random((trials, lanes)) < 0.7).astype(float),
    }
    return {n: np.where(observed, c, 0) for n, c in columns.items()} | {"observed": observed}


def defaults(name, **given):
    """Return a process's parameters as Python floats: held or typical values, or those given."""
    parameters = BY_NAME[name].parameters
    values = {p.name: p.typical if p.held is None else p.held for p in parameters}
    return values | given


def some(lanes, seed=0, **centres):
    """Return parameters of shape (lanes,) around the given values."""
    rng = np.random.default_rng(seed)
    return {n: x + 0.1 * rng.uniform(-1, 1, lanes) for n, x in centres.items()}


def lane_of(columns, lane):
    """Return one lane of some arrays, the last axis kept."""
    return {
        n: x if isinstance(x, float) else np.asarray(x)[..., [lane]] for n, x in columns.items()
    }
