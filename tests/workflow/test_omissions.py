"""Observed trials without a response up to a deadline, through the real workflow."""

import numpy as np
import pandas as pd

from driftmill.models import get_model
from driftmill.simulation.simulate import simulate_trials
from tests.workflow.runs import Run

STUDY = """\
study: window
seed: 5
data:
  - {name: lab, path: lab.csv, columns: {response: key}, deadline: 1.0}
fits:
  - {name: scored, model: ddm, fixed: {z: 0.5}, p_outlier: 0}
compare: {moment_match: 0, refits: 0}
sampling:
  {chains: 2, draws: 100, warmup: 150, ladder: [], gates: {r_hat: 1.3, ess_bulk: 10, ess_tail: 10}}
report: {predictive: {data: all, draws: 20, prior: false}, prior_sensitivity: true}
"""
N = 100


def test_omissions_are_scored_predicted_and_told(tmp_path):
    truth = {"v": 0.8, "a": 1.1, "z": 0.5, "t": 0.3}
    arrays = {name: np.full(N, x) for name, x in truth.items()}
    seed = np.random.SeedSequence(2)
    columns = simulate_trials(get_model("ddm"), arrays, seed, deadline=np.ones(N))
    frame = pd.DataFrame({"rt": columns["rt"], "key": columns["response"]})
    frame.astype({"key": "Int64"}).to_csv(tmp_path / "lab.csv", index=False)
    (tmp_path / "window.yaml").write_text(STUDY, encoding="utf-8")
    run = Run(tmp_path, tmp_path / "window.yaml", name="window")
    run()

    elpd = pd.read_parquet(run.results / "loo" / "lab" / "scored" / "elpd-0000.parquet")
    assert elpd["n_trials"].tolist() == [N]
    quantiles = run.results / "predictive" / "lab" / "scored" / "quantiles.parquet"
    table = pd.read_parquet(quantiles).set_index("quantity")
    share = frame["rt"].isna().mean()
    assert 0.2 < share < 0.8
    omitted = table.loc["omission_share"]
    assert omitted["observed"] == share
    assert omitted["lower"] < share < omitted["upper"]
    page = (run.results / "report.html").read_text(encoding="utf-8")
    assert "Omissions: scored by the probability of no response before the deadline" in page
    assert "omission_share" in page

    curves = pd.read_parquet(quantiles.with_name("curves.parquet"))
    reached = curves[curves["curve"] == "defective_cdf"].groupby("response")["observed"].max()
    assert 0.9 * (1 - share) < reached.sum() <= 1 - share
    pit = pd.read_parquet(quantiles.with_name("pit-0000.parquet"))
    assert (pit["n"] == N).all()
    assert set(pit["quantity"]) == {"rt", "response"}
    table = pd.read_parquet(
        run.results / "recovery" / "lab" / "scored" / "sensitivity-0000.parquet"
    )
    assert table["parameter"].tolist() == ["v", "a", "t"]
    assert (table["likelihood"] > table["prior"]).all()
    assert 'id="sensitivity"' in page
