"""Fit one dataset with HSSM as its user would: fit_hssm.py TRIALS.csv POSTERIOR.nc.

The model is HSSM's ddm with its analytical likelihood and its default priors, which are driftmill's
(v Normal(0, 2), a HalfNormal(2), z Uniform(0, 1), t HalfNormal(2)); no lapses.
"""

import sys

import hssm
import pandas as pd

trials, target = sys.argv[1:]
model = hssm.HSSM(data=pd.read_csv(trials), model="ddm", loglik_kind="analytical", p_outlier=None)
posterior = model.sample(sampler="numpyro", chains=4, draws=1000, progressbar=False)
posterior["posterior"].to_dataset().to_netcdf(target)
