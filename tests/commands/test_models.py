"""What `driftmill models` says of the catalogue."""

from driftmill.models import CATALOGUE
from driftmill.models.registry import all_couplings, all_processes, find_process
from tests.commands.calling import refused, run


def test_models_lists_parameters_supports_and_priors():
    result = run("models")
    assert result.exit_code == 0
    for model in CATALOGUE.values():
        assert model.name in result.output
        for parameter in model.parameters:
            assert parameter.support in result.output
            assert str(parameter.prior) in result.output


def test_one_model_is_shown_with_its_source():
    result = run("models", "angle")
    assert "theta" in result.output
    assert CATALOGUE["angle"].reference in result.output
    assert "softmax" not in result.output
    assert "did you mean 'angle'?" in refused(run("models", "angel"))


def test_models_lists_processes_couplings_and_compositions():
    output = run("models").output
    for process in all_processes().values():
        assert f"{process.name}: {process.title}" in output
    for coupling in all_couplings():
        assert coupling in output
    assert "Holds rl_q0 at 0.5, rl_forget at 0" in output
    (row,) = [line for line in output.splitlines() if line.startswith("│ rlssm2 ")]
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1:5] == ["rlssm2", "rescorla_wagner_dual", "angle", "values_to_drift"]


def test_one_process_coupling_or_composition_is_shown():
    process = run("models", "rescorla_wagner").output
    assert find_process("rescorla_wagner").reference in process
    assert "held at" in process
    assert "rl_forget" in process
    assert "ddm" not in process
    assert "v of ddm; v of ddm_sdv" in run("models", "values_to_drift").output
    composition = run("models", "rlssm2").output
    assert "values_to_drift" in composition
    assert "rl_stickiness" in composition
    assert "did you mean 'rescorla_wagner'?" in refused(run("models", "rescorla_wagnr"))
