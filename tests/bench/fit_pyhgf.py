"""Fit a group of binary HGFs by pyhgf through PyMC: fit_pyhgf.py SCENARIO TRIALS.csv POSTERIOR.nc.

pyhgf is imported first: it chooses the runtime of JAX that is fast for it.
"""

# isort: off
import sys

import pyhgf  # noqa: F401
import jax
import jax.numpy as jnp
import pandas as pd
import pymc as pm
from pyhgf.model import Network
from pyhgf.response import binary_softmax_inverse_temperature
from pytensor import wrap_jax
from scenarios import SCENARIOS
# isort: on

_, scenario, trials_file, target = sys.argv
chosen = SCENARIOS[scenario]
priors = {entry["name"]: entry["prior"] for entry in chosen.include}


def log_likelihood(u: jax.Array, y: jax.Array, omega2: jax.Array, beta: jax.Array) -> jax.Array:
    """Log probability of one participant's responses, summed over the trials."""
    network = Network(mean_field_updates=True)
    network = network.add_nodes(kind="binary-state").add_nodes(
        kind="continuous-state", value_children=0, node_parameters={"tonic_volatility": omega2}
    )
    network.input_data(input_data=u)
    surprise = network.surprise(
        response_function=binary_softmax_inverse_temperature,
        response_function_inputs=y,
        response_function_parameters=beta,
    )
    return -surprise.sum()


def linear(parameter: str, n: int) -> object:
    """Return a participant-level parameter, non-centred, on its link's scale."""
    intercept, sigma = (
        {key: value for key, value in prior.items() if key != "name"}
        for prior in (
            priors[parameter]["Intercept"],
            priors[parameter]["1|participant_id"]["sigma"],
        )
    )
    mean = pm.Normal(f"{parameter}_Intercept", **intercept)
    sd = pm.HalfNormal(f"{parameter}_1|participant_id_sigma", **sigma)
    offset = pm.Normal(f"{parameter}_1|participant_id_offset", 0.0, 1.0, shape=n)
    return mean + pm.Deterministic(f"{parameter}_1|participant_id", sd * offset)


trials = pd.read_csv(trials_file)
people = [rows for _, rows in trials.groupby("participant_id", sort=False)]
inputs = jnp.stack([jnp.asarray(rows["u"], dtype=float) for rows in people])
responses = jnp.stack([jnp.asarray(rows["response"] > 0, dtype=float) for rows in people])


@wrap_jax
def group(omega2: jax.Array, beta: jax.Array) -> jax.Array:
    return jax.vmap(log_likelihood)(inputs, responses, omega2, beta).sum()


with pm.Model():
    omega2 = linear("omega2", len(people))
    beta = pm.math.exp(linear("beta", len(people)))
    pm.Potential("responses", group(omega2, beta))
    tree = pm.sample(
        draws=chosen.draws,
        tune=chosen.tune,
        chains=chosen.chains,
        backend="jax",
        random_seed=1,
        progressbar=False,
        compute_convergence_checks=False,
    )
tree["posterior"].to_dataset().to_netcdf(target, engine="h5netcdf")
