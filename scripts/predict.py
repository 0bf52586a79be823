"""Check one fit on one cell against its posterior predictions."""

import pandas as pd

from driftmill.prediction.predictive import predict_quantiles
from driftmill.regression.columns import datasets_of
from driftmill.regression.draws import natural_draws
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, spec = job.study, fit_spec_of(job.study, job.cell, job.fit)
    tables = []
    for trials, tree in zip(job.input.trials, job.input.posterior, strict=True):
        posterior = read_tree(tree)["posterior"].to_dataset()
        for dataset, columns in datasets_of(read_table(trials, "trials"), spec.model).items():
            table = predict_quantiles(
                spec.model,
                natural_draws(spec, posterior, dataset),
                columns,
                seed_sequence(study.seed, job.cell, dataset, Purpose.PREDICTIVE),
                spec.p_outlier,
                study.report.predictive.draws,
            )
            tables.append(table.assign(cell=job.cell, fit=job.fit, dataset=dataset))
            print(f"dataset {dataset} predicted")
    write_table(job.output[0], pd.concat(tables), "quantiles", job.origin("quantiles"))
