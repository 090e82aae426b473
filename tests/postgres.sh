#!/usr/bin/env bash
# PostgreSQL 17 with pgvector for the tests: prints the folder of its programs. Unpacks them from Debian 13 where they are missing; --find does not.
# They run on their own C library, so an older Debian will do. Nothing is installed into the system, and no rights are needed.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/trixie.sh"

# PostgreSQL refuses to run as root, so root's tests run it as nobody, who cannot look into root's home: the cache is not there.
prefix=$cache/edgeface/postgresql-17
programs=$prefix/usr/lib/postgresql/17/bin
if [ -x "$programs/postgres" ]; then echo "$programs"; exit; fi
[ "${1:-}" != --find ] || fail "PostgreSQL is not in $prefix"
open_trixie "$prefix"

# Neither the compiler of queries (LLVM) nor languages.
wanted=$(apt install --simulate --no-install-recommends postgresql-17 postgresql-17-pgvector | awk '/^Inst / && $2 ~ /^(postgresql-17|lib|zlib)/ && $2 !~ /^lib(llvm|z3|perl)/ { print $2 }')
unpack $wanted

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

keep "$prefix" usr/lib/postgresql/17/bin/postgres
echo "$programs"
