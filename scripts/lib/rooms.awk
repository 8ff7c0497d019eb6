# rooms.awk CMakeLists.txt FILE...: prints each include that points up the list of rooms, and each
# LibTorch include in a room without it.
FILENAME == "CMakeLists.txt" {
  if (match($0, /kuchi_room\([a-z0-9_]+/)) {
    name = substr($0, RSTART + 11, RLENGTH - 11)
    level[name] = ++count
    torch[name] = ($0 ~ / TORCH/)
  }
  next
}
FNR == 1 {
  split(FILENAME, parts, "/")
  in_src = (parts[1] == "src")  # tests may look anywhere
  room = parts[2]
  if (room == "cuda") room = "edge"  # the plug-in, opened by edge
}
/^#include "[a-z0-9_]+\// {
  split($2, inc, /["\/]/)
  if (in_src && (room in level) && (inc[2] in level) && level[inc[2]] > level[room])
    print FILENAME ":" FNR ": " room " includes " inc[2] ", which stands above it"
}
/^#include <(torch|ATen|c10)\// {
  if (in_src && (room in level) && !torch[room]) print FILENAME ":" FNR ": " room " is a room without LibTorch"
}
