"""XLA held to its threads, and compiled programs found again by the next process."""

import os
import subprocess
import sys

CPU = """
import sys
from driftmill.sampling.runtime import hold_to_threads
hold_to_threads(int(sys.argv[1]))
import jax, jax.numpy as jnp, os
jnp.tanh(jnp.ones((200, 200)) @ jnp.ones((200, 200))).block_until_ready()
names = [open(f"/proc/self/task/{t}/comm").read().strip() for t in os.listdir("/proc/self/task")]
print(jax.device_count(), sum("Eigen" in n or "XLAEigen" in n for n in names))
"""

COMPILE = """
import sys
from pathlib import Path
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
hold_to_threads(1)
keep_compiled(Path(sys.argv[1]))
import numpy as np
from driftmill.models import get_model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.columns import Shape
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings
rng = np.random.default_rng(int(sys.argv[2]))
data = {0: {"rt": 0.4 + rng.gamma(2, 0.3, 25), "response": rng.choice((-1, 1), 25)}}
settings = SamplingSettings(chains=2, draws=20, warmup=20, ladder=())
spec = FitSpec("ddm", get_model("ddm"))
fit_batch(spec, data, settings, {0: np.random.SeedSequence(1)}, Shape(25), print)
"""


def python(program, *arguments, **env):
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_one_device_and_no_more_threads_than_asked_for():
    devices, pool = map(int, python(CPU, 1).split())
    assert devices == 1
    assert pool <= 1


def test_other_data_of_one_shape_find_every_program_compiled(tmp_path):
    python(COMPILE, tmp_path, 1, PYTHONHASHSEED="1")
    programs = {file.name for file in tmp_path.glob("*-cache")}
    assert any("advance" in name for name in programs)
    python(COMPILE, tmp_path, 2, PYTHONHASHSEED="2")
    assert {file.name for file in tmp_path.glob("*-cache")} == programs


JAX_SAMPLERS = """
import os
from driftmill.sampling.runtime import hold_to_threads, import_jax_samplers
hold_to_threads(1)
flags = os.environ["XLA_FLAGS"]
import_jax_samplers()
import jax, pymc.sampling.jax
print(jax.device_count(), os.environ["XLA_FLAGS"] == flags)
"""


def test_pymcs_jax_samplers_are_imported_without_their_hundred_devices():
    assert python(JAX_SAMPLERS).split() == ["1", "True"]
