"""The protocol: what every model of the catalogue must do.

A new model needs no test code: it joins by being in the catalogue, with rows in the
reference tables (likelihoods, corners, first_passage_histograms) where there are any.
"""

import inspect
import itertools
import json
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ncx2
from ssms.basic_simulators.simulator_class import Simulator

from driftmill.likelihoods.lapse import log_lapse, mix
from driftmill.models import SsmSimulator
from driftmill.models.priors import Distribution
from driftmill.simulation.agreement import chi_square, simulator_agreement

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
HISTOGRAMS = pd.read_parquet(REFERENCE / "first_passage_histograms.parquet")
#: One false alarm in a million: every chi-square here is compared with this quantile.
ALPHA = 1e-6
#: Accuracy of survivor functions that are integrals over time, where it is not that of the density.
BY_QUADRATURE = {"ddm_seq2_no_bias": 1e-7, "full_ddm": 1e-4}


def test_declaration_is_consistent(protocol):
    model = protocol.model
    expected = (*model.response_columns, *model.parameter_names)
    for log_density in model.likelihoods.values():
        assert tuple(inspect.signature(log_density).parameters) == expected
    assert len(set(model.parameter_names)) == len(model.parameters)
    for parameter in model.parameters:
        prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
        assert prior.support == (parameter.lower, parameter.upper)
    assert set(sum(model.products, ())) <= set(model.parameter_names)
    assert (model.shift is None) or model.shift in model.parameter_names
    if isinstance(model.simulator, SsmSimulator):
        config = Simulator(model.simulator.name).config
        renamed = {model.simulator.rename.get(name, name) for name in model.parameter_names}
        assert renamed == set(config["params"])
        assert len(config["choices"]) == len(model.choices)


def test_reference_values(protocol):
    rows = protocol.reference
    if rows.empty:
        pytest.skip("no reference values: the model's own tests replace them")
    got = np.asarray(protocol.log_density(*protocol.arguments(rows)))
    expected = rows["loglik"].to_numpy()
    possible = np.isfinite(expected)
    np.testing.assert_array_equal(got[~possible], expected[~possible])
    likely = expected > np.log(1e-4 if protocol.model.error else 1e-12)
    allowed = protocol.model.error or 1e-9
    np.testing.assert_allclose(got[likely], expected[likely], rtol=0, atol=allowed)
    # In the tails a log density of -384 is -384.
    tail = possible & ~likely
    np.testing.assert_allclose(got[tail], expected[tail], rtol=protocol.model.error or 1e-12)


def test_mass_is_one(protocol):
    for parameters in [*protocol.draws(12, margin=0.08), *protocol.corners()]:
        if protocol.exact_survivor:
            # Times next to a shift have lost their last digits, where a density may be infinite.
            parameters |= {protocol.model.shift: 0.0}
        if protocol.model.has_rt:
            rt, cumulative = protocol.mass_over_time(parameters)
            mass = sum(c[-1] for c in cumulative.values())
            # A heavy tail goes on after the last time, a density may be infinite at the first.
            mass += protocol.unanswered(parameters, rt[-1])
            mass += 1.0 - protocol.unanswered(parameters, rt[0], known=1.0)
        else:
            mass = sum(np.exp(protocol.log_p(parameters, c)) for c in protocol.model.choices)
        assert abs(mass - 1.0) < (1e-4 if protocol.model.error else 1e-11), parameters


def test_gradients_equal_finite_differences(protocol):
    model = protocol.model
    for parameters in [*protocol.draws(6, margin=0.08), *protocol.corners()]:
        columns = protocol.trials_at(parameters)
        n = columns[0].size
        values = [np.full(n, parameters[name]) for name in model.parameter_names]
        base, gradients = protocol.value_and_gradient(columns, values)
        for i, parameter in enumerate(model.parameters):
            difference, step = protocol.differences(columns, parameters, parameter.name)
            rounding = 1e-13 * np.maximum(np.abs(base), 1.0) / step
            if parameter.name == model.shift:
                # Next to the shift a decision time has lost digits.
                lost = np.finfo(float).eps * columns[0]
                rounding = rounding + 2.0 * np.abs(gradients[i]) * lost / step
            relative = protocol.model.error or 1e-6
            allowed = relative * np.maximum(np.abs(gradients[i]), 0.1) + rounding
            # Of a solution, where there is hardly a density its ratio to the closed form is noise.
            known = base > np.log(1e-7) if protocol.model.error else np.isfinite(base)
            wrong = known & ~(np.abs(gradients[i] - difference) < allowed)
            assert not wrong.any(), (parameters, parameter.name)


