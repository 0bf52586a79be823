"""Score one batch of fits by K-fold cross-validation over participants."""

import pandas as pd

from driftmill.comparison import refit_tables as tables
from driftmill.comparison.folds import assign_folds, predict_folds
from driftmill.comparison.integrals import IntegratedLikelihood
from driftmill.regression.columns import datasets_of
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.scored import seen_by
from driftmill.sampling.refit import Refits
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.simulation.seeds import Purpose, named_child, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of, folds_of, settings_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = fit_spec_of(job.study, job.cell, job.fit)
    table = read_table(job.input.trials, "trials")
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    refits, likelihood = Refits(spec, settings_of(job.study), shape), Lifter(spec, shape)
    posterior = read_tree(job.input.posterior)["posterior"].to_dataset()
    found = {}
    for dataset, columns in datasets_of(table, spec).items():
        rows = table[table["dataset"] == dataset]
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.FOLDS)
        people = rows["participant_id"].astype(str)
        folds = assign_folds(people, folds_of(job.study), named_child(seed, "folds"))
