from driftmill.store.paths import Paths


def test_paths_are_those_of_the_layout():
    paths = Paths("demo")
    assert paths.trials("c", "0001") == "results/demo/data/c/trials-0001.parquet"
    assert paths.posterior("c", "f", "0001") == "results/demo/fits/c/f/posterior-0001.nc"
    assert paths.estimates("c", "f") == "results/demo/recovery/c/f/estimates.parquet"
    assert paths.recovery("verdict") == "results/demo/recovery/verdict.parquet"
    assert paths.report == "results/demo/report.html"


def test_wildcards_may_stand_in():
    pattern = Paths("demo", "elsewhere").posterior("{cell}", "{fit}", "{batch}")
    assert pattern == "elsewhere/demo/fits/{cell}/{fit}/posterior-{batch}.nc"
    assert pattern.format(cell="c", fit="f", batch="0000") == Paths("demo", "elsewhere").posterior(
        "c", "f", "0000"
    )


def test_no_two_artifacts_share_a_path():
    paths = Paths("s")
    data = [paths.trials("c", "0"), paths.truth("c", "0"), paths.datasets("c", "0")]
    cell = [*data, paths.comparison("c"), paths.pairs("c")]
    cell += [paths.participant_comparison("c"), paths.participant_pairs("c")]
    cell += [paths.selection("c"), paths.participant_selection("c")]
    cell += [paths.fold_comparison("c"), paths.fold_pairs("c"), paths.fold_selection("c")]
    cell += [paths.future_comparison("c"), paths.future_pairs("c"), paths.future_selection("c")]
    pair = [
        paths.posterior("c", "f", "0"),
        paths.model_graph("c", "f"),
        paths.model_summary("c", "f"),
        paths.pointwise("c", "f", "0"),
        paths.elpd("c", "f", "0"),
        paths.participants("c", "f", "0"),
        paths.participant_elpd("c", "f", "0"),
        paths.folds("c", "f", "0"),
        paths.fold_elpd("c", "f", "0"),
        paths.future("c", "f", "0"),
        paths.future_elpd("c", "f", "0"),
        paths.estimates("c", "f"),
        paths.correlations("c", "f"),
        paths.gates("c", "f"),
        paths.sensitivity("c", "f", "0"),
        paths.quantiles("c", "f"),
        paths.covariate("c", "f"),
        paths.curves("c", "f"),
        paths.pit("c", "f", "0"),
        paths.prior_quantiles("c", "f"),
    ]
    study = [
        paths.confusion,
        paths.inversion,
        paths.report,
        paths.provenance,
        paths.figures,
        paths.tables,
        *map(paths.recovery, ("point", "coverage", "uncertainty", "verdict")),
    ]
    made = [*cell, *pair, *study]
    assert len(set(made)) == len(made)