def test_scalars_vectors_jit_and_vmap_agree(protocol):
    parameters = protocol.draws(1, margin=0.3)[0]
    columns = protocol.trials_at(parameters)
    plain = next(iter(protocol.model.likelihoods.values()))
    values = [parameters[name] for name in protocol.model.parameter_names]
    vector = np.asarray(protocol.log_density(*columns, *values))
    assert vector.shape == columns[0].shape
    trial_wise = [np.full(vector.shape, value) for value in values]
    over_trials = jax.jit(jax.vmap(plain, in_axes=(0,) * len(columns) + (None,) * len(values)))
    outer = protocol.log_density(*columns, *[np.array([[value]]) for value in values])
    firsts = range(min(3, vector.size))
    scalars = [protocol.log_density(*[c[i] for c in columns], *values) for i in firsts]
    # A solution is as fine as the trials that share it need: its error may differ.
    close = protocol.model.error / 10 or 1e-12
    agree = {"rtol": close, "atol": close}
    np.testing.assert_allclose(plain(*columns, *values), vector, **agree)
    np.testing.assert_allclose(protocol.log_density(*columns, *trial_wise), vector, **agree)
    np.testing.assert_allclose(over_trials(*columns, *values), vector, **agree)
    np.testing.assert_allclose(np.squeeze(outer), vector, **agree)
    np.testing.assert_allclose(scalars, vector[: len(firsts)], **agree)


def test_hard_rows_have_finite_gradients_under_a_lapse(protocol):
    arguments = protocol.hard_rows()
    n = len(protocol.model.response_columns)
    rt = arguments[0] if protocol.model.has_rt else None

    @jax.jit
    @jax.value_and_grad
    def total(parameters, p_outlier):
        log_density = protocol.log_density(*arguments[:n], *parameters)
        lapse = log_lapse(rt, len(protocol.model.choices))
        return mix(log_density, p_outlier, lapse).sum()

    for p_outlier in (0.0, 0.05):
        value, gradient = total(arguments[n:], p_outlier)
        assert all(np.isfinite(g).all() for g in gradient)
    assert np.isfinite(value)


def test_single_precision_is_finite_and_close(protocol):
    arguments = [np.asarray(a, np.float32) for a in protocol.hard_rows()]
    n = len(protocol.model.response_columns)
    got, gradient = protocol.value_and_gradient(arguments[:n], arguments[n:])
    assert got.dtype == np.float32
    assert all(np.isfinite(g).all() for g in gradient)
    exact = np.asarray(protocol.log_density(*[np.asarray(a, np.float64) for a in arguments]))
    np.testing.assert_array_equal(np.isfinite(got), np.isfinite(exact))
    kept = np.isfinite(exact)
    error = np.abs(got - exact)[kept] / np.maximum(1.0, np.abs(exact[kept]))
    assert error.max() < 2e-4


def test_before_and_just_after_the_shift(protocol):
    model = protocol.model
    if model.shift is None:
        pytest.skip("no parameter shifts the response times")
    place = model.parameter_names.index(model.shift)
    waits = np.array([-0.1, -1e-12, 0.0, 1e-9, 1e-6, 1e-4, 1e-3])
    response = np.full(waits.size, float(model.choices[-1]))
    for parameters in protocol.draws(6, margin=0.2):
        values = [np.full(waits.size, parameters[name]) for name in model.parameter_names]
        rt = protocol.shift(parameters) + waits
        log_p, gradient = protocol.value_and_gradient((rt, response), values)
        assert (log_p[:3] == -np.inf).all()
        assert all((g[:3] == 0.0).all() for g in gradient)
        assert all(np.isfinite(g).all() for g in gradient)
        assert np.isfinite(log_p[3:]).all()
        # A tail points home: an earlier shift makes the trial likelier. A gamma density is a
        # power of the time there, which makes no tail so deep.
        tail = log_p[3:] < -100
        assert tail[0] or model.name in ("poisson_race", "levy")
        assert (gradient[place][3:][tail] < 0).all()


def test_the_survivor_is_the_mass_that_is_left(protocol):
    model = protocol.model
    if model.log_survivor is None:
        pytest.skip("the model has no survivor function")
    survivor = jax.jit(model.log_survivor)
    derivative = jax.grad(model.log_survivor)
    slope = jax.jit(lambda at, *p: jax.lax.map(lambda x: derivative(x, *p), at))
    accuracy = max(model.error, BY_QUADRATURE.get(model.name, 1e-10))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    for parameters in [*protocol.draws(4, margin=0.08), *protocol.corners()]:
        parameters |= {model.shift: 0.0}
        rt, cumulative = protocol.mass_over_time(parameters, step=0.02)
        gone = np.sum(list(cumulative.values()), axis=0)
        quantiles = np.array([1e-6, 0.01, 0.3, 0.7, 0.99, 1 - 1e-6]) * gone[-1]
        at = np.interp(quantiles, gone, np.log(rt))
        # Between the quantiles by Gauss-Legendre in log time, in 40 panels of each interval.
        edges = at[:-1, None] + np.diff(at)[:, None] * np.linspace(0, 1, 41)
        half = 0.5 * np.diff(edges)[..., None]
        times = np.exp(edges[:, :-1, None] + half * (1 + nodes))
        density = sum(np.exp(protocol.log_p(parameters, float(c), times)) for c in model.choices)
        mass = (density * times * half * weights).sum(axis=(1, 2))
        values = tuple(parameters.values())
        left = np.exp(survivor(np.exp(at), *values))
        np.testing.assert_allclose(left[:-1] - left[1:], mass, rtol=accuracy, atol=1e-13)
        # Its slope is the density of all responses, in the tails as well.
        density = sum(
            np.exp(protocol.log_p(parameters, float(c), np.exp(at))) for c in model.choices
        )
        np.testing.assert_allclose(
            -slope(np.exp(at), *values) * left,
            density,
            rtol=max(accuracy, 1e-8),
            atol=0.0 if accuracy < 1e-9 else accuracy * density.max(),
        )
        assert survivor(0.0, *values) == survivor(-0.1, *values) == 0.0


