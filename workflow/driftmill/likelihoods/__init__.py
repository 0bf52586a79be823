"""Log densities in pure JAX: arrays in, one log density a trial out.

Everything is computed in double precision by default, so importing this
package switches JAX to 64-bit.
"""

import jax

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
