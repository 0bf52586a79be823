"""Networks in the place of likelihoods: trained or taken from a file, checked, exported.

They lie beside the studies, which share them: the name of a network's folder ends with a hash of
its design, or of its file. Nothing of these jobs depends on the study that asks for a network.
Inputs: ONNX files of the user's; card and weights.
Outputs: networks/<network>/: weights.npz, card.json, network.onnx, loss.svg, density.svg;
calibration.csv where the study asks for it;
recovery/<cell>/<fit>/edges.parquet, how many draws lie beyond a network's box.
"""


localrules:
    networks,


rule networks:
    input:
        [path for use in NETWORKS.values() for path in use.everything(PATHS.results)],


rule draw_network:
    output:
        temp(NETWORK_PATHS.training_set("{network}")),
    log:
        NETWORK_PATHS.log("draw_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("draw_network", "{network}")
    wildcard_constraints:
        network="|".join(n for n, use in NETWORKS.items() if use.trained) or "(?!)",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("draw_network"),
        runtime=NEEDS.runtime("draw_network"),
    params:
        design=lambda wc: design_of_network(PLAN.study, NETWORKS[wc.network]),
        code=code_hash("likelihoods", "models", "simulation", "networks"),
    script:
        "../../scripts/draw_network.py"


rule train_network:
    input:
        NETWORK_PATHS.training_set("{network}"),
    output:
        unchecked=NETWORK_PATHS.unchecked("{network}"),
        weights=NETWORK_PATHS.weights("{network}"),
        loss=NETWORK_PATHS.figure("{network}", "loss"),
    log:
        NETWORK_PATHS.log("train_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("train_network", "{network}")
    wildcard_constraints:
        network="|".join(n for n, use in NETWORKS.items() if use.trained) or "(?!)",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("train_network"),
        runtime=NEEDS.runtime("train_network"),
    params:
        design=lambda wc: design_of_network(PLAN.study, NETWORKS[wc.network]),
        code=code_hash("likelihoods", "models", "networks"),
    script:
        "../../scripts/train_network.py"


rule take_network:
    input:
        lambda wc: local(NETWORKS[wc.network].section.file),
    output:
        unchecked=NETWORK_PATHS.unchecked("{network}"),
        weights=NETWORK_PATHS.weights("{network}"),
    log:
        NETWORK_PATHS.log("take_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("take_network", "{network}")
    wildcard_constraints:
        network="|".join(n for n, use in NETWORKS.items() if not use.trained) or "(?!)",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("take_network"),
        runtime=NEEDS.runtime("take_network"),
    params:
        design=lambda wc: design_of_network(PLAN.study, NETWORKS[wc.network]),
        code=code_hash(
            "likelihoods/onnx_graph.py",
            "likelihoods/onnx_operators.py",
            "models",
            "networks/onnx_import.py",
            "networks/onnx_file.py",
            "networks/onnx_operations.py",
        ),
    script:
        "../../scripts/take_network.py"


rule calibrate_network:
    input:
        unchecked=NETWORK_PATHS.unchecked("{network}"),
        weights=NETWORK_PATHS.weights("{network}"),
    output:
        NETWORK_PATHS.calibration("{network}"),
    log:
        NETWORK_PATHS.log("calibrate_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("calibrate_network", "{network}")
    wildcard_constraints:
        network="|".join(n for n, use in NETWORKS.items() if use.calibrated) or "(?!)",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("calibrate_network"),
        runtime=NEEDS.runtime("calibrate_network"),
    params:
        design=lambda wc: design_of_network(PLAN.study, NETWORKS[wc.network]),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas",
            "simulation",
            "regression",
            "sampling",
            "recovery",
        ),
    script:
        "../../scripts/calibrate_network.py"


rule check_network:
    input:
        unchecked=NETWORK_PATHS.unchecked("{network}"),
        weights=NETWORK_PATHS.weights("{network}"),
        calibration=lambda wc: NETWORKS[wc.network].calibrations(PATHS.results),
    output:
        card=NETWORK_PATHS.card("{network}"),
        density=NETWORK_PATHS.figure("{network}", "density"),
    log:
        NETWORK_PATHS.log("check_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("check_network", "{network}")
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("check_network"),
        runtime=NEEDS.runtime("check_network"),
    params:
        design=lambda wc: design_of_network(PLAN.study, NETWORKS[wc.network]),
        code=code_hash("likelihoods", "models", "simulation", "networks"),
    script:
        "../../scripts/check_network.py"


rule export_network:
    input:
        unchecked=NETWORK_PATHS.card("{network}"),
        weights=NETWORK_PATHS.weights("{network}"),
    output:
        NETWORK_PATHS.onnx("{network}"),
    log:
        NETWORK_PATHS.log("export_network", "{network}"),
    benchmark:
        NETWORK_PATHS.benchmark("export_network", "{network}")
    wildcard_constraints:
        network="|".join(n for n, use in NETWORKS.items() if use.trained) or "(?!)",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("export_network"),
        runtime=NEEDS.runtime("export_network"),
    params:
        code=code_hash(
            "likelihoods",
            "models",
            "networks/jaxpr_graph.py",
            "networks/onnx_export.py",
            "networks/onnx_nodes.py",
            "networks/onnx_primitives.py",
        ),
    script:
        "../../scripts/export_network.py"


rule edge:
    input:
        posterior=lambda wc: [
            PATHS.posterior(wc.cell, wc.fit, b) for b in PLAN.labels(wc.cell)
        ],
        trials=lambda wc: [PATHS.trials(wc.cell, b) for b in PLAN.labels(wc.cell)],
        network=NETWORK,
    output:
        PATHS.edges("{cell}", "{fit}"),
    log:
        PATHS.log("edge", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("edge", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("edge"),
        runtime=NEEDS.runtime("edge"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "edge", wc.cell, wc.fit),
        code=code_hash("processes", "models", "formulas", "regression", "prediction"),
    script:
        "../../scripts/edge.py"
