"""The networks that correct a closed form, compiled once for all tests of a file."""

import functools

import jax
import jax.numpy as jnp

from driftmill.models import CATALOGUE
from driftmill.models.correction_networks import exact_of
from driftmill.models.shipped import shipped
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND

NETWORKS = {"race_no_bias_angle_2": "race_no_bias_angle"}


def network_of(name):
    return shipped(NETWORKS.get(name, name))


@functools.cache
def functions(name):
    """Return the network's and the solver's density with all derivatives, elementwise."""
    model = CATALOGUE[name]
    fitted = with_network(model, network_of(name))

    def with_partials(log_density):
        def total(values, rt, response):
            found = log_density(rt, response, *values)
            return found.sum(), found

        def both(rt, response, *values):
            values = [jnp.broadcast_to(jnp.asarray(x, rt.dtype), rt.shape) for x in values]
            gradient, found = jax.grad(total, has_aux=True)(values, rt, response)
            return found, gradient

        return jax.jit(both)

    return fitted, with_partials(fitted.likelihoods[KIND])


@functools.cache
def compiled(name):
    """Return the network's and the solver's density; op by op they would take long to compile."""
    fitted, _ = functions(name)
    return jax.jit(fitted.likelihoods[KIND]), jax.jit(exact_of(CATALOGUE[name]))
