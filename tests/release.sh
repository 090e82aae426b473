#!/usr/bin/env bash
# Tries out a folder that ./release.sh made, without network: samples and programs of the READMEs of packages are restored from it in an empty
# directory, built and run, and the tool is installed from it. Other packages come from those that the build of the solution has restored.
# Called by ./release.sh --check.
set -euo pipefail
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
root=$(cd "$(dirname "$0")/.." && pwd)
release=$(realpath "$1")
photos=$root/samples
work=$(mktemp -d)
watcher=
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true; rm -rf "$work"' EXIT

step() { echo "release.sh: $*"; }
fail() { echo "release.sh: $*" >&2; exit 1; }
expect() { # expect CODE START COMMAND...: the exit code, and how the output starts
    local code=0 text
    text=$("${@:3}" 2>"$work/stderr") || code=$?
    [ "$code" = "$1" ] && [[ $text == "$2"* ]] || fail "${*:3}: expected $1 and '$2...', got $code and '$text'; $(cat "$work/stderr")"
}

(cd "$release" && sha256sum --check --quiet --strict SHA256SUMS)
[ "$(wc -l <"$release/SHA256SUMS")" = "$(cd "$release" && ls EdgeFace* | wc -l)" ] || fail "SHA256SUMS does not list every file"
version=$(basename "$(ls "$release"/EdgeFace.Tool.[0-9]*.nupkg)" .nupkg)
version=${version#EdgeFace.Tool.}

# Own packages come from the release alone, all others from the folder of restored packages, into a folder of their own.
cat >"$work/nuget.config" <<CONFIG
<configuration>
  <packageSources>
    <clear />
    <add key="release" value="$release" />
    <add key="restored" value="$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //')" />
  </packageSources>
  <packageSourceMapping>
    <packageSource key="release"><package pattern="EdgeFace" /><package pattern="EdgeFace.*" /></packageSource>
    <packageSource key="restored"><package pattern="*" /></packageSource>
  </packageSourceMapping>
</configuration>
CONFIG
export NUGET_PACKAGES=$work/packages

programs=()
for sample in "$root"/samples/*/; do
    name=$(basename "$sample")
    mkdir "$work/$name"
    cp "$sample"/*.cs "$sample"/*.csproj "$work/$name"
    programs+=("$name")
done
for readme in "$root"/src/*/README.md; do
    library=$(basename "$(dirname "$readme")")
    [ -e "$release/$library.$version.nupkg" ] || continue
    name=Readme.$library
    mkdir "$work/$name"
    sed -n '/^```csharp$/,/^```$/{/^```/d;p}' "$readme" >"$work/$name/Program.cs"
    [ -s "$work/$name/Program.cs" ] || fail "$readme shows no program"
    {
        sed '/<PackageReference/,$d' "$root/samples/CompareTwoPhotos/CompareTwoPhotos.csproj"
        sed -n 's:^dotnet add package \(.*\)$:    <PackageReference Include="\1" Version="*" />:p' "$readme"
        printf '  </ItemGroup>\n</Project>\n'
    } >"$work/$name/$name.csproj"
    programs+=("$name")
done
step "building ${#programs[@]} programs on the packages of $version"
{
    echo "<Solution>"
    printf '  <Project Path="%s.csproj" />\n' $(for name in "${programs[@]}"; do echo "$name/$name"; done)
    echo "</Solution>"
} >"$work/programs.slnx"
# What package sources know of vulnerabilities is not asked here.
dotnet build "$work/programs.slnx" -c Release -v quiet -warnaserror -p:NuGetAudit=false --disable-build-servers
[ -e "$NUGET_PACKAGES/edgeface/$version/edgeface.$version.nupkg" ] || fail "EdgeFace $version was not restored"
program() { echo "$work/$1/bin/Release/net10.0/$1"; }
people() { for photo in "$photos"/*-[12].jpg; do basename "$photo" | sed 's/-.*//'; done | sort -u; }

step "two photos"
expect 0 "same person: " "$(program CompareTwoPhotos)" "$photos/adam-1.jpg" "$photos/adam-2.jpg"
expect 0 "different people: " "$(program CompareTwoPhotos)" "$photos/adam-1.jpg" "$photos/bella-1.jpg"
expect 0 "same person" "$(program Readme.EdgeFace.Vision)" "$photos/adam-1.jpg" "$photos/adam-2.jpg"

step "a watched folder, and who is in a group"
mkdir "$work/arriving" "$work/moved"
cp "$photos/adam-1.jpg" "$work/arriving"
"$(program WatchFolder)" "$work/people.db" "$work/arriving" >"$work/watched" 2>&1 &
watcher=$!
await() { for _ in $(seq 600); do grep -qx "$1" "$work/watched" && return; sleep 0.1; done; fail "not said: $1; $(cat "$work/watched")"; }
await "enrolled adam from adam-1.jpg"
cp "$photos/chidi-1.jpg" "$work/moved"
mv "$work/moved/chidi-1.jpg" "$work/arriving"
await "enrolled chidi from chidi-1.jpg"
kill "$watcher"
wait "$watcher" || true
watcher=
"$(program IdentifyFaces)" "$work/people.db" "$photos/group.jpg" >"$work/named"
grep -qx adam "$work/named" && grep -qx chidi "$work/named" && grep -qx unknown "$work/named" || fail "the group: $(cat "$work/named")"

step "a folder as CSV"
for person in $(people); do
    mkdir -p "$work/people/$person"
    cp "$photos/$person"-[12].jpg "$work/people/$person"
done
expect 0 "threshold,fmr,impostors_matched,impostors,fnmr,genuine_missed,genuine" "$(program EvaluateFolder)" "$work/people"
"$(program EvaluateFolder)" "$work/people" 2>/dev/null | awk -F, -v people="$(people | wc -l)" '
    NR > 1 && (NF != 7 || $7 != people || $4 != people * (people - 1) * 2) { exit 1 } END { exit NR < 10 }' || fail "the curve is not one of all pairs"

step "READMEs of packages"
expect 0 "2 genuine pairs, 0 missed" "$(program Readme.EdgeFace.Evaluation)"
expect 0 "edgeface-" "$(program Readme.EdgeFace.DefaultModels)"
(cd "$work" && expect 0 "" "$(program Readme.EdgeFace.Gallery)" "$photos/adam-1.jpg" "$photos/group.jpg")

step "the tool, installed"
dotnet tool install EdgeFace.Tool --version "$version" --tool-path "$work/tool" --configfile "$work/nuget.config" >/dev/null
expect 0 "same person" "$work/tool/edgeface" compare "$photos/adam-1.jpg" "$photos/adam-2.jpg"
expect 1 "different people" "$work/tool/edgeface" compare "$photos/adam-1.jpg" "$photos/bella-1.jpg"

# The packages that are for other machines than this, as far as they run here.
if command -v unzip >/dev/null; then
    step "the tool for any machine"
    unzip -q "$release/EdgeFace.Tool.any.$version.nupkg" 'tools/*' -d "$work/any"
    expect 0 "same person" dotnet "$work"/any/tools/*/any/EdgeFace.App.dll compare "$photos/adam-1.jpg" "$photos/adam-2.jpg"
    if [ "$(uname -m)" = x86_64 ] && command -v qemu-aarch64-static >/dev/null; then
        step "the tool for arm64, emulated"
        unzip -q "$release/EdgeFace.Tool.linux-arm64.$version.nupkg" 'tools/*' -d "$work/arm64"
        arm64=$(ls "$work"/arm64/tools/*/linux-arm64/EdgeFace.App)
        chmod +x "$arm64"
        expect 0 "same person" qemu-aarch64-static -L /usr/aarch64-linux-gnu "$arm64" compare "$photos/adam-1.jpg" "$photos/adam-2.jpg"
    else
        step "left out: the tool for arm64 (needs qemu-user-static)"
    fi
else
    step "left out: the tool for other machines (needs unzip)"
fi
step "all of $version works"
