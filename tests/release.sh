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
background=
trap '[ -z "$background" ] || kill "$background" 2>/dev/null || true; rm -rf "$work"' EXIT

step() { echo "release.sh: $*"; }
fail() { echo "release.sh: $*" >&2; exit 1; }
have() { local tool; for tool in "$@"; do command -v "$tool" >/dev/null || return 1; done; }
expect() { # expect CODE START COMMAND...: the exit code, and how the output starts
    local code=0 text
    text=$("${@:3}" 2>"$work/stderr") || code=$?
    [ "$code" = "$1" ] && [[ $text == "$2"* ]] || fail "${*:3}: expected $1 and '$2...', got $code and '$text'; $(cat "$work/stderr")"
}

have curl jq unzip || fail "curl, jq and unzip are needed"
(cd "$release" && sha256sum --check --quiet --strict SHA256SUMS)
[ "$(wc -l <"$release/SHA256SUMS")" = "$(cd "$release" && ls EdgeFace* | wc -l)" ] || fail "SHA256SUMS does not list every file"
version=$(basename "$(ls "$release"/EdgeFace.Tool.[0-9]*.nupkg)" .nupkg)
version=${version#EdgeFace.Tool.}

step "what is in the packages"
inside=$work/inside
mkdir "$inside"
for package in "$release"/EdgeFace*.nupkg; do
    name=$(basename "$package" ".$version.nupkg")
    unzip -q "$package" -d "$inside/$name"
    manifest=$inside/$name/$name.nuspec
    has() { grep -qE "$1" "$manifest" || fail "$name: its manifest has no $1"; }
    has '<repository type="git" .*commit="[0-9a-f]{40}"'
    [ -s "$inside/$name/README.md" ] && [ -s "$inside/$name/icon.png" ] || fail "$name: no README.md or no icon.png"
    case $name in
        EdgeFace.Tool.*) has '<license type="file">LICENSE<' && [ -s "$inside/$name/LICENSE" ] && [ -s "$inside/$name/models/LICENSE.md" ] ;;
        EdgeFace.Tool) has '<packageType name="DotnetTool" ' ;;
        EdgeFace.DefaultModels) has '<license type="file">LICENSE.md<' && [ -s "$inside/$name/LICENSE.md" ] ;;
        *) has '<license type="expression">MIT<' ;;
    esac || fail "$name: a licence is missing"
    if [ -e "$inside/$name/lib" ]; then
        [ -s "$inside/$name/lib/net10.0/$name.dll" ] && [ -s "$inside/$name/lib/net10.0/$name.xml" ] || fail "$name: no library or no documentation"
        unzip -tqq "$release/$name.$version.snupkg" "lib/net10.0/$name.pdb" || fail "$name: no symbols"
        ! grep '<dependency id="EdgeFace' "$manifest" | grep -vF "version=\"[$version]\"" || fail "$name takes another version of its siblings"
    fi
done
[ "$(cat "$inside"/*/*.nuspec | grep -o 'commit="[0-9a-f]*"' | sort -u | wc -l)" = 1 ] || fail "the packages are of several commits"
! grep -rlaF -e "$root/" -e "$HOME/" "$inside" || fail "these name folders of the machine that made them"

step "the SBOM"
jq -e --arg version "$version" --args '
    ([.metadata.component["bom-ref"], .components[]["bom-ref"]]) as $refs
    | .bomFormat == "CycloneDX" and .specVersion == "1.5" and ($refs | length == (unique | length))
    and ([.dependencies[] | .ref, .dependsOn[]?] - $refs == [])
    and all(.components[]; .version != null and .purl != null and (.licenses | length > 0))
    and ($ARGS.positional - [.components[] | select(.version == $version) | .name] == [])
    ' $(cd "$inside" && dirname */lib) <"$release/EdgeFace.$version.cdx.json" >/dev/null || fail "the SBOM is incomplete"

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
    (cd "$sample" && git ls-files -z | xargs -0 cp -t "$work/$name")
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
dotnet build "$work/programs.slnx" -c Release -v quiet -warnaserror -p:NuGetAudit=false --disable-build-servers -clp:NoSummary
[ -e "$NUGET_PACKAGES/edgeface/$version/edgeface.$version.nupkg" ] || fail "EdgeFace $version was not restored"
await() { # await FILE LINE: a program in the background has said it
    for _ in $(seq 600); do ! grep -qx "$2" "$work/$1" || return 0; sleep 0.1; done
    fail "not said: $2; $(cat "$work/$1")"
}
stop() {
    kill "$background"
    wait "$background" || true
    background=
}
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
background=$!
await watched "enrolled adam from adam-1.jpg"
cp "$photos/chidi-1.jpg" "$work/moved"
mv "$work/moved/chidi-1.jpg" "$work/arriving"
await watched "enrolled chidi from chidi-1.jpg"
stop
"$(program IdentifyFaces)" "$work/people.db" "$photos/group.jpg" >"$work/named"
grep -qx adam "$work/named" && grep -qx chidi "$work/named" && grep -qx unknown "$work/named" || fail "the group: $(cat "$work/named")"

