#!/usr/bin/env bash
# Publishes the program to artifacts/publish/<rid>-<level>/.
#   ./publish.sh [linux-x64] [v3|v4|r2r]     v3: NativeAOT for processors with AVX2 (the default), v4: with AVX-512
#   ./publish.sh linux-arm64 [aot|r2r]
#   ./publish.sh linux-musl-x64|win-x64|osx-arm64 [r2r]
# r2r needs no linker and takes the widest vectors of whatever processor it runs on, but starts later and takes more memory.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
rid=${1:-linux-x64}
case $rid in linux-x64) level=v3 ;; linux-arm64) level=aot ;; *) level=r2r ;; esac
level=${2:-$level}

case $rid-$level in
    linux-x64-v[34]) options=(-p:PublishAot=true -p:IlcInstructionSet="x86-64-$level") ;;
    linux-arm64-aot) options=(-p:PublishAot=true) ;;
    linux-x64-r2r | linux-arm64-r2r | linux-musl-x64-r2r | win-x64-r2r | osx-arm64-r2r)
        options=(--self-contained -p:PublishSingleFile=true -p:PublishReadyToRun=true) ;;
    *) sed -n '2,6s/^# *//p' "$0" >&2; exit 2 ;;
esac
# gcc links for the machine it runs on; clang also for others.
case $rid-$(uname -m) in linux-x64-x86_64 | linux-arm64-aarch64) linker=gcc ;; *) linker=clang ;; esac

out=artifacts/publish/$rid-$level
rm -rf "$out"
dotnet publish src/EdgeFace.App -c Release -r "$rid" "${options[@]}" -p:CppCompilerAndLinker=$linker -o "$out" -v quiet --disable-build-servers

# Program and native libraries are of the system they are for: format and processor stand in their first bytes.
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }
case $rid in
    win-x64) files=(edgeface.exe libSkiaSharp.dll e_sqlite3.dll) ;;
    osx-arm64) files=(edgeface libSkiaSharp.dylib libe_sqlite3.dylib) ;;
    *) files=(edgeface libSkiaSharp.so libe_sqlite3.so) ;;
esac
for file in "${files[@]}"; do
    [ -s "$out/$file" ] || { echo "publish.sh: $out has no $file" >&2; exit 1; }
    case $rid in
        win-x64) header=$(od -An -tu4 -j 60 -N 4 "$out/$file"); is=$(bytes "$out/$file" $((header)) 6) wants=504500006486 ;;
        # A library for several processors begins with a list of them.
        osx-arm64) is=$(bytes "$out/$file" 0 64 | sed -E 's/^(cafebabe.*0100000c|cffaedfe0c000001).*/arm64/') wants=arm64 ;;
        linux-arm64) is=$(bytes "$out/$file" 0 4)$(bytes "$out/$file" 18 2) wants=7f454c46b700 ;;
        *) is=$(bytes "$out/$file" 0 4)$(bytes "$out/$file" 18 2) wants=7f454c463e00 ;;
    esac
    case $rid-$file in linux-musl-*.so) ! grep -qF libc.so.6 "$out/$file" || is="for glibc" ;; esac
    [ "$is" = "$wants" ] || { echo "publish.sh: $out/$file is not for $rid" >&2; exit 1; }
done
du -h "$out"/*
