"""Posteriors as NetCDF files: an xarray DataTree with its provenance at the root."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import xarray as xr

from driftmill.store.atomic import replacing
from driftmill.store.errors import DamagedArtifact
from driftmill.store.headers import tree_provenance
from driftmill.store.provenance import KEY, Provenance, encode

_ENGINE: Final = "h5netcdf"
#: Attributes that say when or by what a tree was made: equal results must be equal files.
_VOLATILE = ("created_at", "sampling_time", "tuning_steps_time")


def _encoding(tree: xr.DataTree) -> dict[str, dict[str, dict[str, object]]]:
    """Compress numbers; text is stored as it is."""
    return {
        node.path: {
            str(name): {"zlib": True, "complevel": 4, "shuffle": True}
            for name, variable in node.dataset.data_vars.items()
            if variable.dtype.kind in "fiub" and variable.ndim > 0
        }
        for node in tree.subtree
    }


def write_tree(path: Path | str, tree: xr.DataTree, origin: Provenance) -> None:
    """Write a tree whole or not at all.

    Raises
    ------
    StoreError
        When the file cannot be written.
    """
    # copy() shares the arrays but not the attributes.
    whole = tree.copy()
    for node in whole.subtree:
        node.attrs = {k: v for k, v in node.attrs.items() if k not in _VOLATILE}
    whole.attrs[KEY] = encode(origin)
    # HDF5 writes to memory, since it crashes the process when a disk runs full under it.
    with whole.to_netcdf(engine=_ENGINE, encoding=_encoding(whole)) as view:
        content = bytes(view)
    with replacing(path) as partial:
        partial.write_bytes(content)


def _checked(path: Path | str, tree: xr.DataTree) -> xr.DataTree:
    """Return a tree that holds numbers and text; bytes of other kinds are not looked into."""
    for node in tree.subtree:
        for name, variable in node.dataset.variables.items():
            values = variable.to_numpy()
            known = variable.dtype.kind in "biufUTmM"
            if not known and not all(isinstance(value, str) for value in values.ravel()):
                raise DamagedArtifact(path, f"its variable {name} holds neither numbers nor text")
    return tree


def read_tree(path: Path | str, groups: Sequence[str] = ()) -> xr.DataTree:
    """Read posteriors into memory.

    Parameters
    ----------
    path
        The file.
    groups
        The groups that are wanted; the file is read faster without the others. None: all.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is not a whole tree of posteriors that has these groups.
    """
    tree_provenance(path, "posterior")
    try:
        if not groups:
            with xr.open_datatree(path, engine=_ENGINE) as tree:
                return _checked(path, tree.load())
        found = {name: xr.load_dataset(path, engine=_ENGINE, group=name) for name in groups}
    except (OSError, KeyError, ValueError) as error:
        raise DamagedArtifact(path, "its variables cannot be read") from error
    return _checked(path, xr.DataTree.from_dict(found))


def read_dataset(
    path: Path | str, dataset: int, groups: Sequence[str] = ("posterior", "result")
) -> xr.DataTree:
    """Read one dataset's posterior, and what became of it, without the others of its batch.

    Returns
    -------
    DataTree
        The ``groups``, whose dim ``dataset`` has one entry.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is not a whole posterior that has this dataset.
    """
    tree_provenance(path, "posterior")
    try:
        with xr.open_datatree(path, engine=_ENGINE) as tree:
            found = {name: tree[name].to_dataset().sel(dataset=[dataset]).load() for name in groups}
    except (OSError, KeyError, ValueError) as error:
        raise DamagedArtifact(path, f"its dataset {dataset} cannot be read") from error
    return _checked(path, xr.DataTree.from_dict(found))
