"""Summarise the posteriors of one fit on one cell beside their truths and gates."""

import pandas as pd

from driftmill.recovery.batch import Labels
from driftmill.recovery.summaries import summaries
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import generating_formulas
from driftmill.study.job import Job

with Job(snakemake) as job:
    spec = job.spec
    generating = generating_formulas(job.study, job.cell)
    labels = Labels(job.cell, job.fit, spec.model.name, job.generator)
    found = [
        summaries(
            read_tree(posterior, ("posterior", "diagnostics", "result")),
            read_table(truth, "truth"),
            read_table(trials, "trials"),
            labels,
            spec,
            generating,
        )
        for posterior, truth, trials in zip(
            job.input.posterior, job.input.truth, job.input.trials, strict=True
        )
    ]
    for kind in found[0]:
        table = pd.concat([tables[kind] for tables in found])
        write_table(job.output[kind], table, kind, job.origin(kind))
