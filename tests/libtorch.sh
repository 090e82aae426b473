#!/usr/bin/env bash
# What libtorch needs and Debian 12 lacks: prints a program that runs a .NET program (`PROGRAM app.dll ARGUMENTS`). Where the system's own C++ library
# is new enough (GLIBCXX_3.4.32: Debian 13, Ubuntu 24.04), that is `dotnet` itself. Elsewhere the C and C++ libraries of Debian 13 are unpacked beside,
# and `dotnet` runs on them; --find does not unpack. Nothing is installed into the system, and no rights are needed.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/trixie.sh"

dotnet=$(readlink -f "$(command -v dotnet)") || fail "dotnet is missing"
[ "$(uname -m)" = x86_64 ] || fail "libtorch is used on x64 alone, and this is $(uname -m)"
system=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ && !found++ { print $NF }') || system=
if [ -n "$system" ] && grep -q GLIBCXX_3.4.32 "$system"; then echo "$dotnet"; exit; fi

prefix=$cache/edgeface/libtorch-trixie
program=$prefix/dotnet-on-trixie
if [ -x "$program" ]; then echo "$program"; exit; fi
[ "${1:-}" != --find ] || fail "the libraries are not in $prefix"
open_trixie "$prefix"
unpack libc6 libstdc++6 libgcc-s1 zlib1g

# dotnet finds its runtime beside the program that the kernel started, which is the loader, and insists on its own name.
cp "$work"/tree/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$work/tree/dotnet"
cat >"$work/tree/dotnet-on-trixie" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
for part in host shared; do [ "$(readlink "$here/$part")" = "$root/$part" ] || ln -sfnT "$root/$part" "$here/$part"; done
exec "$here/dotnet" --library-path "$here/usr/lib/x86_64-linux-gnu" --argv0 dotnet "$root/dotnet" "$@"
WRAPPER
chmod 755 "$work/tree/dotnet-on-trixie"
"$work/tree/dotnet-on-trixie" --list-runtimes >/dev/null || fail "dotnet does not start on the unpacked libraries"
keep "$prefix" dotnet-on-trixie
echo "$program"
