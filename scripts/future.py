"""Score one batch of fits by later trials, predicted from those before them alone."""

import pandas as pd

from driftmill.comparison import refit_tables as tables
from driftmill.comparison.future import places_of, predict_future
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.lifter import Lifter
from driftmill.regression.scored import seen_by
from driftmill.sampling.refit import Refits
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.study.build import horizon_of, settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    spec, horizon = job.spec, horizon_of(job.study)
    trials = read_table(job.input.trials, "trials")
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    course = Course(print, keeper=keeper, brief=True)
    refits = Refits(Lifter(spec, shape), settings_of(job.study), course)
    found, rows = {}, []
    for dataset, columns in datasets_of(trials, spec).items():
        whole = trials[trials["dataset"] == dataset]
        seen = seen_by(spec, whole)
        place = places_of(whole)[seen.index].to_numpy()
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.FUTURE)
        future = predict_future(refits, spec, columns, place, seen["participant_id"], horizon, seed)
        found[dataset] = future
        rows.append(tables.future_table(future, dataset, seen))
        print(f"dataset {dataset}: {tables.describe_future(future)}")
    elpd = tables.future_elpd_table(found.items())
    write_table(job.output.future, pd.concat(rows), "future", job.origin("future"))
    write_table(job.output.elpd, elpd, "future_elpd", job.origin("future_elpd"))
    keeper.remove()