step "a service"
mkdir "$work/service"
(cd "$work/service" && exec "$(program WebService)" --urls http://127.0.0.1:0 --EdgeFace:Gallery="$work/service/people.db" >"$work/serving" 2>&1) &
background=$!
await serving " *Now listening on: http://127.0.0.1:[0-9]*"
address=$(sed -n 's/^ *Now listening on: //p' "$work/serving")
post() { curl -sS --noproxy '*' -w ' %{http_code}' --data-binary @"$2" "$address/$1"; }
expect 0 '{"id":1,"name":"Adam","sample":1} 200' post people/Adam "$photos/adam-1.jpg"
expect 0 '[{"box":' post identify "$photos/group.jpg"
[[ $(post identify "$photos/group.jpg") == *'"decision":"Person","name":"Adam"'*'] 200' ]] || fail "Adam is not named in the group"
for wrong in people/Adam:adam-1.jpg people/Nobody:people.csv; do
    [[ $(post "${wrong%:*}" "$photos/${wrong#*:}") == *' 422' ]] || fail "$wrong is taken"
done
stop

step "a folder as CSV"
for person in $(people); do
    mkdir -p "$work/people/$person"
    cp "$photos/$person"-[12].jpg "$work/people/$person"
done
expect 0 "threshold,fmr,impostors_matched,impostors,fnmr,genuine_missed,genuine" "$(program EvaluateFolder)" "$work/people"
"$(program EvaluateFolder)" "$work/people" 2>/dev/null | awk -F, -v people="$(people | wc -l)" '
    NR > 1 && (NF != 7 || $7 != people || $4 != people * (people - 1) * 2) { exit 1 } END { exit NR < 10 }' \
    || fail "the curve is not one of all pairs"

step "READMEs of packages"
expect 0 "2 genuine pairs, 0 missed" "$(program Readme.EdgeFace.Evaluation)"
expect 0 "edgeface-" "$(program Readme.EdgeFace.DefaultModels)"
mkdir "$work/readme"
cp "$photos/adam-1.jpg" "$work/readme/adam.jpg"
cp "$photos/group.jpg" "$work/readme"
(cd "$work/readme" && "$(program Readme.EdgeFace.People)" >"$work/named") && grep -q '^Adam 0\.' "$work/named" || fail "People: $(cat "$work/named")"
(cd "$work/readme" && rm people.db* && expect 0 "" "$(program Readme.EdgeFace.Gallery)" "$photos/adam-1.jpg" "$photos/group.jpg")

step "a door terminal, native"
door() { # door RID LINKER RUNNER...: published, small, and it tells who may come in
    local out=$work/door/$1
    dotnet publish "$work/DoorTerminal" -c Release -r "$1" -p:CppCompilerAndLinker="$2" -p:NuGetAudit=false -o "$out" -v quiet -warnaserror \
        --disable-build-servers
    [ -s "$out/libSkiaSharp.so" ] || fail "the door terminal for $1 lacks libSkiaSharp.so"
    [ "$(stat -c %s "$out/DoorTerminal")" -lt 25000000 ] || fail "the door terminal for $1 is above 25 MB: $(stat -c %s "$out/DoorTerminal")"
    step "door terminal for $1: $(stat -c %s "$out/DoorTerminal") bytes"
    # .NET hashes pictures by the system's OpenSSL.
    if [ $# -gt 2 ] && ! compgen -G "${!#}/lib/libssl.so*" >/dev/null; then
        step "door terminal for $1: not run, ${!#} has no libssl"
        return
    fi
    expect 0 "open: adam" "${@:3}" "$out/DoorTerminal" "$work/people.db" "$photos/adam-2.jpg"
    expect 0 "shut: " "${@:3}" "$out/DoorTerminal" "$work/people.db" "$photos/bella-2.jpg"
}
case $(uname -m) in aarch64) here=linux-arm64 ;; *) here=linux-x64 ;; esac
door $here gcc
for _ in $(seq 21); do
    start=$(date +%s%N)
    "$work/door/$here/DoorTerminal" "$work/people.db" "$photos/adam-2.jpg" >/dev/null
    echo $((($(date +%s%N) - start) / 1000000))
