"""Fit all datasets of a table as one batch: fit_driftmill.py TRIALS.parquet POSTERIOR.nc CACHE."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from driftmill.models import get_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifted import Shape
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.seeds import Purpose, seed_sequence

trials, target, cache = sys.argv[1:]
hold_to_threads(1)
keep_compiled(Path(cache))
datasets = {
    number: {column: table[column].to_numpy() for column in ("rt", "response")}
    for number, table in pd.read_parquet(trials).groupby("dataset")
}
seeds = {number: seed_sequence(1, "bench", number, Purpose.POSTERIOR) for number in datasets}
rows = {len(columns["rt"]) for columns in datasets.values()}
tree = fit_batch(
    FitSpec(name="ddm", model=get_model("ddm")),
    datasets,
    SamplingSettings(),
    seeds,
    Shape(rows=max(rows)),
    print,
)
print(np.unique(tree["result"]["code"].to_numpy(), return_counts=True))
tree["posterior"].to_dataset().to_netcdf(target, engine="h5netcdf")
