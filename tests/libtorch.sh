#!/usr/bin/env bash
# What libtorch needs and Debian 12 lacks: prints a program that runs a .NET program (`PROGRAM app.dll ARGUMENTS`). Where the system's own C++ library
# is new enough (GLIBCXX_3.4.32: Debian 13, Ubuntu 24.04), that is `dotnet` itself. Elsewhere the C and C++ libraries of Debian 13 are unpacked beside,
# and `dotnet` runs on them; --find does not unpack. Nothing is installed into the system, and no rights are needed.
set -euo pipefail
fail() { echo "libtorch.sh: $1" >&2; exit 1; }

dotnet=$(readlink -f "$(command -v dotnet)") || fail "dotnet is missing"
[ "$(uname -m)" = x86_64 ] || fail "libtorch is used on x64 alone, and this is $(uname -m)"
system=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { if (!found++) print $NF }')
if [ -n "$system" ] && grep -q GLIBCXX_3.4.32 "$system"; then echo "$dotnet"; exit; fi

[ "$(id -u)" = 0 ] && cache=/var/cache || cache=${XDG_CACHE_HOME:-$HOME/.cache}
prefix=$cache/edgeface/libtorch-trixie
program=$prefix/dotnet-on-trixie
if [ -x "$program" ]; then echo "$program"; exit; fi
[ "${1:-}" != --find ] || fail "the libraries are not in $prefix"
if ! . /etc/os-release 2>/dev/null || [ "$ID" != debian ]; then fail "unpacks packages of Debian, and this is not Debian"; fi

mkdir -p "$cache/edgeface"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT

mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v name="$VERSION_CODENAME" '($1 == name || $1 == "stable") && !found++ { print $2 }')
[ -n "$mirror" ] || fail "apt knows no mirror for $VERSION_CODENAME"
mkdir -p "$work"/apt/{lists/partial,archives/partial,parts} "$work/tree"
touch "$work/apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/apt/sources.list"
apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts="$work/apt/parts" -o Dir::State::Lists="$work/apt/lists" \
        -o Dir::State::Status="$work/apt/status" -o Dir::Cache="$work/apt" -o APT::Sandbox::User= -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}
apt update >&2
(cd "$work/apt/archives" && apt download libc6 libstdc++6 libgcc-s1 zlib1g >&2)
for package in "$work"/apt/archives/*.deb; do dpkg-deb -x "$package" "$work/tree"; done

# dotnet finds its runtime beside the program that the kernel started, which is the loader, and insists on its own name.
cp "$work"/tree/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$work/tree/dotnet"
cat >"$work/tree/dotnet-on-trixie" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
for part in host shared; do [ "$(readlink "$here/$part")" = "$root/$part" ] || ln -sfnT "$root/$part" "$here/$part"; done
exec "$here/dotnet" --library-path "$here/usr/lib/x86_64-linux-gnu" --argv0 dotnet "$root/dotnet" "$@"
WRAPPER
chmod 755 "$work/tree/dotnet-on-trixie" "$work/tree" "$cache/edgeface"
"$work/tree/dotnet-on-trixie" --list-runtimes >/dev/null || fail "dotnet does not start on the unpacked libraries"
mv -T "$work/tree" "$prefix" 2>/dev/null || [ -x "$program" ] || fail "cannot move it to $prefix"
echo "$program"
