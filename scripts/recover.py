"""Hold the estimates of the whole study against their truths."""

from driftmill.recovery.calibration import calibration
from driftmill.recovery.coverage import coverage
from driftmill.recovery.point import point
from driftmill.recovery.uncertainty import uncertainty
from driftmill.recovery.verdict import verdict
from driftmill.store.tables import read_tables, write_table
from driftmill.study.build import limits_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    estimates = read_tables(job.input.estimates, "estimates")
    calibrated = calibration(read_tables(job.input.ranks, "ranks"))
    tables = {
        "point": point(estimates),
        "coverage": coverage(estimates),
        "uncertainty": uncertainty(estimates),
        "calibration": calibrated,
        "verdict": verdict(estimates, limits_of(job.study), calibrated),
    }
    for kind, table in tables.items():
        write_table(job.output[kind], table, kind, job.origin(kind))
