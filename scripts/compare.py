"""Compare the fits on every dataset of a cell."""

from driftmill.comparison.compare import Thresholds, compare
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_tables, write_table
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, paths = job.study, job.plan.paths
    labels = job.plan.labels(job.cell)
    fits = job.plan.fits_of(job.cell)
    comparison, pairs = compare(
        job.cell,
        {
            f: read_tables([paths.pointwise(job.cell, f, b) for b in labels], "pointwise")
            for f in fits
        },
        {f: read_tables([paths.elpd(job.cell, f, b) for b in labels], "elpd") for f in fits},
        seed_sequence(study.seed, job.cell, 0, Purpose.COMPARISON),
        Thresholds(study.compare.min_elpd_diff, study.compare.min_dse_ratio),
    )
    write_table(job.output.comparison, comparison, "comparison", job.origin("comparison"))
    write_table(job.output.pairs, pairs, "pairs", job.origin("pairs"))
