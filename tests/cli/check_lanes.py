"""check_lanes.py PAGE [--tones HZ:SECONDS,...]: the time line of a page of kuchi preview, and its blind test, in a
headless Chromium. With --tones the page's sound is sine tones one after another, and the spectrogram must show each at
its pitch and time. Exit code 0 if all held, 1 if not, 77 where there is no Chromium."""

import argparse
import json
import math
import re
import sys

sys.dont_write_bytecode = True  # nothing is left in the source tree
import browser  # noqa: E402
from browser import check, failed, stays_alone  # noqa: E402

LANE = "document.querySelector('.lane-canvas[data-lane=\"%s\"]')"
COLUMN = """(() => {
  const canvas = %s, copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d', {willReadFrequently: true});  // or the browser says so
  context.drawImage(canvas, 0, 0);
  const data = context.getImageData(Math.floor(canvas.width * %f), 0, 1, canvas.height).data;
  return Array.from({length: canvas.height}, (_, y) => [...data.slice(4 * y, 4 * y + 4)]);
})()"""


def column(page, lane, share):
    """The pixels of a lane's column, from the top: [r, g, b, alpha]."""
    return page.run(COLUMN % (LANE % lane, share))


def mel(hz):
    return 2595 * math.log10(1 + hz / 700)


