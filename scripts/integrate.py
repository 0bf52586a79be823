"""Score one batch of posteriors by leave-one-participant-out cross-validation."""

import pandas as pd

from driftmill.comparison import participants as tables
from driftmill.comparison.participant_remedies import ParticipantScores
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.scored import seen_by
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    spec, refits = job.spec, job.study.compare.refits
    trials = seen_by(spec, read_table(job.input.trials, "trials"))
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    course = Course(print, keeper=keeper, brief=True)
    score = ParticipantScores(spec, settings_of(job.study), shape, refits, course)
    tree = read_tree(job.input.posterior)
    posterior, codes = tree["posterior"].to_dataset(), tree["result"]["code"]
    sums, rows = [], []
    for dataset, columns in datasets_of(trials, spec).items():
        people = trials.loc[trials["dataset"] == dataset, "participant_id"]
        code = str(codes.sel(dataset=dataset).item())
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.INTEGRALS)
        loo = score(columns, people, posterior, dataset, code, seed)
        sums.append((dataset, code, loo))
        rows.append(tables.participants_table(loo, dataset))
        print(f"dataset {dataset}: {tables.describe(loo)}")
    people, elpd = pd.concat(rows), tables.participant_elpd_table(sums)
    write_table(job.output.participants, people, "participants", job.origin("participants"))
    write_table(job.output.elpd, elpd, "participant_elpd", job.origin("participant_elpd"))
    keeper.remove()
