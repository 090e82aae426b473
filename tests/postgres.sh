#!/usr/bin/env bash
# PostgreSQL 17 with pgvector for the tests: prints the folder of its programs. Unpacks them from Debian 13 where they are missing; --find does not.
# They run on their own C library, so an older Debian will do. Nothing is installed into the system, and no rights are needed.
set -euo pipefail
fail() { echo "postgres.sh: $1" >&2; exit 1; }

# PostgreSQL refuses to run as root, so root's tests run it as nobody, who cannot look into root's home.
[ "$(id -u)" = 0 ] && cache=/var/cache || cache=${XDG_CACHE_HOME:-$HOME/.cache}
prefix=$cache/edgeface/postgresql-17
programs=$prefix/usr/lib/postgresql/17/bin
if [ -x "$programs/postgres" ]; then echo "$programs"; exit; fi
[ "${1:-}" != --find ] || fail "PostgreSQL is not in $prefix"
if ! . /etc/os-release 2>/dev/null || [ "$ID" != debian ]; then fail "unpacks packages of Debian, and this is not Debian"; fi

mkdir -p "$cache/edgeface"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The mirror is this machine's own. An empty list of installed packages makes apt name all that is needed, down to the C library.
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v name="$VERSION_CODENAME" '$1 == name || $1 == "stable" { print $2; exit }')
[ -n "$mirror" ] || fail "apt knows no mirror for $VERSION_CODENAME"
mkdir -p "$work"/apt/{lists/partial,archives/partial,parts} "$work/tree"
touch "$work/apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/apt/sources.list"
apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts="$work/apt/parts" -o Dir::State::Lists="$work/apt/lists" -o Dir::State::Status="$work/apt/status" \
        -o Dir::Cache="$work/apt" -o APT::Sandbox::User= -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}
apt update >&2

# Neither the compiler of queries (LLVM) nor languages.
wanted=$(apt install --simulate --no-install-recommends postgresql-17 postgresql-17-pgvector | awk '/^Inst / && $2 ~ /^(postgresql-17|lib|zlib)/ && $2 !~ /^lib(llvm|z3|perl)/ { print $2 }')
(cd "$work/apt/archives" && apt download $wanted >&2)
for package in "$work"/apt/archives/*.deb; do dpkg-deb -x "$package" "$work/tree"; done

cd "$work/tree/usr/lib/postgresql/17"
rm -rf lib/bitcode lib/llvmjit*
for program in postgres initdb; do
    mv "bin/$program" "bin/$program.elf"
    cat >"bin/$program" <<'WRAPPER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
for loader in "$here"/../../../*-linux-gnu/ld-linux-*.so.*; do :; done
exec "$loader" --library-path "${loader%/*}" --argv0 "$here/${0##*/}" "$here/${0##*/}.elf" "$@"
WRAPPER
    chmod 755 "bin/$program"
    "bin/$program" --version >/dev/null || fail "the unpacked $program does not start"
done

chmod 755 "$work/tree" "$cache/edgeface"
mv -T "$work/tree" "$prefix" 2>/dev/null || [ -x "$programs/postgres" ] || fail "cannot move it to $prefix"
echo "$programs"
