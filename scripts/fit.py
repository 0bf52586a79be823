"""Fit one batch of a cell."""

from driftmill.regression.columns import datasets_of
from driftmill.regression.lifter import Shape
from driftmill.sampling.batch import fit_batch
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance
from driftmill.store.trees import write_tree
from driftmill.study.build import fit_spec_of, settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    (path,) = job.input
    spec = fit_spec_of(job.study, job.cell, job.fit)
    datasets = datasets_of(read_table(path, "trials"), spec)
    seeds = {n: seed_sequence(job.study.seed, job.cell, n, Purpose.POSTERIOR) for n in datasets}
    shape = Shape(**table_provenance(path, "trials")["shape"])
    tree = fit_batch(spec, datasets, settings_of(job.study), seeds, shape, print, keeper)
    write_tree(job.output[0], tree, job.origin("posterior"))
    keeper.remove()
