"""Simulate one batch of a cell."""

from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.tables import write_table
from driftmill.study.build import design_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    design = design_of(job.study, job.cell)
    trials, truth = simulate_datasets(design, job.datasets)
    shape = {"rows": design.participants * design.trials, "padded": False}
    write_table(job.output.truth, truth, "truth", job.origin("truth"))
    write_table(job.output.trials, trials, "trials", job.origin("trials", shape=shape))
