#!/usr/bin/env bash
# From nothing to a trained mouth: set-up, build, embedded data, three models, their test metrics,
# curves for one sound, the best model as ONNX, and a page to look at. Run again, it trains again; set-up
# and build are already there.
#   scripts/demo.sh [--out DIR] [--cuda]     DIR: where everything goes (default build/demo)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

out=$here/build/demo setup=()
while [ $# -gt 0 ]; do
  case $1 in
    --out)
      [ $# -gt 1 ] || die 2 "--out needs a folder"
      out=$2
      shift
      ;;
    --out=*) out=${1#*=} ;;
    --cuda) setup=(--cuda) ;;
    -h | --help) usage "$0" && exit 0 ;;
    *) die 2 "unknown argument '$1'; see scripts/demo.sh --help" ;;
  esac
  shift
done

start=$SECONDS
"$here/scripts/setup.sh" "${setup[@]}"
"$here/scripts/build.sh" release
kuchi=$here/build/release/bin/kuchi
mkdir -p "$out" || die 5 "cannot write to $out; give another folder with --out"
out=$(cd "$out" && pwd)
cd "$here"

say "data: speech and the mouth curves that made it"
"$kuchi" synth "$out/data" --force
"$kuchi" prepare "$out/data/recipe.yaml" --out "$out/store.h5" --force

runs=()
for head in mean linear bilstm; do
  say "training: $head"
  "$kuchi" train "configs/experiment/synth_$head.yaml" --out "$out/runs/$head" \
    "data.store=$out/store.h5" --force
  runs+=("$out/runs/$head")
done

say "judging on the test split"
mkdir -p "$out/metrics"
for head in mean linear bilstm; do
  "$kuchi" -q eval "$out/runs/$head" --split test --json "$out/metrics/$head.json" --force > "$out/metrics/$head.txt"
done
# The three side by side; probe_N: the share of minimal pairs whose lips are right when the sound that
# decides lies N phones ahead
"$kuchi" -q eval "${runs[@]}" --split test --probe --json "$out/metrics/all.json" --force | tee "$out/metrics/table.txt"

say "curves for one sound"
wav=$(find "$out/data/wav" -name '*.wav' | sort | sed -n 1p)
"$kuchi" predict "$out/runs/bilstm" "$wav" --out "$out/predicted.csv" --format livelink --force

say "the model as ONNX, and a page to look at"
"$kuchi" export "$out/runs/bilstm" --out "$out/mouth.onnx" --force
"$kuchi" report "$out/runs/bilstm" --probe --out "$out/report.html" --force

say "done in $((SECONDS - start)) s"
note "data      $out/data (wav, curves, phones, recipe.yaml), $out/store.h5"
note "models    $out/runs/{mean,linear,bilstm}"
note "metrics   $out/metrics (all.json, table.txt)"
note "curves    $out/predicted.csv, for $wav"
note "ONNX      $out/mouth.onnx (takes 16 kHz audio; docs/onnx.md)"
note "page      $out/report.html (open it in a browser)"
note "next      build/release/bin/kuchi --help; your own recordings: README.md"
