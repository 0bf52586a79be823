"""Fit one batch of a cell."""

from driftmill.regression.columns import Shape, datasets_of
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import sampler_used
from driftmill.simulation.seeds import Purpose, seeds_of
from driftmill.store.tables import read_table, table_provenance
from driftmill.store.trees import write_tree
from driftmill.study.build import settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    spec = job.spec
    datasets = datasets_of(read_table(job.input.trials, "trials"), spec)
    seeds = seeds_of(job.study.seed, job.cell, datasets, Purpose.POSTERIOR)
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    settings = settings_of(job.study, job.device["platform"])
    tree = fit_batch(spec, datasets, settings, seeds, shape, print, keeper)
    sampler = sampler_used(settings.sampler, spec.black_box)
    write_tree(job.output[0], tree, job.origin("posterior", sampler=sampler))
    keeper.remove()
