"""Draw the training set of a network."""

from driftmill.networks.make import maker_of
from driftmill.store.arrays import write_arrays
from driftmill.study.network_job import NetworkJob

with NetworkJob(snakemake) as job:
    job.ready()
    design = job.design
    drawn = maker_of(job.model, design).draw(job.model, design, print)
    write_arrays(job.output[0], drawn)