def tones(page, listed):
    """Tones one after another: the darkest row of a column is at the pitch that sounds there."""
    page.run("document.getElementById('window').value = '0', document.getElementById('window').dispatchEvent(new Event('change'))")
    page.key("Home")
    page.wait((LANE % "sound") + ".dataset.state === 'drawn'", 30)
    page.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    total = sum(seconds for _, seconds in listed)
    at = 0
    for hz, seconds in listed:
        alpha = [p[3] for p in column(page, "sound", (at + seconds / 2) / total)]
        expected = (mel(8000) - mel(hz)) / (mel(8000) - mel(60))
        strong = [y for y, a in enumerate(alpha) if a > 0.8 * max(alpha)]
        found = (sum(strong) / len(strong) + 0.5) / len(alpha)
        check(f"{hz:.0f} Hz is seen where it sounds", abs(found - expected) < 2 / 72 and max(alpha) > 150,
              f"at {found:.3f} of the height for {expected:.3f}, strength {max(alpha)}")
        weak = sorted(alpha)[len(alpha) // 2]
        check("and most of the column is quiet", weak < 0.4 * max(alpha), weak)
        at += seconds
    page.run("document.getElementById('window').value = '4', document.getElementById('window').dispatchEvent(new Event('change'))")


def lanes(page, data):
    clip = data["clips"][0]
    names = page.run("[...document.querySelectorAll('#lanes canvas')].map(c => c.dataset.lane)")
    wanted = ["sound"] + (["phones"] if any(c["phones"] for c in data["clips"]) else []) \
        + (["error"] if len(data["tracks"]) > 1 else [])
    check("the lanes that there is something for", names == wanted, names)
    edges = page.run("[...document.querySelectorAll('.lane-canvas')].map(c => {"
                     " const b = c.getBoundingClientRect(); return [b.left, b.width]; })")
    check("all lanes stand one under another", len({tuple(e) for e in edges}) == 1, edges[0])
    # A press on a lane goes to its time, wherever the window stands.
    page.key("Home")
    length = min(4, clip["seconds"])
    for share in (0.25, 0.8):
        page.key("Home")
        page.run(f"(() => {{ const c = {LANE % 'sound'}, b = c.getBoundingClientRect();"
                 f" c.dispatchEvent(new MouseEvent('click', {{clientX: b.left + {share} * b.width, bubbles: true}})); }})()")
        there = page.run("document.getElementById('audio').currentTime")
        check(f"a press at {share:.0%} of a lane goes to its time", abs(there - share * length) < 0.02, f"{there:.3f} s")
    if "phones" in names:
        phone = max(clip["phones"], key=lambda p: (p[3] != "silence", p[1] - p[0]))
        middle = (phone[0] + phone[1]) / 2
        page.run(f"document.getElementById('audio').currentTime = {middle}")
        page.wait(f"document.querySelector('.values[data-lane=phones]').textContent === {json.dumps(phone[2])}", 5)
        check("the phone at the cursor is named", True, phone[2])
    if "error" in names:
        second = data["worst"][0]
        if len(data["clips"]) == 1 and second["error"] > 0:
            page.run(f"document.getElementById('audio').currentTime = {second['begin_s'] + 0.5}")
            page.wait("Number(document.querySelector('.values[data-lane=error]').textContent) > 0", 5)


def sign_test(one, other):
    n = one + other
    return min(1, 2 * sum(math.comb(n, k) for k in range(min(one, other) + 1)) / 2 ** n) if n else None


CATCH_FILE = """(() => {
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => {
    if (blob.type === 'application/json') blob.text().then((text) => { window.savedVotes = text; });
    return make(blob);
  };
})()"""


def blind(page, data):
    """The whole of a blind test: nobody is named until the end, and the file has every vote."""
    if len(data["tracks"]) < 2 or not data["mouth_channels"]:
        check("no blind test without two mouths", page.run("document.getElementById('blind-open').hidden"))
        return
    page.run(CATCH_FILE)
    page.run("document.activeElement.blur()")
    page.key("x")
    page.wait("!document.getElementById('blind').hidden")
    seen = page.run("document.getElementById('player').innerText")
    named = [t for t in data["tracks"] if t in seen]
    check("nobody is named in it", not named, named or "")
    check("nor can be seen in what is drawn", page.run(
        "['worst', 'lanes', 'traces', 'wave'].every(id => document.getElementById(id).offsetParent === null)"))
    total = int(re.search(r"of (\d+)", page.run("document.getElementById('blind-state').textContent")).group(1))
    expected = min(40, sum(max(1, round(c["seconds"] / 5)) for c in data["clips"]))
    check("pieces of about five seconds", total == expected, f"{total}, {expected}")
    check("nothing is judged unheard", page.run("document.getElementById('blind-a').disabled"))
    page.key("a")
    check("nor by its key", "Piece 1 of" in page.run("document.getElementById('blind-state').textContent"))
    heard = "!document.getElementById('blind-a').disabled"
    page.wait(heard)
    page.key("0")
    page.run("document.getElementById('blind-undo').click()")
    check("a vote can be taken back", "Piece 1 of" in page.run("document.getElementById('blind-state').textContent"))
    page.run("document.activeElement.blur()")
    page.key("x")
    page.key("x")
    check("and a test that was left goes on", "Piece 1 of" in page.run("document.getElementById('blind-state').textContent")
          and not page.run("document.getElementById('blind').hidden"))
    keys = [("a", "b", "0", "a")[i % 4] for i in range(total)]
    given = []
    for key in keys:
        page.wait(heard)
        sides = page.run("[...document.querySelectorAll('#mouths canvas')].map(c => Number(c.dataset.track))")
        given.append(None if key == "0" else data["tracks"][sides["ab".index(key)]])
        page.key(key)
    page.wait("!document.getElementById('blind-result').hidden")
    check("then none is taken back", page.run("document.getElementById('blind-undo').disabled"))
    page.run("document.getElementById('blind-save').click()")
    page.wait("window.savedVotes")
    saved = json.loads(page.run("window.savedVotes"))
    check("the file has every vote in its order", [v["choice"] for v in saved["votes"]] == given)
    spans = sorted((v["clip"], round(v["begin_s"], 3)) for v in saved["votes"])
    check("each piece once", len(set(spans)) == total)
    check("A and B are the two tracks", all({v["a"], v["b"]} == set(saved["tracks"]) for v in saved["votes"]))
    one, other = (given.count(name) for name in saved["tracks"])
    counts = saved["counts"]
    check("counts", list(counts["preferred"].values()) == [one, other] and counts["votes"] == total
          and counts["no_difference"] == given.count(None))
    p = sign_test(one, other)
    check("the sign test's p", counts["p"] == p or abs(counts["p"] - p) < 1e-9, f"{counts['p']}, {p}")
    result = page.run("document.getElementById('blind-result').textContent")
    check("the page says it", f"Of {total}: " in result, result)
    page.key("x")
    check("and ends", page.run("document.getElementById('blind').hidden"))
    captions = page.run("[...document.querySelectorAll('#mouths figcaption')].map(c => c.textContent)")
    check("with the names back", captions == data["tracks"], captions)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page")
    parser.add_argument("--tones", default="")
    args = parser.parse_args()
    if not browser.find_chromium():
        print("no Chromium here: the page was not opened")
        return 77
    data = browser.data_of(args.page)
    with browser.Browser() as page:
        page.open(args.page)
        page.wait("document.getElementById('audio').readyState >= 3")
        if args.tones:
            tones(page, [tuple(map(float, tone.split(":"))) for tone in args.tones.split(",")])
        lanes(page, data)
        blind(page, data)
        stays_alone(page)
    return 1 if failed else 0


sys.exit(main())
