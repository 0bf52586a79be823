import pandas as pd
import pytest

from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.rebatched import rebatched


@pytest.fixture
def plan(raw, write, tmp_path):
    """Return a function from a batch size to a plan, beside a first batch of three datasets."""
    trials = tmp_path / "results" / "s" / "data" / "c" / "trials-0000.parquet"
    trials.parent.mkdir(parents=True)
    pd.DataFrame({"rt": [0.5] * 6, "dataset": [0, 0, 1, 1, 2, 2]}).to_parquet(trials)

    def make(batch_size, datasets=4):
        raw["data"][0]["datasets"] = datasets
        study = load_study(write(raw | {"batch_size": batch_size}))
        return expand(study, str(tmp_path / "results"))

    make.file = trials
    return make


def test_batches_that_change_by_themselves_are_told_with_the_remedy(plan):
    (told,) = rebatched(plan("auto"))
    assert told.startswith("batches of cell c have 4 datasets now and had 3")
    assert "batch_size: 3 keeps them" in told
    assert rebatched(plan("auto", datasets=3)) == []
    assert rebatched(plan(2)) == []


def test_what_cannot_be_read_is_no_error(plan):
    plan.file.write_bytes(b"half")
    assert rebatched(plan("auto")) == []
    plan.file.unlink()
    assert rebatched(plan("auto")) == []
