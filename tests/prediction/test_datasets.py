import tracemalloc

import numpy as np
import pandas as pd
import pytest

from driftmill.models import get_model
from driftmill.prediction import datasets
from driftmill.prediction.datasets import predictive_datasets
from driftmill.prediction.designs import designs_of, shapes_of
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws

DDM = get_model("ddm")
SEED = np.random.SeedSequence(5)


def source(spec, columns, n):
    designs = designs_of(spec, columns)
    draws = prior_draws(spec, shapes_of(designs), n, np.random.SeedSequence(1))
    return trial_draws(spec, designs, draws, columns, len(columns["response"]))


def plain(n_draws, n_trials, **values):
    fast = {"v": 1.0, "a": 0.5, "z": 0.5, "t": 0.3} | values
    draws = {name: np.broadcast_to(np.asarray(x, float), n_draws) for name, x in fast.items()}
    return trial_draws(FitSpec("f", DDM), {}, draws, {}, n_trials)


def whole(draws, numbers, trials, seed=SEED, **options):
    chunks = list(predictive_datasets(draws, np.asarray(numbers), trials, seed, **options))
    return pd.concat([chunk.frame for chunk in chunks], ignore_index=True), chunks


def test_the_table_has_a_row_a_draw_and_trial(ddm, trials):
    columns = trials()
    frame, _ = whole(source(ddm, columns, 5), [1, 4], pd.DataFrame(columns))
    assert list(frame) == ["draw", "row", "participant_id", "trial_id", "rt", "response"]
    assert frame["draw"].tolist() == [1] * 90 + [4] * 90
    assert frame["row"].tolist() == [*range(90), *range(90)]
    assert frame["participant_id"].tolist() == columns["participant_id"].tolist() * 2
    assert frame["trial_id"].tolist() == columns["trial_id"].tolist() * 2
    assert frame["response"].isin([-1, 1]).all()


def test_choice_probabilities_are_the_closed_form(softmax, trials):
    columns = trials(each=10)
    draws = source(softmax, columns, 2_000)
    frame, _ = whole(draws, range(2_000), pd.DataFrame(columns))
    values = draws.of(np.arange(2_000))
    expected = 1 / (1 + np.exp(-values["beta"] * values["logit1"]))
    share = (frame["response"].to_numpy(int) == 1).reshape(2_000, 30)
    error = np.sqrt((expected * (1 - expected)).mean(axis=0) / 2_000)
    assert (np.abs(share.mean(axis=0) - expected.mean(axis=0)) < 4 * error).all()


def test_decision_times_follow_each_trials_own_drift(trials):
    n = 40
    v = np.linspace(0.5, 3.0, n)
    spec = FitSpec("f", DDM, fixed={"v": "drift"})
    draws = {name: np.full(1_000, x) for name, x in {"a": 0.8, "z": 0.5, "t": 0.3}.items()}
    found = trial_draws(spec, {}, draws, {"drift": v}, n)
    frame, _ = whole(found, range(1_000), pd.DataFrame(index=range(n)))
    decision = frame["rt"].to_numpy().reshape(1_000, n) - 0.3
    # Wagenmakers et al. (2007): mean and variance of the first passage, z = 1/2.
    y = np.exp(-2 * v * 0.8)
    mean = 0.8 / v * (1 - y) / (1 + y)
    error = decision.std(axis=0) / np.sqrt(1_000)
    assert (np.abs(decision.mean(axis=0) - mean) < 4.5 * error).all()


@pytest.mark.parametrize("chunk", [1, 95, 200, 10**9])
def test_the_size_of_chunks_changes_nothing(ddm, trials, chunk):
    columns = trials()
    draws = source(ddm, columns, 6)
    expected, _ = whole(draws, range(6), pd.DataFrame(columns))
    found, chunks = whole(draws, range(6), pd.DataFrame(columns), chunk=chunk)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert len(chunks) == {1: 6, 95: 6, 200: 3, 10**9: 1}[chunk]


def test_many_trials_are_cut_by_rows_too(monkeypatch):
    monkeypatch.setattr(datasets, "BLOCK", 40)
    draws = plain(3, 100)
    frame, chunks = whole(draws, range(3), pd.DataFrame(index=range(100)))
    assert [len(chunk.frame) for chunk in chunks] == [40, 40, 20] * 3
    assert frame["row"].tolist() == [*range(100)] * 3
    assert frame["draw"].is_monotonic_increasing
    assert frame["rt"].is_unique


def test_a_draw_has_its_data_whatever_the_others(ddm, trials):
    columns = trials()
    draws = source(ddm, columns, 6)
    together, _ = whole(draws, [0, 2, 5], pd.DataFrame(columns))
    alone, _ = whole(draws, [5], pd.DataFrame(columns))
    pd.testing.assert_frame_equal(
        together[together["draw"] == 5].reset_index(drop=True), alone, check_exact=True
    )


def test_the_seed_decides():
    draws, trials = plain(2, 50), pd.DataFrame(index=range(50))
    first, _ = whole(draws, range(2), trials)
    again, _ = whole(draws, range(2), trials)
    other, _ = whole(draws, range(2), trials, seed=np.random.SeedSequence(6))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert (first["rt"] != other["rt"]).all()
    assert (first["rt"][:50].to_numpy() != first["rt"][50:].to_numpy()).all()


def test_what_cannot_be_simulated_is_marked_and_counted():
    draws = plain(3, 20, a=[0.5, -1.0, 6.0], v=[1.0, 1.0, 0.0])
    frame, (chunk,) = whole(draws, range(3), pd.DataFrame(index=range(20)))
    assert chunk.n_outside == 20
    assert 0 < chunk.n_unfinished <= 20
    marked = frame["rt"].isna()
    assert (marked == frame["response"].isna()).all()
    assert marked.groupby(frame["draw"]).sum().tolist() == [0, 20, chunk.n_unfinished]


def test_trials_may_have_neither_participant_nor_number():
    frame, _ = whole(plain(1, 3), [0], pd.DataFrame(index=range(3)))
    assert frame[["participant_id", "trial_id"]].isna().all(axis=None)


@pytest.mark.parametrize("shape", ["softmax", "ddm"])
def test_ten_million_trials_would_stay_under_two_gibibytes(softmax, ddm, trials, shape):
    """Memory is that of one chunk: measured on the first of 1,000 draws of 10,000 trials."""
    spec = {"softmax": softmax, "ddm": ddm}[shape]
    columns = trials([f"s{i}" for i in range(100)], each=100)
    draws = source(spec, columns, 1_000)
    # A tenth of the default chunk: the simulation of diffusions takes its time.
    size = {"softmax": datasets.CHUNK, "ddm": datasets.CHUNK // 10}[shape]
    table = predictive_datasets(draws, np.arange(1_000), pd.DataFrame(columns), SEED, size)
    tracemalloc.start()
    try:
        first = next(table)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(first.frame) == size
    assert first.frame.memory_usage(deep=True).sum() / size < 100
    assert peak / size * datasets.CHUNK < 2**30
