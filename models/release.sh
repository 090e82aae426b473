#!/usr/bin/env bash
# Makes the default models of weights that were handed over, and brings everything that depends on them up to date: cards, thresholds, self-test, expected faces, documents.
#   models/release.sh FOLDER LFW
# FOLDER holds recogniser.safetensors, detector.safetensors and refiner.safetensors; LFW is the folder of aligned crops with pairs.csv. Before it, write name, version and the sentences
# of models/*.card.json by hand; after it, build and run ./test.sh.
set -euo pipefail
[ $# = 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
folder=$(realpath "$1") lfw=$(realpath "$2")
cd "$(dirname "$0")/.."
bench() { dotnet run -c Release --project bench/EdgeFace.Bench -- "$@"; }
bench release "$folder" "$lfw"
# The second build embeds the models that the first wrote.
bench tables
