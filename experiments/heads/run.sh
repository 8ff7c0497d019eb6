#!/usr/bin/env bash
# Every head by its shipped experiment: on the embedded set, judged on clips of speakers that no training saw and by the
# context probe, and on the real clips, each of the five left out in turn. With its size, its delay and its step.
#   experiments/heads/run.sh [--out DIR] [--heads NAME,...] [--only synth|facegood] [key=value ...]
#     DIR        where runs and tables go (default build/heads)
#     NAME       heads (default all that need no encoder)
#     key=value  overrides for every training, e.g. train.max_steps=200
# What is there already is not run again: give other overrides another --out.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
kuchi=${KUCHI:-$here/build/release/bin/kuchi}
out=$here/build/heads heads=mean,linear,tcn,bilstm,lstm,transformer,hybrid only='' overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 && shift ;;
    --heads) heads=$2 && shift ;;
    --only) only=$2 && shift ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *=*) overrides+=("$1") ;;
    *) echo "unknown argument '$1'; see --help" >&2 && exit 2 ;;
  esac
  shift
done
. "$here/experiments/lib/facegood.sh"
IFS=, read -r -a heads <<< "$heads"

# number FILE PATH...: a value of a JSON file as we write them, a key a line
number() {
  local file=$1
  shift
  awk -v path="$*" '
    BEGIN { n = split(path, want, " "); i = 1 }
    $1 == "\"" want[i] "\":" { if (i++ == n) { gsub(/[,}]/, "", $2); print $2; exit } }' "$file"
}
# times1000 VALUE DIGITS
times1000() { awk -v v="$1" -v d="$2" 'BEGIN { printf "%.*f", d, 1000 * v }'; }
interval() { # FILE
  printf '%s (%s – %s)' "$(times1000 "$(number "$1" metrics mse value)" 3)" \
    "$(times1000 "$(number "$1" metrics mse low)" 3)" "$(times1000 "$(number "$1" metrics mse high)" 3)"
}
# values RUN: numbers in its checkpoint, the moments of features and curves with them
values() {
  "$kuchi" inspect "$1/last/" --json - > "$1.checkpoint.json"
  number "$1.checkpoint.json" values
}
# delay RUN: what `kuchi inspect` says, or a dash
delay() {
  "$kuchi" inspect "$1" --json - > "$1.inspect.json"
  local ms
  ms=$(number "$1.inspect.json" delay_ms)
  case $ms in '' | null) echo '–' ;; *) printf '%.0f ms' "$ms" ;; esac
}
# step RUN: the median step of its training in ms, data included; closed forms have none
step() {
  sed -n 's/.*"step_ms":\([0-9.]*\).*/\1/p' "$1/events.jsonl" | sort -n |
    awk '{ v[NR] = $1 } END { if (NR) printf "%.0f", v[int((NR + 1) / 2)]; else print "–" }'
}

synth() {
  [ -f "$out/test.h5" ] || {
    "$kuchi" -q synth "$out/test" --clips 120 --seconds 6 --seed 1000 > /dev/null
    "$kuchi" -q prepare "$out/test/recipe.yaml" --out "$out/test.h5" > /dev/null
  }
  echo "| head | MSE ×10⁻³ (95 %) | probe, 1 | 2 | 3 sounds ahead | values | ms a step | delay |"
  echo "|---|---|---|---|---|---|---|---|"
  local head run
  for head in "${heads[@]}"; do
    run=$out/synth-$head
    if [ ! -f "$run.json" ]; then
      "$kuchi" -q train "$here/configs/experiment/synth_$head.yaml" --out "$run" --force "${overrides[@]}" > /dev/null
      "$kuchi" -q eval "$run" --store "$out/test.h5" --split all --probe --json "$run.json" --force > "$run.txt"
    fi
    echo "| $head | $(interval "$run.json") | $(probe "$run.json") | $(values "$run") \
| $(step "$run") | $(delay "$run") |"
  done
}
probe() {
  local d text=
  for d in 1 2 3; do
    text+="$(awk -v v="$(number "$1" probe "distance_$d" share)" 'BEGIN { printf "%.0f %%", 100 * v }')"
    [ $d = 3 ] || text+=' | '
  done
  echo "$text"
}

facegood() {
  facegood_store
  echo "| head | MSE ×10⁻³ (95 %) | ratio to linear (95 %), p | values | ms a step | delay |"
  echo "|---|---|---|---|---|---|"
  local head run clip file against
  for head in linear "${heads[@]}"; do
    for clip in "${clips[@]}"; do
      fold "facegood-$head" "facegood_$head" "$clip" "${overrides[@]}"
    done
    file=$out/facegood-$head against=()
    [ "$head" = linear ] || against=(--against "$out/facegood-linear")
    "$kuchi" -q score --pred "$file" --target "$out/target" --rig facegood --names "$data/curve_names.txt" \
      "${against[@]}" --json "$file.json" --force > "$file.txt"
  done
  for head in "${heads[@]}"; do
    file=$out/facegood-$head run=$out/runs/facegood-$head-${clips[0]}
    echo "| $head | $(interval "$file.json") | $(sed -n 's/^mse ratio to .*: //p' "$file.txt" | head -1) \
| $(values "$run") | $(step "$run") | $(delay "$run") |"
  done
}

for what in synth facegood; do
  [ -z "$only" ] || [ "$only" = "$what" ] || continue
  "$what" | tee "$out/$what.md"
done
