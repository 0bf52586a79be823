"""Read one batch of an observed cell."""

from dataclasses import asdict

import pandas as pd

from driftmill.regression.columns import shape_of
from driftmill.store.tables import write_table
from driftmill.study.job import Job
from driftmill.study.observed import dataset_names, read_observed

with Job(snakemake) as job:
    trials = read_observed(job.study.cell(job.cell))
    shape = asdict(shape_of(trials))
    batch = trials[trials["dataset"].isin(job.datasets)]
    no_truth = pd.DataFrame(columns=["dataset", "participant_id", "parameter", "value"])
    write_table(job.output.truth, no_truth, "truth", job.origin("truth"))
    names = dataset_names(job.study.cell(job.cell), batch)
    write_table(job.output.datasets, names, "datasets", job.origin("datasets"))
    write_table(job.output.trials, batch, "trials", job.origin("trials", shape=shape))
