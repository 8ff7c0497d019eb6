# Reads ctest -V and prints "passed failed skipped". A Catch2 program counts by its test cases (those
# that warned "skipped: ..." as skipped), any other test as one.
function number_before(line, word,   at) {
  at = match(line, "[0-9]+ " word)
  return at ? substr(line, at) + 0 : 0
}
/^[0-9]+: / {
  id = $1 + 0
  line = substr($0, index($0, ": ") + 2)
  # Catch2 2 and 3: "All tests passed (9 assertions in 3 test cases)", "test cases: 3 | 2 passed | 1
  # failed", 3 also "| 1 skipped"
  if (line ~ /^All tests passed \(/) {
    total[id] = number_before(line, "test case")
    catch2[id] = 1
  } else if (line ~ /^test cases: /) {
    total[id] = substr(line, 13) + 0
    bad[id] = number_before(line, "failed")
    skip[id] += number_before(line, "skipped")
    catch2[id] = 1
  } else if (line ~ /^No test(s ran| cases matched)/) {
    catch2[id] = 1
  } else if (line ~ /^ *skipped: / && warned[id]) {
    skip[id]++
  }
  warned[id] = (line ~ /: warning:$/)
}
/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+:/ {
  match($0, /#[0-9]+/)
  id = substr($0, RSTART + 1, RLENGTH - 1) + 0
  state = ($0 ~ / Passed /) ? "passed" : ($0 ~ /\*\*\*Skipped/) ? "skipped" : "failed"
  if (!catch2[id] || state == "skipped") {
    if (state == "passed") passed++
    else if (state == "skipped") skipped++
    else failed++
    next
  }
  if (state == "failed" && !bad[id]) bad[id] = 1  # it died before or after its own count
  if (total[id] < bad[id] + skip[id]) total[id] = bad[id] + skip[id]
  passed += total[id] - bad[id] - skip[id]
  failed += bad[id]
  skipped += skip[id]
}
END {
  # Nothing read is nothing tested.
  if (passed + failed + skipped == 0) failed = 1
  print passed + 0, failed + 0, skipped + 0
}
