"""Fit one dataset with HSSM as its user would: fit_hssm.py SCENARIO TRIALS.csv POSTERIOR.nc.

HSSM's analytical likelihood, the scenario's priors, no lapses.
"""

import sys

import hssm
import pandas as pd
from scenarios import SCENARIOS

name, trials, target = sys.argv[1:]
scenario = SCENARIOS[name]
model = hssm.HSSM(
    data=pd.read_csv(trials, dtype={"participant_id": str}),
    model=scenario.model,
    include=[*scenario.include],
    loglik_kind="analytical",
    p_outlier=None,
)
print(model)
steps = {} if scenario.tune is None else {"tune": scenario.tune}
posterior = model.sample(
    sampler="numpyro", chains=scenario.chains, draws=scenario.draws, progressbar=False, **steps
)
posterior["posterior"].to_dataset().to_netcdf(target)
