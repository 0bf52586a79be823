#!/usr/bin/env bash
# Makes or completes .venv in the project: envs/setup.sh [cpu|dev|gpu|networks]      (default cpu)
#
# Finds a Python that the locks cover, makes the virtual environment, installs envs/<lock>.txt by
# its hashes, then the project itself, editable. A stamp in .venv tells a finished set-up by the
# folder, the lock and the pyproject.toml it was made for, so that a second call does nothing.
# With dev comes a Chromium for the tests of the page, unless the machine has one.
# `envs/setup.sh --slurm` installs Debian's SLURM for the tests on a cluster, where root may.
# `envs/setup.sh --find-python` only prints the Python that would be used.
set -euo pipefail
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH
HOME=${HOME:-/nonexistent}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VERSIONS="3.12 3.13"    # the locks have wheels for these
PREFIXES=${DRIFTMILL_PREFIXES-"/usr/local /usr /opt/conda /opt/miniconda3 /opt/miniforge3"}

say() { printf 'driftmill: %s\n' "$*" >&2; }

# Every file that may be a fitting Python, one a line, the best first.
candidates() {
    local version place
    for version in $VERSIONS; do
        type -aP "python$version" || true
        for place in \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version"* \
            "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}/cpython-$version"* \
            "$HOME"/{miniconda3,miniforge3,mambaforge,anaconda3,micromamba,.conda}{,/envs/*} \
            ${CONDA_PREFIX:+"$CONDA_PREFIX"} "$HOME/.local" $PREFIXES; do
            [ ! -x "$place/bin/python$version" ] || printf '%s\n' "$place/bin/python$version"
        done
    done
    type -aP python3 python || true
}

# Prints the real path of the Python behind $1; else, with status 1, why it does not do.
probe() {
    local answer
    answer=$("$1" -c '
import sys, sysconfig
version = ".".join(map(str, sys.version_info[:2]))
if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(print("not a plain CPython") or 1)
if version not in sys.argv[1].split():
    sys.exit(print("is Python", version) or 1)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(print(f"lacks venv: sudo apt install python{version}-venv") or 1)
print(sys._base_executable)' "$VERSIONS" 2>/dev/null) && printf '%s\n' "$answer" && return
    printf '%s\n' "${answer:-does not run}"
    return 1
}

# Prints the Python to use; with none, says what was looked for and how to get one.
find_python() {
    local candidate answer unfit=""
    while read -r candidate; do
        if answer=$(probe "$candidate"); then
            printf '%s\n' "$answer"
            return
        fi
        unfit+="  $candidate: $answer"$'\n'
    done < <(printf '%s' "${PYTHON:+$PYTHON$'\n'}"; candidates)
    cat >&2 <<MESSAGE
driftmill needs Python 3.12 or 3.13 and found neither.
Looked for: \$PYTHON (${PYTHON:-not set}); python3.12, python3.13, python3 and python on PATH;
  pyenv's (${PYENV_ROOT:-$HOME/.pyenv}), uv's (${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}) and
  conda's versions (~/miniconda3 and the like); and in ${PREFIXES:-no other place}.
${unfit:+Found, but not fit:
$unfit}Get one in any of these ways, then give the same command again:
  Debian 13, Ubuntu 24.04:  sudo apt install python3 python3-venv
  pyenv:                    pyenv install 3.12
  uv:                       uv python install 3.12
  conda:                    conda create -n python312 python=3.12
One that lies elsewhere can be named: PYTHON=/path/to/python3.12 make setup
MESSAGE
    return 1
}

# What a finished set-up from the lock $1 looks like.
stamp() {
    printf '%s\n' "$PWD"
    cat "envs/$1.txt" pyproject.toml | sha256sum
}

finished() {
    [ "$(cat ".venv/driftmill-$1.stamp" 2>/dev/null)" = "$(stamp "$1")" ] && .venv/bin/python -c ""
}

# Some set-up was finished here and can be built upon: not interrupted, moved or without its Python.
sound() {
    cat .venv/driftmill-*.stamp 2>/dev/null | grep -qxF "$PWD" && .venv/bin/python -c "" 2>/dev/null
}

install_lock() {
    local pip=(.venv/bin/python -m pip --disable-pip-version-check)
    local index=${PIP_INDEX_URL:-$("${pip[@]}" config get global.index-url 2>/dev/null || true)}
    if "${pip[@]}" install --quiet --require-hashes --no-deps -r envs/uv.txt &&
        VIRTUAL_ENV="$PWD/.venv" UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}" \
            .venv/bin/uv pip install --quiet --require-hashes --no-deps -r "envs/$1.txt"; then
        return
    fi
    say "uv could not install the lock (see above); trying pip, which takes some two minutes."
    "${pip[@]}" install --quiet --require-hashes --no-deps -r "envs/$1.txt"
}

# A Chromium to look at the page with: the machine's, else Debian's, else Playwright's own.
install_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        type -P "$name" >/dev/null && return
    done
    say "fetching a Chromium for the tests of the page"
    if [ "$(id -u)" = 0 ] && type -P apt-get >/dev/null; then
        { apt-get update && apt-get install --yes --no-install-recommends chromium; } \
            >/dev/null 2>&1 && return
    fi
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 && return
    say "no Chromium could be had; tests that need one are skipped (sudo apt install chromium)"
}

# A SLURM for tests that start one of their own; without it they are skipped.
install_slurm() {
    local daemons=(slurmctld slurmd sbatch munged slurmdbd mariadbd)
    type -P "${daemons[@]}" >/dev/null && return
    if [ "$(id -u)" = 0 ] && type -P apt-get >/dev/null; then
        say "fetching SLURM for the tests on a cluster"
        { timeout 60 apt-get update && DEBIAN_FRONTEND=noninteractive timeout 180 \
            apt-get install --yes --no-install-recommends \
            slurmctld slurmd slurm-client munge slurmdbd mariadb-server; } >/dev/null 2>&1 || true
    fi
    type -P "${daemons[@]}" >/dev/null ||
        say "no SLURM could be had; tests that need one are skipped (see tests/cluster)"
}

main() {
    local lock=${1:-cpu} python
    [ "$lock" = --find-python ] && { find_python; return; }
    [ "$lock" = --slurm ] && { install_slurm; return; }
    [ -f "envs/$lock.txt" ] || { say "there is no lock envs/$lock.txt"; return 2; }
    finished "$lock" && return
    [ "$lock" = cpu ] && { finished networks || finished gpu; } && return    # both contain cpu
    [[ "$lock" = cpu || "$lock" = networks ]] && finished dev && return     # dev contains both

    if ! sound; then
        python=$(find_python)
        say "making .venv from envs/$lock.txt with $python"
        "$python" -m venv --clear .venv
    else
        say "bringing .venv up to envs/$lock.txt"
    fi
    rm -f .venv/driftmill-*.stamp
    install_lock "$lock"
    .venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps \
        --no-build-isolation --editable .
    [ "$lock" != dev ] || install_browser
    stamp "$lock" >".venv/driftmill-$lock.stamp"
    say "set up; to use it in this shell: source .venv/bin/activate"
}

main "$@"
