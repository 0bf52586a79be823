"""What the protocol needs of a model: its compiled density, parameter sets, and quadrature."""

import functools
import json
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.probe import Probe

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


class Protocol(Probe):
    """One model of the catalogue under test."""

    def __init__(self, name):
        super().__init__(CATALOGUE[name])

    @functools.cached_property
    def reference(self):
        """Rows with known log densities, parameters as columns."""
        rows = pd.read_parquet(REFERENCE / "likelihoods.parquet")
        rows = rows[rows["model"] == self.model.name].reset_index(drop=True)
        parameters = [json.loads(params) for params in rows["params"]]
        return rows.join(pd.DataFrame(parameters, index=rows.index))

    def arguments(self, rows):
        """Columns and parameters of a table, in the order of the density."""
        names = (*self.model.response_columns, *self.model.parameter_names)
        return [rows[name].to_numpy(dtype=np.float64) for name in names]

    def hard_rows(self):
        """All reference rows, and trials from before the shift to long after it."""
        waits = [0.0, 1e-6, 1e-4, 1e-2, 0.3, 3.0, 10.0] if self.model.has_rt else [0.0]
        rows = [
            parameters | {"rt": self.shift(parameters) + wait, "response": choice}
            for parameters in [*self.draws(20, margin=0.01), *self.corners()]
            for choice in self.model.choices
            for wait in waits
        ]
        return self.arguments(pd.concat([self.reference, pd.DataFrame(rows)]))

    @property
    def exact_survivor(self):
        """The model's survivor function, unless it is an integral of the density itself."""
        return None if self.model.name in INTEGRATED else self.model.log_survivor

    def unanswered(self, parameters, seconds, known=0.0):
        """The probability of no response up to a time, ``known`` where the model cannot tell."""
        log_survivor = self.exact_survivor
        if log_survivor is None:
            return known
        return float(np.exp(log_survivor(seconds, *parameters.values())))

    def corners(self):
        """Hard parameter sets from the table of corners."""
        return json.loads((REFERENCE / "corners.json").read_text()).get(self.model.name, [])


@pytest.fixture(scope="session", params=list(CATALOGUE))
def protocol(request):
    yield Protocol(request.param)
    # Compiled programs of all models together take several GiB.
    jax.clear_caches()


#: Models that go by the code of another: of them is asked what tells one from the other, and the
#: rest by ``make validate``.
ALIKE = {
    "lba3": "lba2",
    "lba4": "lba2",
    "racing_diffusion_3": "racing_diffusion_2",
    "racing_diffusion_4": "racing_diffusion_2",
    "race_no_bias_angle_3": "race_no_bias_angle_2",
    "race_no_bias_angle_4": "race_no_bias_angle_2",
    "gamma_drift": "gamma_drift_angle",
    "angle_sdv": "angle",
}
ASKED_OF_ALL = (
    "test_declaration_is_consistent",
    "test_reference_values",
    "test_simulated_histograms",
    "test_simulator_agrees_with_the_density",
)
#: Of models that compile for long, what is left to ``make validate`` altogether.
LONG = ("full_ddm", "weibull", "ornstein", "ddm_seq2_no_bias", "race_no_bias_angle_2")
LEFT = (
    "test_scalars_vectors_jit_and_vmap_agree",
    "test_before_and_just_after_the_shift",
    "test_hard_rows_have_finite_gradients_under_a_lapse",
    "test_single_precision_is_finite_and_close",
    "test_the_survivor_is_the_mass_that_is_left",
    "test_each_response_or_none_comes_before_a_deadline",
)
#: Of models whose survivor function is an integral over time.
INTEGRATED = LONG[:4]


@pytest.fixture(autouse=True)
def _leave_some_to_validate(request):
    if "protocol" not in request.fixturenames or request.config.getoption("--every-model"):
        return
    name = request.node.callspec.params.get("protocol")
    if name in ALIKE and request.node.originalname not in ASKED_OF_ALL:
        pytest.skip(f"asked of {ALIKE[name]}, which is the same code; --every-model asks of all")
    if name in LONG and request.node.originalname in LEFT:
        pytest.skip("takes long to compile; --every-model asks it")
