from dataclasses import replace

import xarray as xr

from driftmill.report.blocks import FigureBlock, flattened
from driftmill.report.sections.datasets import datasets


def kinds(data):
    blocks = flattened(datasets(data).blocks)
    return [block.stem.split(".")[0] for block in blocks if isinstance(block, FigureBlock)]


def test_one_parameter_alone_makes_no_pair(make):
    data = make("single")
    assert kinds(data) == ["forest", "posterior", "pair", "trace", "rank"]
    alone = {}
    for key, tree in data.posteriors.items():
        groups = {name: tree[name].to_dataset() for name in ("posterior", "sample_stats")}
        alone[key] = xr.DataTree.from_dict(groups | {"posterior": groups["posterior"][["v"]]})
    assert kinds(replace(data, posteriors=alone)) == ["forest", "posterior", "trace", "rank"]
