#!/usr/bin/env bash
# Sets up what the tests need and runs all of them. Run from anywhere; extra arguments go to the test program (./test.sh --filter-class '*Kernel*').
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if ! command -v dotnet >/dev/null; then
    echo "test.sh: the .NET 10 SDK is needed: https://dotnet.microsoft.com/download" >&2
    exit 2
fi

dotnet build EdgeFace.slnx -c Release -v quiet
exec artifacts/bin/EdgeFace.Tests/release/EdgeFace.Tests "$@"
