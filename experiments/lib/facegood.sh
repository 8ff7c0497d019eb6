# shellcheck shell=bash disable=SC2154
# The five FACEGOOD clips for a study that leaves each out in turn; sourced by its run.sh, which has set `here`, `kuchi`
# and `out`. Sets `data`, their folder, and `clips`, their names; OUT/target gets their curves under the names that
# predictions have.
[ -x "$kuchi" ] || { echo "build first: scripts/build.sh" >&2 && exit 5; }
data=${KUCHI_FACEGOOD:-$here/../shared/data/facegood}
[ -d "$data/wav" ] || { echo "$data: the FACEGOOD clips are not there; set KUCHI_FACEGOOD" >&2 && exit 3; }

mkdir -p "$out/target"
clips=()
for wav in "$data"/wav/1114_*.wav; do
  name=$(basename "$wav" .wav)
  clips+=("${name#1114_}")
  ln -sf "$(cd "$data/curves" && pwd)/bs_value_$name.npy" "$out/target/$name.npy"
done
