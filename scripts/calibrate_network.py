"""Calibrate posteriors by a network: data from its model's simulator, fitted through it, ranked."""

from driftmill.recovery.self_calibration import calibrate
from driftmill.store.atomic import write_text
from driftmill.study.build import design_of, fit_spec_of, settings_of
from driftmill.study.network_job import NetworkJob
from driftmill.study.network_study import CELL, FIT, calibration_study

with NetworkJob(snakemake) as job:
    job.ready()
    study = calibration_study(job.section)
    spec = fit_spec_of(study, CELL, FIT, job.unchecked)
    table = calibrate(design_of(study, CELL), spec, settings_of(study), print)
    print(
        table[["parameter", "ranked", "failed", "p_value", "p_with_failed"]].to_string(index=False)
    )
    write_text(job.output[0], table.to_csv(index=False))
