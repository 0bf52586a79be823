"""Compare the fits on every dataset of a cell, by new trials or by new participants."""

from driftmill.comparison.compare import Thresholds, compare
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_tables, write_table
from driftmill.study.job import Job

#: The tables of elpd of each unit of prediction and of each dataset, and those that are written.
UNITS = {
    "trial": (("pointwise", "elpd"), ("comparison", "pairs")),
    "participant": (
        ("participants", "participant_elpd"),
        ("participant_comparison", "participant_pairs"),
    ),
}

with Job(snakemake) as job:
    study, paths = job.study, job.plan.paths
    labels, fits = job.plan.labels(job.cell), job.plan.fits_of(job.cell)
    read, written = UNITS[snakemake.params.unit]
    each, summed = (
        {f: read_tables([getattr(paths, kind)(job.cell, f, b) for b in labels], kind) for f in fits}
        for kind in read
    )
    seed = seed_sequence(study.seed, job.cell, 0, Purpose.COMPARISON)
    thresholds = Thresholds(study.compare.min_elpd_diff, study.compare.min_dse_ratio)
    tables = compare(job.cell, each, summed, seed, thresholds)
    for path, table, kind in zip(job.output, tables, written, strict=True):
        write_table(path, table, kind, job.origin(kind))
