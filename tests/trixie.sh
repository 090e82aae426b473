# Sourced by scripts that unpack packages of Debian 13 (trixie): where they go, and an apt of their own. Nothing is installed into the system, and no rights are needed.
fail() { echo "${0##*/}: $1" >&2; exit 1; }

[ "$(id -u)" = 0 ] && cache=/var/cache || cache=${XDG_CACHE_HOME:-$HOME/.cache}

# Makes $work, a folder beside $1 that is gone at the end, with an empty $work/tree to unpack into; defines apt.
open_trixie() {
    if ! . /etc/os-release 2>/dev/null || [ "$ID" != debian ]; then fail "unpacks packages of Debian, and this is not Debian"; fi
    mkdir -p "$cache/edgeface"
    work=$(mktemp -d "$1.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    # The mirror is this machine's own. An empty list of installed packages makes apt name all that is needed, down to the C library.
    local mirror
    mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' \
        | awk -v name="$VERSION_CODENAME" '($1 == name || $1 == "stable") && !found++ { print $2 }')
    [ -n "$mirror" ] || fail "apt knows no mirror for $VERSION_CODENAME"
    mkdir -p "$work"/apt/{lists/partial,archives/partial,parts} "$work/tree"
    touch "$work/apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/apt/sources.list"
    apt() {
        apt-get -qq -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts="$work/apt/parts" -o Dir::State::Lists="$work/apt/lists" \
            -o Dir::State::Status="$work/apt/status" -o Dir::Cache="$work/apt" -o APT::Sandbox::User= -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
    }
    apt update >&2
}

# Unpacks packages into $work/tree.
unpack() {
    (cd "$work/apt/archives" && apt download "$@" >&2)
    local package
    for package in "$work"/apt/archives/*.deb; do dpkg-deb -x "$package" "$work/tree"; done
}

# Puts $work/tree in the place of $1, unless another did so meanwhile, which $2 in it tells.
keep() {
    chmod 755 "$work/tree" "$cache/edgeface"
    mv -T "$work/tree" "$1" 2>/dev/null || [ -x "$1/$2" ] || fail "cannot move it to $1"
}
