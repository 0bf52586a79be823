"""Score one batch of fits by K-fold cross-validation over participants."""

import pandas as pd

from driftmill.comparison import refit_tables as tables
from driftmill.comparison.folds import FoldPrediction, assign_folds
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.scored import seen_by
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import Purpose, named_child, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import folds_of, settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    spec = job.spec
    trials = read_table(job.input.trials, "trials")
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    datasets, count = datasets_of(trials, spec), folds_of(job.study)
    course = Course(print, count and count * len(datasets), keeper, brief=True)
    predict = FoldPrediction(spec, settings_of(job.study), shape, course)
    posterior = read_tree(job.input.posterior)["posterior"].to_dataset()
    found = {}
    for dataset, columns in datasets.items():
        rows = trials[trials["dataset"] == dataset]
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.FOLDS)
        names, people = rows["participant_id"].astype(str), seen_by(spec, rows)["participant_id"]
        folds = assign_folds(names, count, named_child(seed, "assignment"))
        found[dataset] = predict(columns, people, folds, posterior, dataset, seed)
        print(f"dataset {dataset}: {tables.describe_folds(found[dataset])}")
    rows = pd.concat([tables.folds_table(folds, dataset) for dataset, folds in found.items()])
    elpd = tables.fold_elpd_table((n, list(folds.values())) for n, folds in found.items())
    write_table(job.output.folds, rows, "folds", job.origin("folds"))
    write_table(job.output.elpd, elpd, "fold_elpd", job.origin("fold_elpd"))
    keeper.remove()
