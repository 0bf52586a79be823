"""Check one fit on one cell against its posterior predictions."""

import pandas as pd

from driftmill.prediction.extent import GROUPED, WHOLE, spread
from driftmill.prediction.posterior import posterior_check
from driftmill.prediction.splits import trials_of
from driftmill.regression.columns import datasets_of
from driftmill.regression.recoding import told_by_data
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, spec = job.study, job.spec
    found = {"quantiles": [], "covariate": [], "curves": []}
    whole, grouped = (spread(job.plan.total(job.cell), most) for most in (WHOLE, GROUPED))
    for path, tree in zip(job.input.trials, job.input.posterior, strict=True):
        posterior, table = read_tree(tree)["posterior"].to_dataset(), read_table(path, "trials")
        for number, columns in datasets_of(table, spec).items():
            seed = seed_sequence(study.seed, job.cell, number, Purpose.PREDICTIVE)
            trials = trials_of(spec, table, number) if number in whole else None
            draws, several = study.report.predictive.draws, number in grouped
            checks = posterior_check(spec, columns, posterior, number, seed, draws, trials, several)
            for kind, checked in zip(found, checks, strict=True):
                told = told_by_data(checked, spec.recode)
                found[kind].append(told.assign(cell=job.cell, fit=job.fit, dataset=number))
            print(f"dataset {number} predicted")
    for kind, tables in found.items():
        write_table(job.output[kind], pd.concat(tables), kind, job.origin(kind))
