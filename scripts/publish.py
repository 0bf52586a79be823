"""Hold the numbers of the study's fits beside published ones."""

import pandas as pd

from driftmill.recovery.published import PUBLISHED_TYPES, beside_elpd, beside_posterior
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_dataset
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job
from driftmill.study.published import asked_of

with Job(snakemake) as job:
    rows, paths = [], job.plan.paths
    for entry, batch in job.plan.published:
        asked, spec = asked_of(entry), fit_spec_of(job.study, batch.cell, entry.fit)
        path = paths.posterior(batch.cell, entry.fit, batch.label)
        tree = read_dataset(path, entry.dataset, ("posterior", "diagnostics", "result"))
        if entry.minus_fit is None:
            row = beside_posterior(asked, tree, spec)
        else:
            pairs = read_table(paths.pairs(batch.cell), "pairs")
            row = beside_elpd(asked, pairs, tree, entry.fit)
        rows.append(row | {"cell": batch.cell, "fit": entry.fit})
    table = pd.DataFrame(rows).astype(PUBLISHED_TYPES)
    write_table(job.output[0], table[list(PUBLISHED_TYPES)], "published", job.origin("published"))
