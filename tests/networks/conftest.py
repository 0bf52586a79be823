"""The reader by which HSSM evaluates networks."""

import numpy as np
import pytest
from jaxonnxruntime import call_onnx
from jaxonnxruntime import config as settings


@pytest.fixture
def another_reader():
    """Read models by jaxonnxruntime, with constants as HSSM has them: from a row to a number.

    The row has no first axis, as HSSM hands it over.
    """
    before = settings.jaxort_only_allow_initializers_as_static_args
    settings.update("jaxort_only_allow_initializers_as_static_args", False)

    def read(model):
        entry = model.graph.input[0]
        shape = [dim.dim_value for dim in entry.type.tensor_type.shape.dim]
        run, weights = call_onnx.call_onnx_model(model, {entry.name: np.ones(shape, np.float32)})
        return lambda row: run(weights, {entry.name: row})[0].squeeze()

    yield read
    settings.update("jaxort_only_allow_initializers_as_static_args", before)
