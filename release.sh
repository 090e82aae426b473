#!/usr/bin/env bash
# Makes a release, or tries one out. FOLDER is dist/ unless given.
#   ./release.sh VERSION [FOLDER]    the packages, those of the tool, an SBOM and SHA256SUMS
#   ./release.sh --check [FOLDER]    restores samples and programs of READMEs from FOLDER in an empty directory, installs the tool,
#                                    and runs them; without network
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
usage() { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
out=${2:-dist}

if [ "$1" = --check ]; then
    exec tests/release.sh "$out"
fi

version=$1
here=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
case $version in
    -*) usage ;;
    "$here" | "$here"-*) ;;
    *) echo "release.sh: Directory.Build.props says $here: change it there first, or release $here or $here-SUFFIX" >&2; exit 2 ;;
esac

command -v jq >/dev/null || { echo "release.sh: jq is needed" >&2; exit 2; }
[ -z "$(git status --porcelain)" ] || echo "release.sh: the working tree has changes; the packages name its commit without them" >&2

mkdir -p "$out"
out=$(realpath "$out")
rm -f "$out"/EdgeFace*.nupkg "$out"/EdgeFace*.snupkg "$out"/*.cdx.json "$out"/SHA256SUMS
options=(-c Release -v quiet --disable-build-servers -o "$out" -p:Version="$version" -p:ArtifactsPath="$PWD/artifacts/release")

for project in $(grep -l '<IsPackable>true</IsPackable>' src/*/*.csproj); do
    echo "release.sh: $(basename "$project" .csproj)"
    dotnet pack "$project" "${options[@]}"
done

# The tool: native where that is tried, with AVX2 on x64; one package that points to all.
for rid in $(dotnet msbuild src/EdgeFace.App -getProperty:ToolPackageRuntimeIdentifiers | tr ';' ' '); do
    echo "release.sh: EdgeFace.Tool for $rid"
    linker=clang
    case $rid-$(uname -m) in linux-x64-x86_64 | linux-arm64-aarch64) linker=gcc ;; esac
    case $rid in
        linux-x64) native=(-p:PublishAot=true -p:CppCompilerAndLinker=$linker -p:IlcInstructionSet=x86-64-v3) ;;
        linux-arm64) native=(-p:PublishAot=true -p:CppCompilerAndLinker=$linker) ;;
        # Nothing of a runtime goes into these, so none is fetched: feeds lack some.
        *) native=(-p:PublishAot=false -p:UseAppHost=false -p:EnableRuntimePackDownload=false -p:EnableAppHostPackDownload=false) ;;
    esac
    dotnet pack src/EdgeFace.App -r "$rid" "${native[@]}" "${options[@]}"
done
dotnet pack src/EdgeFace.App -p:PublishAot=true "${options[@]}"

echo "release.sh: SBOM and sums"
dotnet restore src/EdgeFace.App -v quiet
dotnet tool restore >/dev/null
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dotnet tool run dotnet-CycloneDX src/EdgeFace.App/EdgeFace.App.csproj --disable-package-restore --recursive --include-project-references \
    --exclude-filter Microsoft.NET.ILLink.Tasks --set-name EdgeFace.Tool --set-version "$version" --spec-version 1.5 --output-format Json \
    -o "$scratch" -fn all.json >/dev/null
# What that cannot know: version and licences of own packages, and the licence of SQLite, which its package names in a file alone.
jq --arg version "$version" '
    walk(if type == "string" then sub("^(?<name>EdgeFace[.A-Za-z]*)@.*"; "\(.name)@\($version)") else . end)
    | .metadata.component.licenses = [{license: {id: "MIT"}}]
    | .components |= map(
        if .name == "EdgeFace.DefaultModels" then .licenses = [{license: {name: "for non-commercial research use: LICENSE.md in the package"}}]
        elif .name == "SQLite" then .licenses = [{license: {id: "blessing"}}]
        elif .name | startswith("EdgeFace") then .licenses = [{license: {id: "MIT"}}]
        else . end
        | if .name | startswith("EdgeFace") then .version = $version | .purl = "pkg:nuget/\(.name)@\($version)" else . end)
    ' "$scratch/all.json" >"$out/EdgeFace.$version.cdx.json"
(cd "$out" && LC_ALL=C sha256sum -- EdgeFace* >SHA256SUMS)
du -h "$out"/*
