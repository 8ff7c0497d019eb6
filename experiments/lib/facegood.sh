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

# facegood_store: the clips as OUT/facegood.h5
facegood_store() {
  "$kuchi" -q prepare "$here/datasets/facegood.yaml" --out "$out/facegood.h5" --force "data.root=$data" > "$out/prepare.txt"
}

# fold NAME CONFIG CLIP [key=value ...]: trains OUT/runs/NAME-CLIP without the clip, by configs/experiment/CONFIG.yaml, and
# predicts it: OUT/NAME/1114_CLIP.npy. What is there already is not run again.
fold() {
  local name=$1 config=$2 clip=$3 run=$out/runs/$1-$3
  shift 3
  [ ! -f "$out/$name/1114_$clip.npy" ] || return 0
  "$kuchi" -q train "$here/configs/experiment/$config.yaml" --out "$run" --force "data.store=$out/facegood.h5" \
    data.recipe= data.split.by=list "data.split.test=[$clip]" "data.split.valid=[]" "$@" > "$out/train-$name.log"
  "$kuchi" -q predict "$run" "$data/wav/1114_$clip.wav" --out "$out/$name/1114_$clip.npy" --force > /dev/null
}
