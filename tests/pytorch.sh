#!/usr/bin/env bash
# PyTorch for tests and benchmarks: prints a python that has it. That is $EDGEFACE_TEST_PYTORCH where it is set, else Debian 13's python3-torch with
# OpenBLAS, unpacked beside the system (without OpenBLAS its products of matrices are ten times slower). --find does not unpack. It runs on its own C
# library, so an older Debian will do. Nothing is installed into the system, and no rights are needed.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/trixie.sh"

if [ -n "${EDGEFACE_TEST_PYTORCH:-}" ]; then echo "$EDGEFACE_TEST_PYTORCH"; exit; fi
[ "$(uname -m)" = x86_64 ] || fail "unpacks packages for x64, and this is $(uname -m): name a python with PyTorch in EDGEFACE_TEST_PYTORCH"
prefix=$cache/edgeface/pytorch-2.6
program=$prefix/python
if [ -x "$program" ]; then echo "$program"; exit; fi
[ "${1:-}" != --find ] || fail "PyTorch is not in $prefix; tests/pytorch.sh unpacks it"
open_trixie "$prefix"

# Libraries and Python alone: none of what sets up a system, fetches, tests PyTorch itself, or drives graphics cards.
wanted=$(apt install --simulate --no-install-recommends python3-torch libopenblas0-pthread | awk '
    /^Inst / && $2 ~ /^(lib|python3|zlib1g|ocl-icd|ibverbs)/ &&
    $2 !~ /^lib(pam|debconf|semanage|torch-test|x11-data|llvm|z3|amd|hsa|ze1|hwloc-plugins)/ &&
    $2 !~ /^python3-(requests|urllib3|hypothesis|pkg-resources|idna|certifi|chardet|charset|networkx)/ { print $2 }')
unpack $wanted
rm -rf "$work/tree/usr/share"

cat >"$work/tree/python" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
libraries=$here/usr/lib/x86_64-linux-gnu
export PYTHONHOME="$here/usr" PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries/openblas-pthread:$libraries:$here/usr/lib" --argv0 "$here/python" \
    "$here/usr/bin/python3.13" "$@"
WRAPPER
chmod 755 "$work/tree/python"
"$work/tree/python" -c "import torch, numpy; torch.zeros(1)" || fail "the unpacked PyTorch does not start"
keep "$prefix" python
echo "$program"
