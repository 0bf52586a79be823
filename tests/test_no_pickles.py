"""Nothing in the library reads what could run code, nor hands text to a shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "workflow" / "driftmill").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
#: Modules that make objects of bytes by running what these say, or that run a shell.
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "torch", "marshal", "shelve"}
MODULES |= {"commands", "pty", "code", "runpy"}
CALLS = {"eval", "exec", "compile", "__import__", "breakpoint"}
METHODS = {"read_pickle", "to_pickle", "unsafe_load", "full_load", "popen", "mktemp", "from_pickle"}
YAML = {"load", "load_all", "Loader", "FullLoader", "UnsafeLoader"}
#: The user's own models run here, once the user trusts them.
ALLOWED = {("study/model_files.py", "exec"), ("study/model_files.py", "compile")}


def dotted(node: ast.expr) -> str:
    """Return a name with its dots; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names]
            tops = [node.module or ""] if isinstance(node, ast.ImportFrom) else named
            yield from (top for top in tops if top.split(".")[0] in MODULES)
        elif isinstance(node, ast.Attribute):
            name = dotted(node)
            if name in {f"yaml.{each}" for each in YAML} or name.startswith("os.exec"):
                yield name
        elif isinstance(node, ast.Call):
            name, given = dotted(node.func), {k.arg: k.value for k in node.keywords}
            last = name.rpartition(".")[2]
            if name in CALLS or last in METHODS or name in ("os.system", "os.spawnl"):
                yield name
            if name in ("np.load", "numpy.load") or "allow_pickle" in given:
                refused = given.get("allow_pickle")
                if not (isinstance(refused, ast.Constant) and refused.value is False):
                    yield f"{name} without allow_pickle=False"
            if "shell" in given:
                yield f"{name} with a shell"


def test_no_file_runs_data() -> None:
    found = {}
    for path in FILES:
        place = path.relative_to(ROOT).as_posix().removeprefix("workflow/driftmill/")
        named = set(dangers(ast.parse(path.read_text(encoding="utf-8"))))
        found[place] = {name for name in named if (place, name) not in ALLOWED}
    assert len(found) > 200
    assert {place: named for place, named in found.items() if named} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import numpy as np\nnp.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "pd.read_pickle(path)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "subprocess.run(text, shell=True)",
        "os.system(text)",
        "eval(text)",
        "__import__(text)",
    ],
)
def test_what_would_be_found_is_found(code: str) -> None:
    assert list(dangers(ast.parse(code)))
