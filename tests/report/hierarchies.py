"""Made-up studies with formulas: posteriors near their truths, tables by the library's own path."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.prediction.pit import Pit, pit_check
from driftmill.prediction.posterior import posterior_check
from driftmill.prediction.prior import prior_check
from driftmill.prediction.splits import trials_of
from driftmill.recovery.batch import Labels
from driftmill.recovery.coverage import coverage
from driftmill.recovery.point import point
from driftmill.recovery.power_scaling import diagnosis
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import roles_of
from driftmill.recovery.subsets import with_truth
from driftmill.recovery.summaries import summaries
from driftmill.recovery.uncertainty import uncertainty
from driftmill.recovery.verdict import verdict
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.summary import products, summary
from driftmill.report.data import (
    CellSummary,
    Description,
    FitSummary,
    PosteriorKey,
    ReportData,
    StudySummary,
    select_dataset,
)

GROUP, EXPR = "participant_id__factor_dim", "c__expr_dim"
NORMAL = Prior("Normal", {"mu": 0.0, "sigma": 1.0})
DEVIATIONS = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.5})})
DDM = FitSpec(
    "hier",
    get_model("ddm"),
    fixed={"z": 0.5},
    regressions={
        "v": Regression(
            "v",
            "1 + c + (1 + c | participant_id)",
            Link("identity"),
            {"Intercept": NORMAL, "c": NORMAL}
            | dict.fromkeys(("1|participant_id", "c|participant_id"), DEVIATIONS),
        ),
        "a": Regression(
            "a",
            "1 + (1 | participant_id)",
            Link("log", 0.0),
            {"Intercept": NORMAL, "1|participant_id": DEVIATIONS},
        ),
    },
)
SOFTMAX = FitSpec(
    "choice",
    get_model("softmax_inv_temperature_2"),
    regressions={
        "logit1": Regression(
            "logit1", "1 + x", Link("identity"), {"Intercept": NORMAL, "x": NORMAL}
        )
    },
)
#: A tiny SVG stands for a graph.
GRAPH = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1L8 8"/></svg>'


class Builder:
    """Truths, posteriors around them, and all tables of recovery of one cell and fit."""

    def __init__(self, spec, datasets, people, seed=5, generator=True):
        self.rng = np.random.default_rng(seed)
        self.spec, self.generator = spec, generator
        self.datasets, self.people = datasets, [f"p{i:02d}" for i in range(people)]
        self.variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
        self.truths: list[tuple[int, str | None, str, float]] = []
        self.coords = {GROUP: self.people, EXPR: ["b", "z"], "v_c_dim": ["b", "z"]}

    def add(self, name, truth, sd, dims=()):
        """Add a variable of shape (dataset, *dims) whose posterior lies about its truth."""
        mean = truth + sd * self.rng.normal(size=truth.shape)
        draws = mean + sd * self.rng.normal(size=(4, 60, *truth.shape))
        self.variables[name] = (("chain", "draw", "dataset", *dims), draws)
        return truth

    def tell(self, name, values, person=None):
        self.truths += [(d, person, name, float(x)) for d, x in enumerate(values)]

    def shared(self, name, low, high, sd):
        truth = self.rng.uniform(low, high, self.datasets)
        self.tell(name, truth)
        return self.add(name, truth, sd)

    def ddm(self):
        n, p = self.datasets, len(self.people)
        self.shared("t", 0.2, 0.4, 0.02)
        common = {"1": self.shared("v_Intercept", 0.5, 1.5, 0.1)}
        slopes = self.rng.uniform(-0.5, 0.5, (n, 2))
        for k, level in enumerate("bz"):
            self.tell(f"v_c[{level}]", slopes[:, k])
        self.add("v_c", slopes, 0.1, ("v_c_dim",))
        self.shared("v_1|participant_id_sigma", 0.2, 0.4, 0.05)
        self.add("v_c|participant_id_sigma", np.full((n, 2), 0.3), 0.05, (EXPR,))
        for k, level in enumerate("bz"):
            self.tell(f"v_c|participant_id_sigma[{level}]", np.full(n, 0.3) + 0.01 * k)
        a = self.shared("a_Intercept", 0.1, 0.4, 0.05)
        self.shared("a_1|participant_id_sigma", 0.1, 0.3, 0.04)
        own = {name: 0.3 * self.rng.normal(size=(n, p)) for name in ("v", "a")}
        for name, values in own.items():
            self.add(f"{name}_1|participant_id", values, 0.08, (GROUP,))
            self.add(f"{name}_1|participant_id_offset", values / 0.3, 0.3, (GROUP,))
        tilt = 0.3 * self.rng.normal(size=(n, p, 2))
        self.add("v_c|participant_id", tilt, 0.08, (GROUP, EXPR))
        for i, person in enumerate(self.people):
            self.tell("v (participant)", common["1"] + own["v"][:, i], person)
            self.tell("a (participant)", np.exp(a + own["a"][:, i]), person)
            self.tell("v_1|participant_id", own["v"][:, i], person)
            for k, level in enumerate("bz"):
                truth = slopes[:, k] + tilt[:, i, k]
                self.tell(f"v_c[{level}] (participant)", truth, person)

    def softmax(self):
        beta = self.rng.uniform(1.0, 3.0, self.datasets)
        spread = np.exp(0.3 * self.rng.normal(size=(4, 60, self.datasets)))
        dims = ("chain", "draw", "dataset")
        self.variables["beta"] = (dims, beta * spread)
        self.variables["logit1_Intercept"] = (dims, 0.5 / spread)
        self.variables["logit1_x"] = (dims, 0.8 / spread)
        self.tell("beta", beta)
        self.tell("logit1_Intercept", np.full(self.datasets, 0.5))
        self.tell("logit1_x", np.full(self.datasets, 0.8))

    def tree(self):
        numbers = list(range(self.datasets))
        used = {dim for dims, _ in self.variables.values() for dim in dims}
        own = {k: v for k, v in self.coords.items() if k in used}
        drawn = {"chain": range(4), "draw": range(60), "dataset": numbers}
        coords = own | {name: list(x) for name, x in drawn.items()}
        posterior = xr.Dataset(self.variables, coords)
        names = []
        for name, variable in posterior.data_vars.items():
            own = itertools.product(*(self.coords[dim] for dim in variable.dims[3:]))
            names += [f"{name}[{', '.join(x)}]" if x else str(name) for x in own]
        shape = (self.datasets, len(names))
        values = {"r_hat": 1.001, "ess_bulk": 900.0, "ess_tail": 800.0, "mcse_ratio": 0.03}
        diagnostics = {k: (("dataset", "parameter"), np.full(shape, x)) for k, x in values.items()}
        result = {"code": "ok", "rung": 0, "divergences": 0, "saturated": 0, "e_bfmi": 0.9}
        return xr.DataTree.from_dict(
            {
                "posterior": posterior,
                "sample_stats": xr.Dataset(
                    {
                        "diverging": (
                            ("chain", "draw", "dataset"),
                            np.zeros((4, 60, self.datasets), bool),
                        )
                    },
                    {name: list(x) for name, x in drawn.items()},
                ),
                "diagnostics": xr.Dataset(diagnostics, {"dataset": numbers, "parameter": names}),
                "result": xr.Dataset(
                    {k: ("dataset", np.array([x] * self.datasets)) for k, x in result.items()}
                    | {"message": ("dataset", np.array([""] * self.datasets, dtype=object))},
                    {"dataset": numbers},
                ),
            }
        )

    def covariate(self, cell):
        """Choice probabilities over bins of x, on two datasets."""
        rows = []
        for dataset, k, response in itertools.product((0, 1), range(3), self.spec.model.choices):
            predicted = 0.3 + 0.2 * k if response == 1 else 0.7 - 0.2 * k
            rows.append(
                {
                    "dataset": dataset,
                    "covariate": "x",
                    "bin": k,
                    "label": f"{k - 1}",
                    "centre": k - 1.0,
                    "quantity": "probability",
                    "response": response,
                    "observed": predicted + 0.02,
                    "observed_lower": predicted - 0.1,
                    "observed_upper": predicted + 0.12,
                    "predicted": predicted,
                    "lower": predicted - 0.05,
                    "upper": predicted + 0.05,
                }
            )
        counts = {"n_observed": 30, "n_draws": 20, "n_outside": 0}
        return pd.DataFrame(rows).assign(cell=cell, fit=self.spec.name, **counts)

    def prior_quantiles(self, cell):
        """Response shares under the priors, and how often a parameter leaves its support."""
        shares = pd.DataFrame({"response": self.spec.model.choices, "observed": 0.5})
        shares = shares.assign(quantity="response_share", predicted=0.45, lower=0.1, upper=0.9)
        outside = pd.DataFrame(
            {
                "quantity": "share_outside",
                "parameter": self.spec.free_parameters,
                "share_outside": 0.05,
            }
        )
        counts = {"n_observed": 30, "n_draws": 20, "n_unfinished": 0, "n_outside": 3}
        table = pd.concat([shares, outside], ignore_index=True).assign(dataset=0, **counts)
        return table.assign(cell=cell, fit=self.spec.name, probability=np.nan)

    def columns(self, trials=120):
        """Trials of the kind that both fits take, whatever they were simulated from."""
        return {
            "rt": self.rng.uniform(0.5, 2.0, trials),
            "response": self.rng.choice([-1, 1], trials),
            "x": self.rng.normal(size=trials),
            "c": np.resize(["a", "b", "z"], trials),
            "participant_id": np.resize(np.repeat(self.people, 3), trials),
        }

    def trials(self, columns):
        """Whose those trials are: every participant's as often as it stands there."""
        frame = pd.DataFrame(columns).assign(dataset=0, trial_id=np.arange(120))
        return trials_of(self.spec, frame, 0)

    def pit(self, own):
        """LOO-PIT of two datasets, the second of which is slower than predicted."""
        parts = []
        for dataset, power in ((0, 1.0), (1, 0.5)):
            columns = self.columns()
            trials = self.trials(columns)
            shares = {q: self.rng.random(120) ** power for q in ("rt", "response")}
            k = self.rng.normal(0.2, 0.2, 120)
            table = pit_check(
                self.spec, columns, Pit(np.arange(120), shares, k), trials, dataset == 0
            )
            parts.append(table.assign(**own, dataset=dataset))
        return pd.concat(parts, ignore_index=True)

    def sensitivity(self, tree, own):
        """Sensitivities of every number, those to the prior high where the name has an a."""
        rows = []
        for of in quantities(tree, roles_of(self.spec)):
            for dataset in range(self.datasets):
                prior = 0.2 if of.parameter.startswith("a") else 0.01
                data = 0.01 if of.level == "sd" else 0.4
                told = {"dataset": dataset, "parameter": of.parameter, "level": of.level}
                told |= {"participant_id": of.participant, "prior": prior, "likelihood": data}
                rows.append(told | {"diagnosis": diagnosis(prior, data)})
        return pd.DataFrame(rows).assign(**own, code="ok")

    def predicted(self, cell, tree):
        """Predictive checks of the first two datasets, the first by the priors too."""
        own = {"cell": cell, "fit": self.spec.name}
        seed, posterior = np.random.SeedSequence(3), tree["posterior"].to_dataset()
        found = {"quantiles": [], "covariate": [], "curves": []}
        for dataset in (0, 1):
            columns = self.columns()
            trials = self.trials(columns)
            checks = posterior_check(
                self.spec, columns, posterior, dataset, seed, 20, trials, dataset == 0
            )
            for kind, table in zip(found, checks, strict=True):
                found[kind].append(table.assign(**own, dataset=dataset))
        tables = {kind: pd.concat(parts) for kind, parts in found.items()}
        tables |= {"pit": self.pit(own), "sensitivity": self.sensitivity(tree, own)}
        before = prior_check(self.spec, self.columns(), seed, 20).assign(**own, dataset=0)
        return tables | {"prior_quantiles": before}

    def data(self, cell):
        """The report's data of a study of this one fit on one cell."""
        tree = self.tree()
        names = ["dataset", "participant_id", "parameter", "value"]
        truth = pd.DataFrame(self.truths if self.generator else [], columns=names)
        pairs = [(d, p) for d in range(self.datasets) for p in self.people]
        trials = pd.DataFrame(pairs, columns=["dataset", "participant_id"])
        model = self.spec.model.name
        labels = Labels(cell, self.spec.name, model, model if self.generator else None)
        formulas = self.spec.formulas
        tables = summaries(tree, truth, trials, labels, self.spec, formulas)
        known = with_truth(tables["estimates"])
        tables |= self.predicted(cell, tree)
        made = {"point": point, "coverage": coverage, "uncertainty": uncertainty}
        if self.generator:
            tables |= {kind: table(known) for kind, table in made.items()}
            tables["verdict"] = verdict(known)
        tables["prior_quantiles"] = self.prior_quantiles(cell)
        if self.spec is SOFTMAX:
            tables["covariate"] = self.covariate(cell)
            shares = tables["prior_quantiles"].drop(columns=["parameter", "share_outside"])
            tables["quantiles"] = shares[shares["quantity"] == "response_share"]
        fit = FitSummary(
            self.spec.name,
            model,
            formulas={name: str(r) for name, r in formulas.items()},
            links={name: str(r.link) for name, r in formulas.items()},
            products=products(self.spec),
        )
        summed = CellSummary(
            cell,
            model if self.generator else None,
            {},
            len(self.people),
            100,
            self.datasets,
            source=None if self.generator else "people.csv",
            formulas={name: str(r) for name, r in formulas.items()} if self.generator else {},
        )
        study = StudySummary("hier", "0" * 16, 3, "study: hier\n", (summed,), (fit,), compare=False)
        return ReportData(
            study,
            tables,
            {PosteriorKey(cell, self.spec.name, 1): select_dataset(tree, 1)},
            {},
            {(cell, self.spec.name): Description(summary(self.spec, 900, 9), GRAPH)},
        )


def hierarchy():
    """Twenty participants with groups on two parameters: five levels of numbers."""
    builder = Builder(DDM, 8, 20)
    builder.ddm()
    return builder.data("made")


def observed_hierarchy():
    """One observed dataset of twenty participants."""
    builder = Builder(DDM, 2, 20, generator=False)
    builder.ddm()
    return builder.data("people")


def ridge():
    """Choices alone: only the product of beta and logit1 is identified."""
    builder = Builder(SOFTMAX, 6, 1)
    builder.softmax()
    return builder.data("choices")
