"""Sketches of posteriors, held against the draws that they were made from."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from driftmill.report.sketches import (
    KEPT,
    MOST,
    PLACES,
    SKETCHES_COLUMNS,
    STEPS,
    ZERO,
    rank_excess,
    sketches,
)

DIMS = ("dataset", "chain", "draw")


def batch(values, **coords):
    return xr.DataTree.from_dict(
        {"posterior": xr.Dataset(values, {"dataset": [4, 5, 6], **coords})}
    )


@pytest.fixture
def draws():
    return np.random.default_rng(3).normal(2.0, 0.5, (3, 4, 250))


def test_bytes_give_the_draws_back_to_half_a_step(draws):
    table = sketches(batch({"v": (DIMS, draws)}), [4, 6])
    assert table["dataset"].tolist() == [4, 6]
    for row, original in zip(table.itertuples(), draws[[0, 2]], strict=True):
        levels = np.frombuffer(row.draws, np.uint8).reshape(row.chains, KEPT)
        kept = original[:, :: 250 // KEPT][:, :KEPT]
        back = row.low + (row.high - row.low) * levels / 255
        assert np.abs(back - kept).max() <= (row.high - row.low) / 509


def test_ranks_are_those_of_a_plain_count(draws):
    plain = np.empty((4, PLACES))
    pooled = np.sort(draws[0].ravel())
    for chain in range(4):
        share = (np.searchsorted(pooled, draws[0, chain]) + 0.5) / pooled.size
        for k in range(PLACES):
            plain[chain, k] = np.mean(share <= (k + 1) / (PLACES + 1)) - (k + 1) / (PLACES + 1)
    np.testing.assert_allclose(rank_excess(draws)[0], plain, atol=1e-12)
    row = sketches(batch({"v": (DIMS, draws)}), [4]).iloc[0]
    kept = (np.frombuffer(row["ranks"], np.uint8).reshape(4, PLACES) - float(ZERO)) / STEPS
    np.testing.assert_allclose(kept, plain, atol=0.51 / STEPS)


def test_a_chain_that_stays_apart_shows_in_its_ranks(draws):
    apart = draws.copy()
    apart[0, 0] += 3.0
    excess = np.abs(rank_excess(apart)[0])
    assert excess[0].max() > 0.7
    assert np.abs(rank_excess(draws)).max() < 0.12


def test_posteriors_without_draws_are_left_out(draws):
    lost = draws.copy()
    lost[1] = np.nan
    assert sketches(batch({"v": (DIMS, lost)}), [4, 5, 6])["dataset"].tolist() == [4, 6]
    none = sketches(batch({"v": (DIMS, np.full_like(draws, np.nan))}), [4, 5, 6])
    assert none.empty
    assert tuple(none) == SKETCHES_COLUMNS


def test_what_participants_have_of_their_own_is_left_out_and_sds_come_last(draws):
    groups = np.repeat(draws[..., None], 2, axis=-1)
    values = {
        "v_1|participant_id_sigma": (DIMS, draws),
        "v_1|participant_id": ((*DIMS, "participant_id__factor_dim"), groups),
        "v_c": ((*DIMS, "c_dim"), groups),
    }
    values |= {f"x{k}": (DIMS, draws) for k in range(MOST - 2)}
    table = sketches(batch(values, c_dim=["b", "c"]), [4])
    assert table["parameter"].tolist() == ["v_c[b]", "v_c[c]", *(f"x{k}" for k in range(MOST - 2))]


def test_a_constant_is_sketched(draws):
    table = sketches(batch({"v": (DIMS, np.ones_like(draws))}), [4])
    assert table[["low", "high"]].to_numpy().tolist() == [[1.0, 1.0]]
    assert set(table["draws"][0]) == {0}
    assert isinstance(table, pd.DataFrame)
