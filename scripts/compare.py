"""Compare the fits on every dataset of a cell, by what each is to predict."""

from driftmill.comparison.compare import compare
from driftmill.comparison.selection import selection
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_tables, write_table
from driftmill.study.build import thresholds_of
from driftmill.study.job import Job

#: The tables of elpd of each unit of prediction and of each dataset, and those that are written.
UNITS = {
    "trial": (("pointwise", "elpd"), ("comparison", "pairs", "selection")),
    "participant": (
        ("participants", "participant_elpd"),
        ("participant_comparison", "participant_pairs", "participant_selection"),
    ),
    "fold": (("folds", "fold_elpd"), ("fold_comparison", "fold_pairs", "fold_selection")),
    "future": (
        ("future", "future_elpd"),
        ("future_comparison", "future_pairs", "future_selection"),
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
    tables = [
        *compare(job.cell, each, summed, seed, thresholds_of(study)),
        selection(job.cell, each, study.compare.min_exceedance),
    ]
    for path, table, kind in zip(job.output, tables, written, strict=True):
        write_table(path, table, kind, job.origin(kind))
