"""Tables of made-up studies, with the columns of the workflow's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.comparison.compare import compare
from driftmill.comparison.confusion import confusion, inversion
from driftmill.comparison.criteria import judged
from driftmill.comparison.selection import selection
from driftmill.recovery.correlations import LOGARITHMS
from driftmill.recovery.coverage import coverage
from driftmill.recovery.point import point
from driftmill.recovery.subsets import with_truth
from driftmill.recovery.uncertainty import uncertainty
from driftmill.recovery.verdict import verdict
from driftmill.report.data import (
    PosteriorKey,
    ReportData,
    StudySummary,
)
from driftmill.report.sketches import sketches

PARAMETERS = {"ddm": ("v", "a", "z", "t"), "angle": ("v", "a", "z", "t", "theta")}
PRIOR = {"v": (0.0, 1.5), "a": (1.4, 0.4), "z": (0.5, 0.1), "t": (0.4, 0.1), "theta": (0.4, 0.2)}
LEVELS = (0.5, 0.8, 0.9, 0.94, 0.95)
TRIALS = 60


class Factory:
    """Builds the tables of a study; ``fail`` lists (cell, fit, dataset) that did not pass."""

    def __init__(self, seed=1):
        self.rng = np.random.default_rng(seed)

    def study(self, cells, fits, **options):
        return StudySummary(
            name="demo",
            hash="0123456789abcdef" * 4,
            seed=7,
            text="study: demo\nseed: 7\ndata:\n  - name: <b>ddm & co</b>\n",
            cells=cells,
            fits=fits,
            targets={"contraction": "at least 0.5"},
            **options,
        )

    def data(self, cells, fits, *, fail=None, draw=(), **options):
        fail = fail or {}
        tables = {
            "gates": self.gates(cells, fits, fail),
            "estimates": self.estimates(cells, fits, fail),
        }
        tables["datasets"] = self.datasets(cells)
        tables["correlations"] = self.correlations(tables["estimates"])
        tables |= self.recovery(tables["estimates"])
        tables |= self.comparison(cells, fits, fail)
        checked = [
            cell.name for cell in cells if cell.observed or options.get("predictive") != "observed"
        ]
        tables["quantiles"] = self.quantiles(tables["gates"], checked)
        tables["sketches"] = self.sketches(tables["estimates"])
        posteriors = {
            PosteriorKey(cell, fit.name, dataset): self.posterior(
                fit.model, (cell, fit.name, dataset) in fail
            )
            for cell, dataset in sorted(draw)
            for fit in fits
        }
        provenance = {
            "git_commit": "abc123",
            "versions": {"driftmill": "0.1.0", "pymc": "6.4"},
            "hardware": {"cpu": "a processor", "cores": 2},
            "costs": {"fit": {"jobs": 4, "wall_s": 754.2, "cpu_s": 1406.0, "max_rss_mb": 812.0}},
        }
        return ReportData(self.study(cells, fits, **options), tables, posteriors, provenance)

    def datasets(self, cells):
        rows = [
            (cell.name, dataset, "participant_id", f"p{dataset + 1:02d}")
            for cell in cells
            for dataset in range(cell.datasets if cell.observed else 0)
        ]
        return pd.DataFrame(rows, columns=["cell", "dataset", "column", "value"])

    def gates(self, cells, fits, fail):
        rows = []
        for cell in cells:
            for fit in fits:
                for dataset in range(cell.datasets):
                    code = fail.get((cell.name, fit.name, dataset))
                    retried = code is None and self.rng.random() < 0.06
                    dead = code in ("numeric_failure", "timeout")
                    rows.append(
                        {
                            "cell": cell.name,
                            "fit": fit.name,
                            "dataset": dataset,
                            "code": code or ("retried_ok" if retried else "ok"),
                            "rung": 2 if code else int(retried),
                            "r_hat": np.nan
                            if dead
                            else 1 + 0.004 * self.rng.random() + 0.04 * bool(code),
                            "ess_bulk": np.nan if dead else 3000 * self.rng.uniform(0.6, 1.2),
                            "ess_tail": np.nan if dead else 2500 * self.rng.uniform(0.6, 1.2),
                            "divergences": 3 * bool(code),
                            "saturated": 0,
                            "e_bfmi": np.nan if dead else self.rng.uniform(0.8, 1.1),
                            "mcse_ratio": np.nan if dead else 0.02,
                            "message": "r_hat 1.04 is above 1.01" if code else "",
                        }
                    )
        return pd.DataFrame(rows)

    def estimates(self, cells, fits, fail):
        rows = []
        for cell in cells:
            for dataset in range(cell.datasets):
                truth = {
                    name: self.rng.normal(*PRIOR[name]) for name in PARAMETERS.get(cell.model, ())
                }
                for fit in fits:
                    code = fail.get((cell.name, fit.name, dataset), "ok")
                    for name in PARAMETERS[fit.model]:
                        rows.append(self.estimate(cell, fit, dataset, name, truth, code))
        return pd.DataFrame(rows)

    def estimate(self, cell, fit, dataset, name, truth, code):
        center, prior_sd = PRIOR[name]
        sd = prior_sd * (0.75 if name == "theta" else 0.2) * self.rng.uniform(0.8, 1.2)
        true = truth.get(name, np.nan)
        mean = (center if np.isnan(true) else true) + sd * self.rng.normal()
        if code in ("numeric_failure", "timeout"):
            mean = sd = np.nan
        row = {
            "cell": cell.name,
            "fit": fit.name,
            "generator": cell.model,
            "model": fit.model,
            "matched": cell.model == fit.model,
            "dataset": dataset,
            "participant_id": f"p{dataset + 1:02d}" if cell.observed else None,
            "parameter": name,
            "level": "dataset",
            "truth": true,
            "mean": mean,
            "sd": sd,
            "median": mean,
        }
        for level in LEVELS:
            half = {0.5: 0.674, 0.8: 1.282, 0.9: 1.645, 0.94: 1.881, 0.95: 1.96}[level] * sd
            row |= {
                f"lower_{100 * level:.0f}": mean - half,
                f"upper_{100 * level:.0f}": mean + half,
            }
        z = (mean - true) / sd
        quantile = 0.5 * (1 + np.sign(-z) * (1 - np.exp(-0.72 * abs(z) - 0.42 * z**2)))
        return row | {
            "truth_quantile": quantile,
            "z_score": z,
            "prior_sd": prior_sd,
            "contraction": 1 - (sd / prior_sd) ** 2,
            "r_hat": 1.002,
            "ess_bulk": 3000.0,
            "ess_tail": 2800.0,
            "mcse_ratio": 0.02,
            "code": code,
        }

    def correlations(self, estimates):
        rows = []
        for (cell, fit, dataset), group in estimates.groupby(
            ["cell", "fit", "dataset"], sort=False
        ):
            names = list(group["parameter"])
            for i, first in enumerate(names):
                for second in names[i + 1 :]:
                    strength = -0.7 if {first, second} == {"a", "t"} else 0.2
                    r = strength + 0.1 * self.rng.normal()
                    rows.append((cell, fit, dataset, first, second, r))
        columns = ["cell", "fit", "dataset", "parameter_1", "parameter_2", "r"]
        return pd.DataFrame(rows, columns=columns).assign(**dict.fromkeys(LOGARITHMS, np.nan))

    def recovery(self, estimates):
        known = with_truth(estimates)
        if known.empty:
            return {}
        return {
            "point": point(known),
            "coverage": coverage(known),
            "uncertainty": uncertainty(known),
            "verdict": verdict(known),
        }

    def comparison(self, cells, fits, fail):
        comparisons, pairs, elpds, pointwises, selections = [], [], [], [], []
        seed = np.random.SeedSequence(3)
        for cell in cells:
            pointwise, elpd = {}, {}
            base = self.rng.normal(-1.2, 0.7, (cell.datasets, TRIALS))
            for fit in fits:
                # The simpler model predicts the other's data worse, not the reverse.
                worse = 0.15 if (cell.model == "angle") != (fit.model == "angle") else 0.0
                worse *= 1.0 if cell.model == "angle" else 0.1
                values = base - worse * self.rng.gamma(1.0, 1.0, base.shape)
                dead = [(cell.name, fit.name, d) in fail for d in range(cell.datasets)]
                values[dead] = np.nan
                pointwise[fit.name] = self.pointwise(values)
                elpd[fit.name] = pd.DataFrame(
                    {
                        "dataset": np.arange(cell.datasets),
                        "code": ["numeric_failure" if d else "ok" for d in dead],
                        "elpd": np.where(dead, np.nan, values.sum(axis=1)),
                        "se": np.sqrt(TRIALS) * values.std(axis=1),
                        "p_loo": 4.0,
                        "pareto_k_max": 0.55,
                        "n_bad_k": pd.array(
                            [None if d else int(i == 3) for i, d in enumerate(dead)], "Int64"
                        ),
                        "n_matched": pd.array(
                            [None if d else 2 * int(i == 1) for i, d in enumerate(dead)], "Int64"
                        ),
                        "n_refitted": pd.array(
                            [None if d else int(i == 1) for i, d in enumerate(dead)], "Int64"
                        ),
                        "k_limit": 0.7,
                        "n_trials": TRIALS,
                        "n_constant": 0,
                    }
                )
                where = {"cell": cell.name, "fit": fit.name}
                elpds.append(elpd[fit.name].assign(**where))
                pointwises.append(pointwise[fit.name].assign(**where))
            if len(fits) > 1:
                selections.append(selection(cell.name, pointwise))
                one, two = compare(cell.name, pointwise, elpd, seed)
                comparisons.append(one)
                pairs.append(two)
        found = {"elpd": pd.concat(elpds), "pointwise": pd.concat(pointwises)}
        if comparisons:
            found |= {"comparison": pd.concat(comparisons), "pairs": pd.concat(pairs)}
            generators = {cell.name: cell.model for cell in cells if not cell.observed}
            found["selection"] = pd.concat(selections)
            names = [fit.name for fit in fits]
            judgements = judged(found["comparison"], selections).items()
            table = pd.concat([confusion(t, generators, names, by) for by, t in judgements])
            found |= {"confusion": table, "inversion": inversion(table, seed)}
        return found

    def pointwise(self, values):
        datasets, trials = values.shape
        return pd.DataFrame(
            {
                "dataset": np.repeat(np.arange(datasets), trials),
                "participant_id": None,
                "trial_id": np.tile(np.arange(trials), datasets),
                "elpd": values.ravel(),
                "pareto_k": self.rng.normal(0.05, 0.16, values.size),
                "method": "psis",
            }
        )

    def quantiles(self, gates, cells):
        rows = []
        for gate in gates[gates["cell"].isin(cells)].itertuples():
            for response in (-1, 1):
                for probability in (0.1, 0.3, 0.5, 0.7, 0.9, None):
                    share = probability is None
                    dead = gate.code in ("numeric_failure", "timeout")
                    center = 0.5 if share else 0.4 + 0.8 * probability**2
                    width = 0.02 + 0.1 * (probability or 0.3)
                    rows.append(
                        {
                            "cell": gate.cell,
                            "fit": gate.fit,
                            "dataset": gate.dataset,
                            "quantity": "response_share" if share else "rt_quantile",
                            "response": response,
                            "probability": np.nan if share else probability,
                            "observed": center + width * self.rng.normal() / 1.8,
                            "predicted": np.nan if dead else center,
                            "lower": np.nan if dead else center - width,
                            "upper": np.nan if dead else center + width,
                            "n_observed": 30,
                        }
                    )
        return pd.DataFrame(rows)

    def sketches(self, estimates):
        made = []
        for (cell, fit), rows in estimates.groupby(["cell", "fit"], sort=False):
            values = {}
            for name, own in rows.groupby("parameter", sort=False):
                center, sd = (own[c].to_numpy()[:, None, None] for c in ("mean", "sd"))
                noise = self.rng.normal(size=(len(own), 4, 80))
                values[name] = (("dataset", "chain", "draw"), center + sd * noise)
            numbers = own["dataset"].to_numpy()
            batch = xr.Dataset(values, {"dataset": numbers})
            tree = xr.DataTree.from_dict({"posterior": batch})
            made.append(sketches(tree, numbers).assign(cell=cell, fit=fit))
        return pd.concat(made)

    def posterior(self, model, dead):
        names = PARAMETERS[model]
        draws = self.rng.normal(size=(4, 100, len(names)))
        draws[..., 1] -= 0.7 * draws[..., 3]
        dims = ("chain", "draw")
        coords = {"chain": np.arange(4), "draw": np.arange(100)}
        values = {
            name: (
                dims,
                np.where(dead, np.nan, PRIOR[name][0] + 0.2 * PRIOR[name][1] * draws[..., i]),
            )
            for i, name in enumerate(names)
        }
        diverging = self.rng.random((4, 100)) < 0.005
        return xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset(values, coords),
                "sample_stats": xr.Dataset({"diverging": (dims, diverging)}, coords),
            }
        )
