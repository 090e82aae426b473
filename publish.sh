#!/usr/bin/env bash
# Publishes the program to artifacts/publish/<rid>-<level>/.
#   ./publish.sh [linux-x64] [v3|v4|r2r]     v3: NativeAOT for processors with AVX2 (the default), v4: with AVX-512
#   ./publish.sh linux-arm64 [aot|r2r]
# r2r needs no linker and takes the widest vectors of whatever processor it runs on, but starts later and takes more memory.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
rid=${1:-linux-x64}
case $rid in linux-x64) level=${2:-v3} ;; *) level=${2:-aot} ;; esac

case $rid-$level in
    linux-x64-v[34]) options=(-p:PublishAot=true -p:IlcInstructionSet="x86-64-$level") ;;
    linux-arm64-aot) options=(-p:PublishAot=true) ;;
    linux-x64-r2r | linux-arm64-r2r) options=(--self-contained -p:PublishSingleFile=true -p:PublishReadyToRun=true) ;;
    *) sed -n '2,5s/^# *//p' "$0" >&2; exit 2 ;;
esac
# gcc links for the machine it runs on; clang also for others.
case $rid-$(uname -m) in linux-x64-x86_64 | linux-arm64-aarch64) linker=gcc ;; *) linker=clang ;; esac

out=artifacts/publish/$rid-$level
rm -rf "$out"
dotnet publish src/EdgeFace.App -c Release -r "$rid" "${options[@]}" -p:CppCompilerAndLinker=$linker -o "$out" -v quiet --disable-build-servers
du -h "$out"/*
