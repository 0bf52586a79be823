"""Calibrate posteriors by a network: data from its model's simulator, fitted through it, ranked."""

from driftmill.store.atomic import write_text
from driftmill.study.network_job import NetworkJob

with NetworkJob(snakemake) as job:
    job.ready()
    table = job.calibrate(job.unchecked)
    print(
        table[["parameter", "ranked", "failed", "p_value", "p_with_failed"]].to_string(index=False)
    )
    write_text(job.output[0], table.to_csv(index=False))
