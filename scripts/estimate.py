"""Summarise the posteriors of one fit on one cell beside their truths and gates."""

import pandas as pd

from driftmill.recovery.batch import Labels
from driftmill.recovery.correlations import correlations
from driftmill.recovery.estimates import estimates
from driftmill.recovery.gates import gates
from driftmill.regression.columns import participant_of
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    spec = fit_spec_of(job.study, job.cell, job.fit)
    labels = Labels(job.cell, job.fit, spec.model.name, job.generator)
    prior_sd = {name: spec.prior_of(name).sd for name in spec.free_parameters}
    found = {"estimates": [], "gates": [], "correlations": []}
    batches = zip(job.input.posterior, job.input.truth, job.input.trials, strict=True)
    for posterior, truth, trials in batches:
        tree = read_tree(posterior)
        people = participant_of(read_table(trials, "trials"))
        known = read_table(truth, "truth")
        found["estimates"].append(estimates(tree, known, labels, prior_sd, people))
        found["gates"].append(gates(tree, labels))
        found["correlations"].append(correlations(tree, labels))
    for kind, tables in found.items():
        write_table(job.output[kind], pd.concat(tables), kind, job.origin(kind))
