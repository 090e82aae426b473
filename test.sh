#!/usr/bin/env bash
# Sets up what the tests need and runs all of them. Run from anywhere; extra arguments go to the test program (./test.sh --filter-class '*Kernel*').
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if ! command -v dotnet >/dev/null; then
    echo "test.sh: the .NET 10 SDK is needed: https://dotnet.microsoft.com/download" >&2
    exit 2
fi

# NativeAOT needs a linker, its arm64 build also a cross-compiler and an emulator. Tests that miss them are skipped and say so.
missing=()
need() { command -v "$1" >/dev/null || missing+=("${@:2}"); }
need gcc gcc libc6-dev zlib1g-dev
if [ "$(uname -m)" = x86_64 ]; then
    need clang clang
    need ld.lld lld
    need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross
    need qemu-aarch64-static qemu-user-static
fi
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
    echo "test.sh: installing ${missing[*]}"
    log=$(mktemp)
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
        || { tail -n 3 "$log"; echo "test.sh: not installed; the tests of native builds that need it are skipped"; }
    rm -f "$log"
fi

# Tests of galleries in PostgreSQL start servers of their own.
[ -n "${EDGEFACE_TEST_POSTGRES:-}" ] || tests/postgres.sh >/dev/null || echo "test.sh: PostgreSQL is missing; the tests that need it are skipped"

# libtorch needs a newer C++ library than Debian 12 has.
runner=$(tests/libtorch.sh) || { runner=""; echo "test.sh: libtorch cannot run here; the tests of training are skipped"; }

# Tests of what is exported for PyTorch ask PyTorch itself.
[ -z "$runner" ] || tests/pytorch.sh >/dev/null || echo "test.sh: PyTorch is missing; the tests that need it are skipped"

dotnet build EdgeFace.slnx -c Release -v quiet
failed=0 empty=0 projects=0
run() {
    local code=0
    projects=$((projects + 1))
    "$@" || code=$?
    # 8: a filter left no test of this project.
    if [ $code = 8 ]; then empty=$((empty + 1)); elif [ $code != 0 ]; then failed=$code; fi
}
run artifacts/bin/EdgeFace.Tests/release/EdgeFace.Tests "$@"
[ -z "$runner" ] || run "$runner" artifacts/bin/EdgeFace.Training.Tests/release/EdgeFace.Training.Tests.dll "$@"
[ $failed != 0 ] || [ $empty != $projects ] || failed=8
exit $failed
