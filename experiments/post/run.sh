#!/usr/bin/env bash
# What each stage of post-processing does to the metrics of predictions that are there already: the same files scored
# with it and without, clip by clip.
#   experiments/post/run.sh --pred DIR --target DIR --audio DIR --rig RIG [--names FILE] [--out FILE]
#     DIR    predictions, captures and their sound, files of one name each (kuchi predict --format npy writes such)
#     FILE   the table, Markdown (default: standard output)
# The values in docs/postprocessing.md are of FACEGOOD's five clips, predicted by the models of experiments/augment that
# had not seen them; any run's predictions do.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
pred='' target='' audio='' rig='' names='' out=/dev/stdout
while [ $# -gt 0 ]; do
  case $1 in
    --pred) pred=$2 ;;
    --target) target=$2 ;;
    --audio) audio=$2 ;;
    --rig) rig=$2 ;;
    --names) names=$2 ;;
    --out) out=$2 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift 2
done
[ -x "$kuchi" ] || { echo "build first: scripts/build.sh" >&2 && exit 5; }
for given in "$pred" "$target" "$audio" "$rig"; do
  [ -n "$given" ] || { echo "--pred, --target, --audio and --rig are needed; see --help" >&2 && exit 2; }
done
json=$(mktemp)
trap 'rm -f "$json"' EXIT

# value NAME KEY: of a metric in the file
value() {
  awk -v name="\"$1\":" -v key="\"$2\":" '$1 == name { found = 1 }
    found && $1 == key { sub(",", "", $2); print $2; exit }' "$json"
}

row() {
  local name=$1 option line
  shift
  line=(-q score --pred "$pred" --against "$pred" --target "$target" --audio "$audio" --rig "$rig"
    --json "$json" --force)
  [ -z "$names" ] || line+=(--names "$names")
  for option in "$@"; do line+=(--post "$option"); done
  "$kuchi" "${line[@]}" > /dev/null
  awk -v name="$name" -v mse="$(value comparison ratio)" \
    -v low="$(value comparison low)" -v high="$(value comparison high)" \
    -v vel="$(value vel_mse value)" -v acc="$(value acc_mse value)" -v f1="$(value closure_f1 value)" \
    -v lag="$(value av_lag value)" -v mtm="$(value mtm value)" -v still="$(value still_ratio value)" \
    -v rest="$(value rest value)" -v lve="$(value lve value)" 'BEGIN {
      printf "| %s | %.3f (%.3f – %.3f) | %.3f | %.1f | %.3f | %+.1f | %.1f | %.2f | %s | %.3f |\n",
        name, mse, low, high, vel, acc, f1, lag, mtm, still, rest == "" ? "–" : sprintf("%.0f", rest), 1000 * lve }'
}

{
  echo "| stage | mse, with / without | vel_mse | acc_mse | closure_f1 | av_lag, ms | mtm, ms | still_ratio | rest, % | lve, mm |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  row "none"
  row "one_euro" smooth=one_euro
  row "one_euro, min_cutoff_hz 2" smooth=one_euro min_cutoff_hz=2
  row "savgol" smooth=savgol
  row "snap_below 0.03" snap_below=0.03
  row "the same, snap_above 0.06" snap_below=0.03 snap_above=0.06
  row "snap_below 0.05" snap_below=0.05
  row "rest_after_s 0.5" rest_after_s=0.5
  row "clamp" clamp=true
  row "savgol, snap 0.03, rest, clamp" smooth=savgol snap_below=0.03 rest_after_s=0.5 clamp=true
  row "one_euro, snap 0.03, rest, clamp" smooth=one_euro snap_below=0.03 rest_after_s=0.5 clamp=true
} > "$out"
