"""Made-up studies of every shape, small enough to render in a test."""

from dataclasses import replace

import numpy as np
from tests.report.calibrations import with_ranks
from tests.report.factory import PARAMETERS, PRIOR, Factory
from tests.report.hierarchies import hierarchy, observed_hierarchy, ridge

from driftmill.recovery.precision import precision
from driftmill.recovery.sample_size import PrecisionTargets, sample_sizes
from driftmill.recovery.sizes import Size
from driftmill.report.data import (
    CellSummary,
    FitSummary,
)


def simulated(name, model, datasets=12, trials=200):
    truth = {p: f"Normal(mu={PRIOR[p][0]:g}, sigma={PRIOR[p][1]:g})" for p in PARAMETERS[model]}
    return CellSummary(name, model, truth, 1, trials, datasets, lapse=0.05)


def observed(name="people", datasets=6):
    return CellSummary(name, None, {}, 1, None, datasets, source="people.csv")


FITS = tuple(
    FitSummary(name, name, priors=dict.fromkeys(names, "Normal(mu=0, sigma=1)"), p_outlier="0.05")
    for name, names in PARAMETERS.items()
)


def full():
    """Two generators, two fits, observed data too, three failures, one drawn dataset."""
    fail = {
        ("ddm", "angle", 2): "not_converged",
        ("angle", "angle", 5): "not_converged",
        ("angle", "ddm", 7): "numeric_failure",
    }
    cells = (simulated("ddm", "ddm"), simulated("angle", "angle"), observed())
    return Factory().data(cells, FITS, fail=fail, draw={("angle", 0)}, predictive="observed")


def sizes():
    """One generator at three numbers of trials, errors falling as their square root, no more."""
    cells = tuple(simulated(f"n{n:03d}", "ddm", 10, n) for n in (50, 200, 800))
    data = Factory().data(cells, FITS[:1], compare=False)
    table = data.table("estimates")
    trials = table["cell"].map({cell.name: cell.trials for cell in cells})
    shrunk = np.sqrt(200 / trials)
    scaled = {"sd": table["sd"] * shrunk}
    for name in ("mean", "lower_90", "upper_90"):
        scaled[name] = table["truth"] + (table[name] - table["truth"]) * shrunk
    scaled["contraction"] = 1 - (scaled["sd"] / table["prior_sd"]) ** 2
    table = table.assign(**scaled)
    swept = {cell.name: Size("n", cell.trials, 1) for cell in cells}
    seeds = {name: np.random.SeedSequence(size.trials) for name, size in swept.items()}
    known = {"gates": data.table("gates"), "precision": precision(table, swept)}
    known["sample_sizes"] = sample_sizes(table, swept, PrecisionTargets(rmse=0.05), seeds)
    return replace(data, tables=known)


def recovery_only():
    return Factory().data((simulated("ddm", "ddm", 8),), FITS[:1], compare=False)


def observed_only():
    return Factory().data((observed(),), FITS)


def single():
    return Factory().data((observed("one", 1),), FITS[:1], draw={("one", 0)})


def all_failed():
    fail = {("ddm", "ddm", d): "numeric_failure" for d in range(4)}
    return Factory().data((simulated("ddm", "ddm", 4),), FITS[:1], fail=fail, draw={("ddm", 0)})


def calibrated():
    """A cell with truths from its fit's priors, of which some failed; one with a grid."""
    fail = {("ddm", "ddm", 3): "not_converged", ("ddm", "ddm", 9): "numeric_failure"}
    cells = (simulated("ddm", "ddm", 124), simulated("angle", "angle", 2))
    return with_ranks(Factory().data(cells, FITS[:1], fail=fail, compare=False), lost=6)


def long_names():
    """Two parameters with formulas alone are free, and fits have names of many words."""
    data = recovery_only()
    new = {"v": "v_congruency|participant_id_sigma[incongruent]", "a": "a_Intercept"}
    tables = {}
    for name, frame in data.tables.items():
        columns = [c for c in ("parameter", "parameter_1", "parameter_2") if c in frame]
        for column in columns:
            frame = frame[frame[column].isin(new)].assign(**{column: frame[column].map(new)})
        tables[name] = frame
    return replace(data, tables=tables)


def many():
    """More cells, parameters and datasets than a page shows."""
    cells = tuple(simulated(f"ddm-{i}", "ddm", 3) for i in range(14))
    return Factory().data((*cells, observed("crowd", 75)), FITS[:1])


def thousand():
    """Two models, two sizes, 250 datasets each, two fits, and some failures."""
    cells = tuple(simulated(f"{m}-{n}", m, 250, n) for m in ("ddm", "angle") for n in (100, 400))
    fail = {
        (cell.name, fit.name, 40 * k + 3): "not_converged"
        for cell in cells
        for fit in FITS
        for k in range(4)
    }
    return Factory().data(cells, FITS, fail=fail)


STUDIES = {
    study.__name__: study
    for study in (
        *(full, sizes, recovery_only, observed_only, single, all_failed, calibrated, long_names),
        *(many, thousand, hierarchy, observed_hierarchy, ridge),
    )
}
