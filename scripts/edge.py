"""Count the draws of one fit on one cell that lie beyond the box of its network."""

import pandas as pd

from driftmill.prediction.edges import draws_beyond
from driftmill.regression.columns import datasets_of
from driftmill.store.tables import read_table, write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job
from driftmill.study.networks import network_of

with Job(snakemake) as job:
    spec, use = job.spec, network_of(job.study, job.study.fit(job.fit))
    rows = []
    for path, trials in zip(job.input.posterior, job.input.trials, strict=True):
        posterior = read_tree(path, ["posterior"])["posterior"].to_dataset()
        for number, columns in datasets_of(read_table(trials, "trials"), spec).items():
            draws, beyond = draws_beyond(spec, columns, posterior, number)
            rows.append((job.cell, job.fit, number, use.name, draws, beyond))
            print(f"dataset {number}: {beyond:.2%} of {draws} draws beyond the network's box")
    columns = ["cell", "fit", "dataset", "network", "draws", "beyond"]
    table = pd.DataFrame(rows, columns=columns)
    write_table(job.output[0], table, "edges", job.origin("edges"))
