"""Observed trials without a response, through the real workflow: lived through, not scored."""

import numpy as np
import pandas as pd
import pytest

from tests.workflow.runs import Run

pytestmark = pytest.mark.long

STUDY = """\
study: holes
seed: 5
data:
  - name: lab
    path: lab.csv
    columns: {rt: rt, response: key, participant_id: subject}
    rt_min: 0.2
    outside: keep
    missing: keep
fits:
  - {name: learns, model: {learning: rescorla_wagner, decision: softmax_inv_temperature_2}}
  - {name: stays, model: softmax_inv_temperature_2, fixed: {beta: 1}}
compare: {moment_match: 0, refits: 0}
sampling:
  {chains: 2, draws: 100, warmup: 150, ladder: [], gates: {r_hat: 1.3, ess_bulk: 10, ess_tail: 10}}
report: {predictive: {data: all, draws: 20, prior: false}}
"""
PEOPLE, EACH = 3, 40


@pytest.fixture(scope="module")
def holes(tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("holes")
    rng = np.random.default_rng(3)
    n = PEOPLE * EACH
    key = np.where(rng.random(n) < 0.7, 1, -1)
    frame = pd.DataFrame(
        {
            "subject": np.repeat([1, 2, 3], EACH),
            "rt": rng.uniform(0.3, 0.9, n),
            "key": pd.array(key, dtype="Int64"),
            "feedback": (rng.random(n) < np.where(key == 1, 0.8, 0.2)).astype(float),
        }
    )
    frame.loc[[4, 44, 45], ["rt", "key", "feedback"]] = pd.NA
    frame.loc[[10, 90], "rt"] = 0.1
    frame.to_csv(folder / "lab.csv", index=False)
    (folder / "holes.yaml").write_text(STUDY, encoding="utf-8")
    run = Run(folder, folder / "holes.yaml", name="holes")
    run()
    return run


def test_all_fits_are_scored_on_the_trials_with_a_response(holes):
    tables = {
        fit: pd.read_parquet(holes.results / "loo" / "lab" / fit / "pointwise-0000.parquet")
        for fit in ("learns", "stays")
    }
    keys = ["participant_id", "trial_id"]
    pd.testing.assert_frame_equal(tables["learns"][keys], tables["stays"][keys])
    gone = {("1", 4), ("1", 10), ("2", 4), ("2", 5), ("3", 10)}
    found = set(tables["learns"][keys].itertuples(index=False, name=None))
    everyone = {(str(p), k) for p in (1, 2, 3) for k in range(EACH)}
    assert found == everyone - gone
    for fit in tables:
        elpd = pd.read_parquet(holes.results / "loo" / "lab" / fit / "elpd-0000.parquet")
        assert elpd["n_trials"].tolist() == [PEOPLE * EACH - len(gone)]


def test_predictive_checks_skip_them(holes):
    for fit in ("learns", "stays"):
        folder = holes.results / "predictive" / "lab" / fit
        table = pd.read_parquet(folder / "quantiles.parquet")
        assert set(pd.read_parquet(folder / "pit-0000.parquet")["n"]) >= {PEOPLE * EACH - 5}
        assert (table["n_observed"] == PEOPLE * EACH - 5).all()


def test_the_page_counts_them_in_words(holes):
    page = (holes.results / "report.html").read_text(encoding="utf-8")
    assert "trials without a response stay in their place, unscored" in page
    assert "Observations: 115 trials of 3 participants; 5 more trials" in page
    assert "lived through by learning, not scored" in page
    assert "limits: left out" in page
