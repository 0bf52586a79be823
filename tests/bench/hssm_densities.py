"""Time HSSM's own densities: hssm_densities.py TRUTHS.json FOLDER, prints JSON.

FOLDER holds a table MODEL.csv of trials for every model that TRUTHS.json has parameters of.
"""

import json
import sys
from pathlib import Path

from loop import microseconds

# isort: split
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytensor.tensor as pt
from hssm.likelihoods import analytical
from pymc.sampling.jax import get_jaxified_graph

#: Our names to theirs, where HSSM has a formula of its own: in PyTensor, and in JAX.
GRAPHS = {
    "ddm": analytical.logp_ddm,
    "ddm_sdv": analytical.logp_ddm_sdv,
    "lba2": analytical.logp_lba2,
    "lba3": analytical.logp_lba3,
    "poisson_race": analytical.logp_poisson_race,
}
FUNCTIONS = {"racing_diffusion_3": analytical.logp_rdm3, "lba4": analytical.logp_lba4}

truths = json.loads(Path(sys.argv[1]).read_text())
timed = {}
for name in sorted(truths.keys() & (GRAPHS.keys() | FUNCTIONS.keys())):
    table = pd.read_csv(Path(sys.argv[2]) / f"{name}.csv")
    data = table[["rt", "response"]].to_numpy(dtype=np.float64)
    keys, start = list(truths[name]), list(truths[name].values())

    if name in FUNCTIONS:

        def total(x, keys=keys, data=data, density=FUNCTIONS[name]):
            return density(jnp.asarray(data), **dict(zip(keys, x, strict=True))).sum()

    else:
        parameters = pt.dvector("parameters")
        values = {key: parameters[place] for place, key in enumerate(keys)}
        summed = GRAPHS[name](pt.constant(data), **values).sum()
        graph = get_jaxified_graph(inputs=[parameters], outputs=[summed])

        def total(x, graph=graph):
            return graph(x)[0]

    timed[name] = microseconds(total, start)
print(json.dumps(timed))
