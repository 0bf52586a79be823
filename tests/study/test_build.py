import dataclasses

import pytest

from driftmill.comparison.compare import Thresholds
from driftmill.comparison.limits import Remedies
from driftmill.models import Prior
from driftmill.recovery.verdict import Limits
from driftmill.sampling.settings import Rung, SamplingSettings
from driftmill.simulation.truths import Grid
from driftmill.study.build import (
    design_of,
    fit_spec_of,
    limits_of,
    remedies_of,
    settings_of,
    thresholds_of,
)
from driftmill.study.load import load_study


@pytest.fixture
def study(write):
    return lambda raw: load_study(write(raw))


def test_the_defaults_of_a_study_are_those_of_the_library(raw, study):
    made = study(raw)
    assert settings_of(made) == SamplingSettings()
    assert thresholds_of(made) == Thresholds()
    assert remedies_of(made) == Remedies()
    assert limits_of(made) == Limits()


def test_every_option_arrives(raw, study):
    raw["sampling"] = {
        "sampler": "pymc",
        "chains": 2,
        "draws": 50,
        "warmup": 20,
        "target_accept": 0.7,
        "max_tree_depth": 8,
        "timeout": 9,
        "gates": {f.name: 7 for f in dataclasses.fields(SamplingSettings().gates)},
        "ladder": [{"warmup": 5, "target_accept": 0.6, "start": "prior"}],
    }
    settings = settings_of(study(raw))
    default = SamplingSettings()
    assert settings.ladder == (Rung(5, 0.6, "prior"),)
    for field in dataclasses.fields(settings):
        assert getattr(settings, field.name) != getattr(default, field.name)
    assert set(dataclasses.asdict(settings.gates).values()) == {7}


def test_a_design_has_the_truths(raw, study):
    raw["data"][0] |= {"participants": 3, "lapse": 0.1}
    raw["data"][0]["truth"] |= {
        "a": {"grid": [1, 2]},
        "v": {"name": "Normal", "mu": 0, "sigma": 1},
    }
    design = design_of(study(raw), "c")
    assert design.truth["a"] == Grid((1.0, 2.0))
    assert design.truth["v"] == Prior("Normal", {"mu": 0.0, "sigma": 1.0})
    assert design.truth["z"] == 0.5
    assert (design.participants, design.trials, design.datasets) == (3, 20, 4)
    assert (design.lapse, design.seed, design.cell) == (0.1, 3, "c")


def test_observed_data_have_no_design(observed, study):
    with pytest.raises(ValueError, match="holds observed data"):
        design_of(study(observed()), "o")


def test_a_fit_lapses_like_its_data_unless_told_otherwise(raw, observed, study):
    raw["data"][0]["lapse"] = 0.1
    assert fit_spec_of(study(raw), "c", "f").p_outlier == 0.1
    raw["fits"][0]["p_outlier"] = 0.02
    assert fit_spec_of(study(raw), "c", "f").p_outlier == 0.02
    del raw["fits"][0]["p_outlier"]
    assert fit_spec_of(study(observed()), "o", "f").p_outlier == 0.05


def test_a_fit_has_its_fixed_values_and_priors(raw, study):
    raw["fits"][0] |= {
        "fixed": {"z": 0.5},
        "priors": {"v": {"name": "Normal", "mu": 0, "sigma": 3}},
    }
    spec = fit_spec_of(study(raw), "c", "f")
    assert spec.free_parameters == ("v", "a", "t")
    assert spec.named_prior("v") == Prior("Normal", {"mu": 0.0, "sigma": 3.0})
    assert spec.likelihood == "analytical"
