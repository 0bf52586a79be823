#!/usr/bin/env bash
# Writes the locks anew from pyproject.toml: make lock [UPGRADE=--upgrade]
#
# Every package and version, with the hashes of all its files, for every Python the project allows;
# what a lock already pins is kept unless pyproject.toml forbids it or UPGRADE is given. The locks
# name no index: each machine installs from the one it is set up for. The pins in the conda
# environments follow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lock() {
    local file=envs/$1.txt
    shift
    uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
        --no-header --no-emit-index-url --no-emit-find-links ${UPGRADE:+"$UPGRADE"} \
        --output-file "$file" "$@" >/dev/null
    printf '%s: %s packages\n' "$file" "$(grep -c '==' "$file")"
}

lock cpu pyproject.toml
lock networks --constraints envs/cpu.txt --extra networks pyproject.toml
lock dev --constraints envs/networks.txt --extra dev --extra networks pyproject.toml
lock gpu --constraints envs/cpu.txt --extra gpu pyproject.toml
# What comes on top of the cpu lock, with the older python-dateutil that boto asks for.
lock s3 --constraints <(sed -n 's/^\([a-z].*\) \\$/\1/p' envs/cpu.txt | grep -v ^python-dateutil=) \
    - <<<'snakemake-storage-plugin-s3>=0.3.6'
lock uv - <<<uv

while read -r name version _; do
    sed -i "s/^\( *- $name\(\[[a-z0-9]*\]\)\?==\).*/\1$version/" envs/*.yaml
done < <(sed -n 's/^\([a-z].*\)==/\1 /p' envs/networks.txt)
