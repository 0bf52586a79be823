"""Check one fit on one cell against its posterior predictions."""

import pandas as pd

from driftmill.prediction.posterior import posterior_check
from driftmill.regression.columns import datasets_of
from driftmill.regression.recoding import told_by_data
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, spec = job.study, fit_spec_of(job.study, job.cell, job.fit)
    found = {"quantiles": [], "covariate": []}
    for trials, tree in zip(job.input.trials, job.input.posterior, strict=True):
        posterior = read_tree(tree)["posterior"].to_dataset()
        for dataset, columns in datasets_of(read_table(trials, "trials"), spec).items():
            seed = seed_sequence(study.seed, job.cell, dataset, Purpose.PREDICTIVE)
            draws = study.report.predictive.draws
            checks = posterior_check(spec, columns, posterior, dataset, seed, draws)
            for kind, table in zip(found, checks, strict=True):
                table = told_by_data(table, spec.recode)
                found[kind].append(table.assign(cell=job.cell, fit=job.fit, dataset=dataset))
            print(f"dataset {dataset} predicted")
    for kind, tables in found.items():
        write_table(job.output[kind], pd.concat(tables), kind, job.origin(kind))
