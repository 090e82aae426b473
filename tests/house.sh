#!/usr/bin/env bash
# Counts what makes code hard to read, in src/ of each COMMIT (HEAD unless given), as rows of a table: tests/house.sh [COMMIT...]
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- HEAD
echo "| commit | lines | of 150 characters and more | files | with more than five types | most types in a file | most parameters of a method | public types | lines of the public listings |"
echo "|---|---|---|---|---|---|---|---|---|"
for commit; do
    folder=$(mktemp -d)
    git archive "$commit" src tests/EdgeFace.Tests/PublicApi | tar -x -C "$folder"
    mapfile -t files < <(find "$folder/src" -name '*.cs')
    types=$(for f in "${files[@]}"; do grep -cE '^(    )?((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|unsafe|ref) )*(class|struct|record|interface|enum|record struct) [A-Z]' "$f" || true; done)
    # Declarations of methods and primary constructors, joined over their lines: commas outside of brackets of any kind.
    parameters=$(cat "${files[@]}" | tr '\n' ' ' | grep -oE '(public|internal|private|protected|static|sealed|unsafe|record|struct|class)( [A-Za-z<>?\[\],.*]+)* [A-Z][A-Za-z]*(<[A-Z][A-Za-z]*>)?\([^()]{20,1200}\)' \
        | grep -vE '=>|=[^ ]|;' | sed -E 's/<[^<>]*>//g; s/[^,]//g' | awk '{ if (length($0) + 1 > most) most = length($0) + 1 } END { print most }')
    echo "| $(git rev-parse --short "$commit") | $(cat "${files[@]}" | wc -l) | $(cat "${files[@]}" | awk 'length >= 150' | wc -l) | ${#files[@]} |" \
        "$(awk '$1 > 5' <<<"$types" | wc -l) | $(sort -n <<<"$types" | tail -1) | $parameters |" \
        "$(cat "$folder"/tests/EdgeFace.Tests/PublicApi/*.txt | grep -cE '^[a-z]') | $(cat "$folder"/tests/EdgeFace.Tests/PublicApi/*.txt | wc -l) |"
    rm -r "$folder"
done