def test_each_response_or_none_comes_before_a_deadline(protocol):
    model = protocol.model
    if model.log_cumulative is None:
        pytest.skip("the model has no distribution of single responses")
    survivor, before = jax.jit(model.log_survivor), jax.jit(model.log_cumulative)
    for parameters in [*protocol.draws(4, margin=0.08), *protocol.corners()]:
        parameters |= {model.shift: 0.0}
        rt, cumulative = protocol.mass_over_time(parameters, step=0.02)
        values = tuple(parameters.values())
        gone = np.sum(list(cumulative.values()), axis=0)
        middle, late = (int(np.searchsorted(gone, q * gone[-1])) for q in (0.3, 0.95))
        for choice in model.choices:
            soon, later = np.exp(before(rt[[middle, late]], float(choice), *values))
            expected = cumulative[choice][late] - cumulative[choice][middle]
            np.testing.assert_allclose(later - soon, expected, atol=max(model.error, 1e-4))
        each = [np.exp(before(rt[late], float(c), *values)) for c in model.choices]
        total = np.exp(survivor(rt[late], *values)) + sum(each)
        np.testing.assert_allclose(total, 1.0, atol=max(model.error, 1e-5))
        early = before(np.array([0.0, -0.1]), float(model.choices[0]), *values)
        assert (np.asarray(early) == -np.inf).all()


def awkward_datasets(model):
    """Few trials, one response only, equal times, outliers on both sides."""
    rng = np.random.default_rng(2)
    for n in (1, 3, 40):
        for response in ([model.choices[0]], [model.choices[-1]], model.choices):
            rt = 0.25 + rng.gamma(2.0, 0.3, n)
            outliers = np.concatenate([[0.01], rt, [19.9]])
            for times in (rt, np.full(n, 0.5), outliers, rt * 1e-2):
                columns = {"rt": times, "response": rng.choice(response, times.size)}
                yield {name: columns[name] for name in model.response_columns}


def test_start_is_inside_the_support_with_a_finite_density(protocol):
    model = protocol.model
    for columns in awkward_datasets(model):
        start = model.start(columns)
        assert tuple(start) == model.parameter_names
        assert all(p.supports(start[p.name]) for p in model.parameters), start
        if model.shift:
            assert start[model.shift] < 0.95 * columns["rt"].min()
        # Repeated to one length, so that one compiled density serves all.
        repeated = [np.resize(columns[name], 42) for name in model.response_columns]
        log_p = protocol.log_density(*repeated, *start.values())
        assert np.isfinite(log_p).all(), start


def test_simulated_histograms(protocol):
    rows = HISTOGRAMS[HISTOGRAMS["model"] == protocol.model.name]
    if rows.empty:
        pytest.skip("no histograms: the model's own simulator is compared instead")
    nodes, weights = np.polynomial.legendre.leggauss(20)
    for params, case in rows.groupby("params"):
        observed, probability = [], []
        for row in case.itertuples():
            edges = np.asarray(row.bin_edges)
            half = 0.5 * np.diff(edges)[:, None]
            rt = edges[:-1, None] + half * (1 + nodes)
            density = np.exp(protocol.log_p(json.loads(params), float(row.choice), rt))
            probability.extend((density * weights * half).sum(axis=1))
            observed.extend(row.counts)
        # All else: above the last edge, or not finished.
        observed.append(case["n"].iloc[0] - np.sum(observed))
        probability.append(1.0 - np.sum(probability))
        assert chi_square(observed, probability).p_value > ALPHA


def test_simulator_agrees_with_the_density(protocol):
    n = 20_000
    soon = (p for p in protocol.draws(40, 0.2, seed=4) if protocol.late_mass(p, 18.0) < 1e-7)
    draws = list(itertools.islice(soon, 6))
    assert len(draws) == 6
    for i, parameters in enumerate(draws):
        found = simulator_agreement(protocol, parameters, n, np.random.SeedSequence([99, i]))
        # An error e of the log density adds n e^2 to a chi-square of n trials.
        known = n * protocol.model.error**2
        assert ncx2.sf(found.statistic, max(found.degrees, 1), known) > ALPHA
