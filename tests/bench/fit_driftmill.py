"""Fit all datasets as one batch: fit_driftmill.py SCENARIO TRIALS.parquet POSTERIOR.nc CACHE."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scenarios import SCENARIOS
from truths import catalogue_scenario

from driftmill.regression.columns import datasets_of, shape_of
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.study.build import fit_spec_of, settings_of
from driftmill.study.types import Study

name, trials_file, target, cache = sys.argv[1:]
scenario = SCENARIOS.get(name) or catalogue_scenario(name)
hold_to_threads(1)
keep_compiled(Path(cache))
trials = pd.read_parquet(trials_file)
study = Study.model_validate(scenario.study(trials["dataset"].nunique()))
spec = fit_spec_of(study, scenario.name, "fit")
datasets = datasets_of(trials, spec)
seeds = {number: seed_sequence(1, "bench", number, Purpose.POSTERIOR) for number in datasets}
tree = fit_batch(spec, datasets, settings_of(study), seeds, shape_of(trials), print)
print(np.unique(tree["result"]["code"].to_numpy(), return_counts=True))
tree["posterior"].to_dataset().to_netcdf(target, engine="h5netcdf")
