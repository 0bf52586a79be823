"""Simulate one batch of a cell."""

from dataclasses import asdict

from driftmill.regression.columns import shape_of
from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.tables import write_table
from driftmill.study.build import design_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    design = design_of(job.study, job.cell)
    trials, truth = simulate_datasets(design, job.datasets)
    shape = asdict(shape_of(trials))
    write_table(job.output.truth, truth, "truth", job.origin("truth"))
    write_table(job.output.trials, trials, "trials", job.origin("trials", shape=shape))
