"""A study that is right, to be spoilt by the tests, and a file of observed data."""

import copy

import numpy as np
import pandas as pd
import pytest
import yaml

from driftmill.study.check import check_study
from driftmill.study.load import load_study

DDM = {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3}
STUDY = {
    "study": "s",
    "seed": 3,
    "data": [{"name": "c", "model": "ddm", "truth": DDM, "trials": 20, "datasets": 4}],
    "fits": [{"name": "f", "model": "ddm"}],
}


@pytest.fixture
def raw():
    """Return a valid study as a dictionary of its own."""
    return copy.deepcopy(STUDY)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a study file and returns its path."""

    def write_study(study, name="study.yaml"):
        path = tmp_path / name
        path.write_text(study if isinstance(study, str) else yaml.safe_dump(study))
        return path

    return write_study


@pytest.fixture
def problems(write):
    """Return a function from a study to its problems, each with a message and a remedy."""

    def find(raw):
        path = write(raw)
        found = check_study(load_study(path), path)
        assert all(problem.message and problem.remedy for problem in found)
        return found

    return find


@pytest.fixture
def frame():
    """Return observed trials of 2 participants, as a lab might have them."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "subj": np.repeat([7, 9], 10),
            "RT": 0.3 + rng.gamma(2.0, 0.3, 20),
            "key": np.tile([0, 1], 10),
            "load": rng.normal(size=20),
        }
    )


@pytest.fixture
def observed(raw, tmp_path, frame):
    """Return a function from a data frame and settings to a study of observed data."""

    def make(data=frame, suffix="csv", **settings):
        path = tmp_path / f"data.{suffix}"
        if suffix == "parquet":
            data.to_parquet(path)
        else:
            data.to_csv(path, index=False)
        cell = {
            "name": "o",
            "path": str(path),
            "columns": {"rt": "RT", "response": "key", "participant_id": "subj"},
            "response_codes": {0: -1, 1: 1},
            "dataset_by": "participant_id",
        }
        raw["data"] = [cell | settings]
        return raw

    return make


@pytest.fixture
def bandit(raw):
    """Return a study of a bandit: a generator that learns, and a fit of it."""
    model = {"learning": "rescorla_wagner", "decision": "ddm"}
    raw["data"][0] |= {
        "model": dict(model),
        "task": {"bandit": {"means": [0.8, 0.2]}},
        "truth": {"rl_alpha": 0.3, "scaler": 2, "a": 1.2, "z": 0.5, "t": 0.3},
    }
    raw["fits"][0]["model"] = dict(model)
    return raw


@pytest.fixture
def filtering(raw):
    """Return a study of a filter of binary inputs."""
    raw["data"][0] |= {
        "model": "hgf_softmax",
        "task": {"inputs": {"schedule": [[0.8, 10], [0.2, 10]]}},
        "truth": {"omega2": -4, "beta": 2},
    }
    raw["fits"][0]["model"] = {
        "learning": "hgf_binary",
        "decision": "softmax_inv_temperature_2",
    }
    return raw
