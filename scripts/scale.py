"""Measure how much the posteriors of one batch would change with another prior."""

from driftmill.recovery.batch import Labels
from driftmill.recovery.sensitivity import sensitivity_batch
from driftmill.regression.columns import Shape
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = job.spec
    table = sensitivity_batch(
        read_tree(job.input.posterior),
        read_table(job.input.trials, "trials"),
        Labels(job.cell, job.fit, spec.model.name, job.generator),
        spec,
        Shape(**table_provenance(job.input.trials, "trials")["shape"]),
    )
    write_table(job.output[0], table, "sensitivity", job.origin("sensitivity"))
