"""Every model's price: microseconds of its log density with gradient, and posteriors a minute.

500 trials that share their parameters, one core. Beside it HSSM's own density where it has one,
and a tanh network of 5-100-100-100-1 units, the price of an approximate likelihood.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise

from loop import microseconds

# isort: split
import jax.numpy as jnp
import numpy as np
from jax import Array
from measure import BUILD, HERE, run_driftmill
from rich.console import Console
from rich.table import Table
from truths import TRIALS, TRUTHS, catalogue_scenario

from driftmill.models import CATALOGUE, get_model
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of
from driftmill.study.types import Study

LAYERS = (5, 100, 100, 100, 1)
COLUMNS = ("model", "us", "HSSM's us", "network / it", "posteriors a minute", "smallest bulk ESS")


def trials_of(name: str, datasets: int):
    """Simulate a model's trials from its truth."""
    study = Study.model_validate(catalogue_scenario(name).study(datasets))
    return simulate_datasets(design_of(study, catalogue_scenario(name).name), range(datasets))[0]


def our_microseconds(name: str, trials) -> float:
    """Time the default log density of a model."""
    model = get_model(name)
    columns = [jnp.asarray(trials[c].to_numpy(np.float64)) for c in model.response_columns]
    held = {p.name: p.held for p in model.parameters if p.held is not None}
    values = held | TRUTHS[name]
    density = next(iter(model.likelihoods.values()))

    def total(position: Array) -> Array:
        return jnp.sum(density(*columns, *position))

    return microseconds(total, [values[p] for p in model.parameter_names])


def network_microseconds() -> float:
    """Time a network of four parameters and a time, as are trained in place of a formula."""
    rng = np.random.default_rng(1)
    sizes = list(pairwise(LAYERS))
    weights = [jnp.asarray(rng.normal(size=size) / np.sqrt(size[0])) for size in sizes]
    rt = jnp.asarray(rng.gamma(2.0, 0.4, TRIALS))[:, None]

    def total(position: Array) -> Array:
        layer = jnp.hstack([jnp.broadcast_to(position, (TRIALS, LAYERS[0] - 1)), rt])
        for matrix in weights[:-1]:
            layer = jnp.tanh(layer @ matrix)
        return jnp.sum(layer @ weights[-1])

    return microseconds(total, [0.5] * (LAYERS[0] - 1))


def rival_microseconds(names: Sequence[str]) -> dict[str, float]:
    """Time HSSM's densities in its environment, on the same trials."""
    folder = BUILD / "densities"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        trials_of(name, 1).to_csv(folder / f"{name}.csv", index=False)
    truths = folder / "truths.json"
    truths.write_text(json.dumps({name: TRUTHS[name] for name in names}))
    python = HERE.parents[1] / "build" / "hssm-venv" / "bin" / "python"
    command = [str(part) for part in (python, HERE / "hssm_densities.py", truths, folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=CATALOGUE, nargs="+", default=list(CATALOGUE))
    parser.add_argument("--datasets", type=int, default=16, help="0: time the densities alone")
    options = parser.parse_args()
    if missing := set(options.only) - set(TRUTHS):
        sys.exit(f"truths.py has no values for {', '.join(sorted(missing))}")
    BUILD.mkdir(parents=True, exist_ok=True)
    print(f"load over the last minute: {os.getloadavg()[0]:.1f}", flush=True)
    rival, network = rival_microseconds(options.only), network_microseconds()
    table = Table(title=f"{TRIALS} trials; the network {network:,.0f} us; float64, one core")
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    for name in options.only:
        ours = our_microseconds(name, trials_of(name, 1))
        theirs = f"{rival[name]:,.0f}" if name in rival else ""
        row = [name, f"{ours:,.0f}", theirs, f"{network / ours:,.1f}"]
        if options.datasets:
            run = run_driftmill(
                catalogue_scenario(name), trials_of(name, options.datasets), options.datasets
            )
            row += [
                f"{60 * run.fits / run.wall:,.1f}",
                f"{np.median(run.ess):,.0f} ({min(run.ess):,.0f})",
            ]
        table.add_row(*row)
        print(*row, flush=True)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
