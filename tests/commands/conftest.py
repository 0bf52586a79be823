"""A small study whose results hold the data and a posterior made of draws at hand."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from typer.testing import CliRunner

from driftmill.cli import app
from driftmill.prediction.designs import designs_of, labels_of, shapes_of
from driftmill.regression.columns import datasets_of, shape_of
from driftmill.regression.prior_draws import prior_draws
from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.provenance import provenance
from driftmill.store.tables import write_table
from driftmill.store.trees import write_tree
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.expand import expand
from driftmill.study.hash import study_hash
from driftmill.study.load import load_study

DRAWS = 30


def raw_study():
    """Return a hierarchical choice-only study with a plain fit beside it, and one on rts."""
    model = "softmax_inv_temperature_2"
    return {
        "study": "s",
        "seed": 4,
        "data": [
            {
                "name": "made",
                "model": model,
                "formulas": ["logit1 ~ 1 + x + cond + (1 | participant_id)"],
                "covariates": {
                    "x": {"name": "Normal", "mu": 0, "sigma": 1},
                    "cond": {"levels": ["hc", "lc"]},
                },
                "truth": {
                    "beta": 2.0,
                    "logit1_Intercept": 0.3,
                    "logit1_x": 0.8,
                    "logit1_cond[lc]": -0.2,
                    "logit1_1|participant_id_sigma": 0.4,
                },
                "participants": 4,
                "trials": 10,
                "datasets": 3,
            }
        ],
        "fits": [
            {
                "name": "hier",
                "model": model,
                "include": ["logit1 ~ 1 + x + cond + (1 | participant_id)"],
                "fixed": {"beta": 2.0},
            },
            {"name": "flat", "model": model, "fixed": {"beta": 2.0}},
        ],
        "batch_size": 2,
    }


@dataclass(frozen=True)
class Made:
    """A study file and what its results hold."""

    folder: Path
    file: Path
    draws: dict[tuple[str, int], dict[str, np.ndarray]]

    def run(self, *args):
        """Run ``driftmill predict`` on the study."""
        results = ["--results", self.folder / "results"]
        given = ["predict", self.file, *results, *args]
        return CliRunner().invoke(app, [str(arg) for arg in given])

    def refused(self, *args):
        """Return what the command told of a user's error: a message, no traceback."""
        result = self.run("--output", self.folder / "no.parquet", *args)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        assert not (self.folder / "no.parquet").exists()
        return result.stderr


def posterior(spec, trials, seed):
    """Return a batch's posterior, made of draws of the priors, with the draws."""
    made, draws = [], {}
    for number, columns in datasets_of(trials, spec).items():
        designs = designs_of(spec, columns)
        sequence = np.random.SeedSequence([seed, number])
        drawn = prior_draws(spec, shapes_of(designs), DRAWS, sequence)
        labels = labels_of(designs)
        draws[number] = {k: x for k, x in drawn.items() if not k.endswith("_offset")}
        variables = {
            name: xr.DataArray(
                values.reshape(2, DRAWS // 2, *values.shape[1:]),
                dims=["chain", "draw", *(f"{name}_{k}" for k in range(values.ndim - 1))],
                coords={f"{name}_{k}": list(x) for k, x in enumerate(labels.get(name, ()))},
            )
            for name, values in draws[number].items()
        }
        made.append(xr.Dataset(variables).expand_dims(dataset=[number]))
    numbers = sorted(draws)
    result = xr.Dataset(
        {
            "code": ("dataset", ["ok"] * len(numbers)),
            "message": ("dataset", [""] * len(numbers)),
        },
        {"dataset": numbers},
    )
    return xr.concat(made, "dataset"), result, draws


@pytest.fixture
def write_posterior():
    """Return a function that writes a batch's posterior as the workflow does."""

    def write(study, path, groups):
        origin = provenance("s", study_hash(study), "posterior", seed=4)
        write_tree(path, xr.DataTree.from_dict(groups), origin)

    return write


@pytest.fixture
def made(tmp_path, write_posterior):
    file = tmp_path / "s.yaml"
    file.write_text(yaml.safe_dump(raw_study()), encoding="utf-8")
    study = load_study(file)
    plan = expand(study, str(tmp_path / "results"))
    draws = {}
    for batch in plan.batches:
        trials, _ = simulate_datasets(design_of(study, batch.cell), batch.datasets)
        origin = provenance("s", study_hash(study), "trials", seed=4)
        shape = asdict(shape_of(trials))
        path = plan.paths.trials(batch.cell, batch.label)
        write_table(path, trials, "trials", origin | {"shape": shape})
        for fit in plan.fits:
            spec = fit_spec_of(study, batch.cell, fit)
            found, result, drawn = posterior(spec, trials, seed=len(fit))
            draws |= {(fit, number): values for number, values in drawn.items()}
            path = plan.paths.posterior(batch.cell, fit, batch.label)
            write_posterior(study, path, {"posterior": found, "result": result})
    return Made(tmp_path, file, draws)
