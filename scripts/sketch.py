"""Make the posteriors that can be picked on the page small."""

import pandas as pd

from driftmill.report.sketches import sketches
from driftmill.store.tables import write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job

with Job(snakemake) as job:
    plan, found = job.plan, []
    for cell, fit in plan.pairs:
        for batch in plan.batches_of(cell):
            if here := plan.explored_in(batch):
                tree = read_tree(plan.paths.posterior(cell, fit, batch.label), ["posterior"])
                found.append(sketches(tree, here).assign(cell=cell, fit=fit))
    write_table(job.output[0], pd.concat(found), "sketches", job.origin("sketches"))