done | sort -n >"$work/times"
step "door terminal: $(sed -n 11p "$work/times") ms from start to exit after one decision, the median; at best $(head -n 1 "$work/times") ms"
emulated=
if [ "$(uname -m)" = x86_64 ] && have qemu-aarch64-static aarch64-linux-gnu-gcc clang ld.lld; then
    emulated=yes
    door linux-arm64 clang qemu-aarch64-static -L /usr/aarch64-linux-gnu
else
    step "left out: arm64, emulated (needs qemu-user-static, gcc-aarch64-linux-gnu, clang and lld)"
fi

step "the tool, installed"
install() { # install RID PACKAGE: as on a system of that kind, which gets that package; prints its folder
    DOTNET_RUNTIME_ID=$1 dotnet tool install EdgeFace.Tool --version "$version" --tool-path "$work/tool/$1" --configfile "$work/nuget.config" \
        >"$work/installed" || fail "$(cat "$work/installed")"
    local package=$work/tool/$1/.store/edgeface.tool/$version/edgeface.tool.$2/$version
    [ -d "$package" ] || fail "on $1 the tool is not of the package $2"
    echo "$package"
}
tells() { # tells COMMAND...: people apart
    expect 0 "same person" "$@" compare "$photos/adam-1.jpg" "$photos/adam-2.jpg"
    expect 1 "different people" "$@" compare "$photos/adam-1.jpg" "$photos/bella-1.jpg"
}
install $here $here >/dev/null
tells "$work/tool/$here/edgeface"

# What other systems get, as far as it runs here.
step "the tool for any machine"
install win-x64 any >/dev/null
tells "$work/tool/win-x64/edgeface"
for rid in linux-musl-x64 linux-musl-arm64; do
    for native in "$(install $rid $rid)"/tools/*/$rid/lib{SkiaSharp,e_sqlite3}.so; do
        [ -s "$native" ] && ! grep -qF libc.so.6 "$native" || fail "$native is not for $rid"
    done
done
if [ -n "$emulated" ]; then
    step "the tool for arm64, emulated"
    tells qemu-aarch64-static -L /usr/aarch64-linux-gnu "$(install linux-arm64 linux-arm64)"/tools/*/linux-arm64/EdgeFace.App
fi

step "the next release, compared with this one"
next=$work/next
mkdir -p "$next/src"
cp "$root"/Directory.*.props "$root"/Directory.*.targets "$root"/.editorconfig "$root"/global.json "$next"
cp -r "$root"/src/icon.png "$root"/src/EdgeFace "$next/src"
pack() {
    dotnet pack "$next/src/EdgeFace" -c Release -v quiet -o "$next/out" -p:Version=999.0.0 -p:PackageBaseline="$version" \
        -p:RestoreConfigFile="$work/nuget.config" -p:NuGetAudit=false --disable-build-servers >"$next/log" 2>&1
}
pack || fail "the same API is refused: $(cat "$next/log")"
sed -i 's/^public static class SearchRates$/static class SearchRates/' "$next/src/EdgeFace/SearchRates.cs"
! pack || fail "an API without SearchRates is taken for compatible"
grep -q "CP0001: Type 'EdgeFace.SearchRates' exists" "$next/log" || fail "why an API without SearchRates is refused: $(cat "$next/log")"
step "all of $version works"
