"""Hold precision against the numbers of trials and participants."""

from driftmill.recovery.precision import precision
from driftmill.recovery.sample_size import sample_sizes
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_tables, write_table
from driftmill.study.build import precision_targets_of
from driftmill.study.job import Job
from driftmill.study.sizes import sizes_of

with Job(snakemake) as job:
    study, sizes = job.study, sizes_of(job.study)
    estimates = read_tables(job.input, "estimates")
    seeds = {cell: seed_sequence(study.seed, cell, 0, Purpose.PRECISION) for cell in sizes}
    tables = {
        "precision": precision(estimates, sizes),
        "sample_sizes": sample_sizes(estimates, sizes, precision_targets_of(study), seeds),
    }
    for kind, table in tables.items():
        write_table(job.output[kind], table, kind, job.origin(kind))
