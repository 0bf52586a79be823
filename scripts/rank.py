"""Rank the truths of one batch among the draws of its posteriors."""

from driftmill.recovery.batch import Labels
from driftmill.recovery.ranking import rank_batch
from driftmill.regression.columns import Shape
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.simulation.seeds import Purpose, seeds_of
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = job.spec
    seeds = seeds_of(job.study.seed, job.cell, job.datasets, Purpose.RANKS, job.fit)
    table = rank_batch(
        read_tree(job.input.posterior, ("posterior", "diagnostics", "result")),
        read_table(job.input.truth, "truth"),
        read_table(job.input.trials, "trials"),
        Labels(job.cell, job.fit, spec.model.name, job.generator),
        spec,
        Shape(**table_provenance(job.input.trials, "trials")["shape"]),
        seeds,
    )
    write_table(job.output[0], table, "ranks", job.origin("ranks"))
