"""Generators with formulas: their data do not depend on the batches, but on their covariates."""

import numpy as np
import pandas as pd
import pytest

from tests.workflow.runs import Run

STUDY = """\
study: hier
seed: 5
data:
  - name: made
    model: ddm
    formulas: [v ~ 1 + soa + cond + (1 | participant_id)]
    covariates: {cond: {levels: [hard, easy]}}
    covariates_from: {path: design.csv, columns: [soa]}
    truth:
      v_Intercept: {name: Normal, mu: 1.0, sigma: 0.3}
      v_soa: 0.5
      v_cond[hard]: -0.4
      v_1|participant_id_sigma: 0.3
      a: 0.8
      z: 0.5
      t: 0.3
    participants: 5
    trials: 6
    datasets: 2
fits: [{name: f, model: ddm}]
batch_size: BATCH
"""


@pytest.fixture
def make(tmp_path):
    def make_run(batch):
        folder = tmp_path / f"batch{batch}"
        folder.mkdir()
        soa = pd.DataFrame({"soa": np.linspace(0.0, 1.0, 30)})
        soa.to_csv(folder / "design.csv", index=False)
        (folder / "hier.yaml").write_text(STUDY.replace("BATCH", str(batch)))
        return Run(folder, folder / "hier.yaml", name="hier", cores=1)

    return make_run


def read(run, kind):
    files = sorted((run.results / "data" / "made").glob(f"{kind}-*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def test_data_follow_from_the_study_and_the_file_of_covariates(make):
    whole, cut = make(2), make(1)
    for run in (whole, cut):
        run("--until", "simulate")
    for kind in ("trials", "truth"):
        pd.testing.assert_frame_equal(read(whole, kind), read(cut, kind), check_exact=True)
    trials, truth = read(whole, "trials"), read(whole, "truth")
    assert list(trials.columns[-2:]) == ["cond", "soa"]
    assert set(truth["parameter"]) >= {"v_cond[hard]", "v_1|participant_id", "v (participant)"}
    np.testing.assert_array_equal(trials["soa"], np.tile(np.linspace(0.0, 1.0, 30), 2))

    assert "rule simulate:" not in whole("--until", "simulate")
    frame = pd.read_csv(whole.folder / "design.csv")
    (frame * 2.0).to_csv(whole.folder / "design.csv", index=False)
    assert "rule simulate:" in whole("--until", "simulate")
    np.testing.assert_allclose(read(whole, "trials")["soa"], 2.0 * trials["soa"])
    pd.testing.assert_series_equal(read(whole, "truth")["value"], truth["value"])
