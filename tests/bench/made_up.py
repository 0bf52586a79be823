"""Artifacts of a study as they lie when its fits are done, made up rather than sampled."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.comparison.loo import Loo, elpd_table, pareto_k_limit, pointwise_table
from driftmill.formulas.links import Link, default_link
from driftmill.regression.columns import shape_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.provenance import Provenance, provenance
from driftmill.store.tables import write_table
from driftmill.store.trees import write_tree
from driftmill.study.batches import Batch
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.expand import Plan, expand
from driftmill.study.hash import study_hash
from driftmill.study.types import Study

FloatArray = NDArray[np.float64]
#: Cells: the generator and its number of trials. Fits: the model and the covariates of its drift,
#: so many that every fit has eight parameters.
CELLS = {"ddm-100": ("ddm", 100), "ddm-200": ("ddm", 200), "angle-100": ("angle", 100)}
CELLS |= {"angle-200": ("angle", 200)}
FITS = {"ddm": ("ddm", "xywu"), "angle": ("angle", "xyw"), "vague": ("ddm", "xywu")}
FITS |= {"weibull": ("weibull", "xy")}
#: Width of a posterior on the line, its share that does not pass, and by how much each trial's elpd
#: is lower under a model that did not make it.
WIDTH, FAILING, WORSE = 0.15, 0.02, 0.04
_STATS = ("acceptance_rate", "energy", "step_size", "lp")


def study_of(datasets: int, chains: int, draws: int) -> dict[str, Any]:
    """Return the study: two models in two sizes, four fits, truths from the priors of two."""
    size = datasets // len(CELLS)
    normal = {"name": "Normal", "mu": 0, "sigma": 1}
    cells = [
        {
            "name": name,
            "model": model,
            "truth": {"prior": model},
            "covariates": dict.fromkeys("xywu", normal),
            "trials": trials,
            "datasets": size,
        }
        for name, (model, trials) in CELLS.items()
    ]
    return {
        "study": "scale",
        "data": cells,
        "fits": [_fit(name, *fit) for name, fit in FITS.items()],
        "sampling": {"chains": chains, "draws": draws},
        "report": {"predictive": {"data": "none", "prior": False}},
    }


def _fit(name: str, model: str, covariates: str) -> dict[str, Any]:
    wide = 2 if name == "vague" else 1
    drift = {
        "name": "v",
        "formula": f"v ~ 1 + {' + '.join(covariates)}",
        "prior": {
            term: {"name": "Normal", "mu": 0, "sigma": 0.7 * wide}
            for term in ("Intercept", *covariates)
        },
    }
    priors = {
        "a": {"name": "Gamma", "mu": 1.3, "sigma": 0.2 * wide},
        "t": {"name": "Gamma", "mu": 0.4, "sigma": 0.1 * wide},
        "z": {"name": "Beta", "alpha": 10 / wide, "beta": 10 / wide},
    }
    return {"name": name, "model": model, "include": [drift], "priors": priors, "p_outlier": 0.0}


def write_all(study: Study, results: str, workers: int) -> Plan:
    """Write data, posteriors and pointwise numbers of every batch and return the plan."""
    plan = expand(study, results)
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(partial(_write_batch, plan), plan.batches))
    return plan


def _write_batch(plan: Plan, batch: Batch) -> None:
    """Write everything of one batch."""
    study, paths, cell, label = plan.study, plan.paths, batch.cell, batch.label

    def origin(kind: str, **more: Any) -> Provenance:
        made = provenance(study.study, study_hash(study), kind, cell=cell, batch=label, seed=0)
        return made | more

    trials, truth = simulate_datasets(design_of(study, cell), batch.datasets)
    shape = asdict(shape_of(trials))
    write_table(paths.truth(cell, label), truth, "truth", origin("truth"))
    write_table(paths.trials(cell, label), trials, "trials", origin("trials", shape=shape))
    numbers = np.unique(trials["dataset"].to_numpy())
    known = truth.pivot_table(index="dataset", columns="parameter", values="value").loc[numbers]
    place = plan.cells.index(cell)
    for k, fit in enumerate(plan.fits_of(cell)):
        spec = fit_spec_of(study, cell, fit)
        rng = np.random.default_rng([place, k, batch.datasets.start])
        settings = study.sampling
        tree = posteriors(spec, known, (settings.chains, settings.draws), rng)
        write_tree(paths.posterior(cell, fit, label), tree, origin("posterior", fit=fit))
        codes = dict(zip(numbers.tolist(), tree["result"]["code"].to_numpy().tolist(), strict=True))
        pointwise, elpd = scores(trials, codes, spec.model.name == CELLS[cell][0], rng)
        write_table(paths.pointwise(cell, fit, label), pointwise, "pointwise", origin("pointwise"))
        write_table(paths.elpd(cell, fit, label), elpd, "elpd", origin("elpd"))


def posteriors(
    spec: FitSpec, truth: pd.DataFrame, shape: tuple[int, int], rng: np.random.Generator
) -> xr.DataTree:
    """Make up posteriors whose means err by as much as they are wide.

    Parameters
    ----------
    spec
        The fit.
    truth
        A row a dataset, a column a parameter; parameters that it lacks are anywhere.
    shape
        Chains and draws.
    rng
        Source of chance.

    Returns
    -------
    DataTree
        As `driftmill.sampling.tree.assemble` makes it.
    """
    datasets, n = truth.index.to_numpy(), len(truth)
    coords = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1]), "dataset": datasets}
    drawn: dict[str, FloatArray] = {}
    for name, link in _free(spec):
        centre = link.forward(truth[name]) if name in truth else np.zeros(n)
        middle = centre + WIDTH * rng.standard_normal(n)
        drawn[name] = link.inverse(middle + WIDTH * rng.standard_normal((*shape, n)))
    dims = ("chain", "draw", "dataset")
    stats = {name: (dims, rng.standard_normal((*shape, n))) for name in _STATS}
    failed = rng.random(n) < FAILING
    diagnostics = {
        "r_hat": 1.0 + 0.002 * rng.random((n, len(drawn))) + 0.05 * failed[:, None],
        "ess_bulk": rng.uniform(500, 900, (n, len(drawn))),
        "ess_tail": rng.uniform(500, 900, (n, len(drawn))),
        "mcse_ratio": rng.uniform(0.03, 0.045, (n, len(drawn))),
    }
    result = {
        "code": np.where(failed, "not_converged", "ok").astype(object),
        "rung": np.zeros(n, dtype=np.int64),
        "divergences": np.zeros(n),
        "saturated": np.zeros(n),
        "e_bfmi": rng.uniform(0.7, 1.1, n),
        "message": np.where(failed, "r_hat 1.05 is above 1.01", "").astype(object),
    }
    of = {"dataset": datasets}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({name: (dims, x) for name, x in drawn.items()}, coords),
            "sample_stats": xr.Dataset(
                {
                    **stats,
                    "diverging": (dims, np.zeros((*shape, n), dtype=bool)),
                    "n_steps": (dims, rng.integers(3, 16, (*shape, n))),
                },
                coords,
            ),
            "diagnostics": xr.Dataset(
                {name: (("dataset", "parameter"), x) for name, x in diagnostics.items()},
                {**of, "parameter": list(drawn)},
            ),
            "result": xr.Dataset({name: ("dataset", x) for name, x in result.items()}, of),
        }
    )


def _free(spec: FitSpec) -> Iterator[tuple[str, Link]]:
    """Yield the name of everything that a fit estimates, and its link to the line."""
    for regression in spec.formulas.values():
        for term in regression.terms.common:
            yield regression.variable(term), Link("identity")
    for name in spec.plain_parameters:
        yield name, default_link(spec.parameter(name))


def scores(
    trials: pd.DataFrame, codes: Mapping[int, str], own: bool, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up pointwise and summed elpd: of a trial alike under all fits, worse of some models.

    Parameters
    ----------
    trials
        Trials of the batch.
    codes
        What became of each dataset's fit.
    own
        Whether the fit's model made the data.
    rng
        Source of chance.
    """
    pointwise, sums = [], []
    for dataset, rows in trials.groupby("dataset"):
        n = len(rows)
        alike = -0.5 - np.abs(rows["rt"].to_numpy() - 0.7)
        elpd = alike - (0.0 if own else WORSE) + 0.1 * rng.standard_normal(n)
        k, p = rng.uniform(-0.1, 0.4, n), np.full(n, 8 / n)
        loo = Loo(elpd, k, p, pareto_k_limit(1000), np.zeros(n, dtype=bool))
        pointwise.append(pointwise_table(loo, int(dataset), rows))
        sums.append((int(dataset), codes[int(dataset)], loo))
    return pd.concat(pointwise), elpd_table(sums)
