"""check_study_page.py PAGE [--shots DIR]: opens a page of a study (to_html of a Page with a study) in a
headless Chromium, as a file, and checks that every part is drawn of its data, without a message or a
request, and that it answers to pointer and keys. The exit code is 0 if all held, 1 if not, 77 where there
is no Chromium."""

import argparse
import json
import os
import re
import sys

sys.dont_write_bytecode = True  # nothing is left in the source tree
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import browser  # noqa: E402
from browser import check, failed, stays_alone  # noqa: E402


def count(page, selector):
    return page.run(f"document.querySelectorAll({json.dumps(selector)}).length")


def text(page, selector):
    return page.run(f"document.querySelector({json.dumps(selector)}).textContent")


def measured(trial):
    return bool(trial["values"]) and trial["values"][0] is not None


def parts(page, study):
    """Every part is there, with as much in it as the study has."""
    check("four tiles or fewer", 1 <= count(page, "#study-tiles .tile") <= 4)
    check("a row a setting", count(page, "#settings-table tbody tr") == len(study["settings"]))
    check("a row a question", count(page, "#comparisons-table tbody tr") == len(study["comparisons"]))
    varied = [f for f in study["factors"] if sum(v["mean"][0] is not None for v in f["values"]) > 1]
    check("a picture a factor that varies", count(page, "#effects figure") == len(varied), len(varied))
    points = sum(v["mean"][0] is not None for f in varied for v in f["values"])
    check("a point a value", count(page, "#effects circle") == points, points)
    lines = study["learning"]["lines"] if study["learning"] else []
    check("a learning curve a line", count(page, "#learning [data-line]") == len(lines))
    crossings = [c for c in study["learning"]["crossings"] if c["x"][0] is not None] if lines else []
    check("a mark a crossing", count(page, "#learning .crossing-line") == len(crossings))
    broken = [t for t in study["trials"] if t["status"] == "failed"]
    check("a row a failed trial", count(page, "#failed-table tbody tr") == min(300, len(broken)), len(broken))
    for trial in broken[:3]:
        check("with its reason", trial["reason"] in text(page, "#failed-table"))
    hrefs = page.run("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => h[0] !== '#')")
    check("links lead to trials alone", all(re.fullmatch(r"trials/[A-Za-z0-9_-][A-Za-z0-9._-]*/", h) for h in hrefs), len(hrefs))
    with_run = {t["setting"] for t in study["trials"] if measured(t) and t.get("run")}
    check("and there is one for each setting's best run", len(set(hrefs)) >= len(with_run), len(with_run))
    check("no attribute or element came out of the data", page.run("document.querySelectorAll('script').length") == 2)


def table(page, study):
    """Sorting by a column and back; filtering by words."""
    first = "document.querySelector('#settings-table tbody tr').dataset.setting"
    values = [s["metrics"].get(study["metric"], [None])[0] for s in study["settings"]]
    there = [v for v in values if v is not None]
    press = (f"[...document.querySelectorAll('#settings-table thead button')]"
             f".find(b => b.textContent.startsWith({json.dumps(study['metric'])})).click()")
    page.run(press)
    best = min(there) if study["better"] == "lower" else max(there)
    check("a click on the metric puts the best first", values[int(page.run(first))] == best)
    page.run(press)
    worst = max(there) if study["better"] == "lower" else min(there)
    check("another puts the worst first", values[int(page.run(first))] == worst)
    check("it says how it is sorted", count(page, "#settings-table th[aria-sort='descending']") == 1)

    def search(words):
        page.run(f"(b => {{ b.value = {json.dumps(words)}; b.dispatchEvent(new Event('input')); }})(document.getElementById('settings-filter'))")
        return page.run("[...document.querySelectorAll('#settings-table tbody tr')].filter(r => !r.hidden).length")

    word = study["factors"][0]["values"][0]["text"]
    wanted = sum(word.lower() in s["name"].lower() for s in study["settings"])
    check("words choose rows", search(word) == wanted, wanted)
    check("what nothing has leaves none", search("no such setting") == 0)
    check("and back", search("") == len(study["settings"]))


KEPT = "Number(document.getElementById('study-parallel').dataset.kept)"


def brush(page, study):
    """A drag keeps the trials that pass there, a click takes it back, keys do the same."""
    lines = [t for t in study["trials"] if measured(t)]
    page.run("document.documentElement.style.scrollBehavior = 'auto', document.getElementById('study-parallel').scrollIntoView()")
    page.run("new Promise(r => setTimeout(r, 300))")
    page.wait(f"{KEPT} === {len(lines)}")
    check("an axis a factor and one for the metric", count(page, "#parallel-axes [data-axis]") == len(study["factors"]) + 1)
    drawn = ("(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce((n, v) => n + (v > 0), 0))"
             "(document.getElementById('{}'))")
    check("lines are drawn", page.run(drawn.format("parallel-lines")) > 1000)

    # The rectangle that takes the pointer of an axis: [x, y, height].
    def axis(a):
        return page.run(f"(r => [r.left + r.width / 2, r.top, r.height])(document.querySelector('[data-axis=\"{a}\"] .axis-hit').getBoundingClientRect())")

    def mouse(kind, x, y, held):
        page.call("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left" if held or kind == "mouseReleased" else "none",
                                               "buttons": int(held), "clickCount": 1})

    def drag(x, top, bottom):
        mouse("mouseMoved", x, top, False)
        mouse("mousePressed", x, top, True)
        for step in range(1, 9):
            mouse("mouseMoved", x, top + (bottom - top) * step / 8, True)
        mouse("mouseReleased", x, bottom, False)

    last = len(study["factors"])
    x, top, height = axis(last)
    drag(x, top + 2, top + height / 2)
    page.wait(f"{KEPT} < {len(lines)}")
    kept = page.run(KEPT)
    check("a drag over the metric's better half keeps some trials", 0 < kept < len(lines), f"{kept} of {len(lines)}")
    check("and says so", text(page, "#parallel-count").startswith(f"{kept} of {len(lines)} trials"))
    page.wait("document.querySelectorAll('#settings-table tr.pale').length > 0")
    check("settings without such a trial are pale", 0 < count(page, "#settings-table tr.pale") < len(study["settings"]))
    x0, top0, height0 = axis(0)
    names = len(study["factors"][0]["values"])
    drag(x0, top0 + 34, top0 + 34 + (height0 - 50) / names)  # the axis' upper value alone
    page.wait(f"{KEPT} < {kept}")
    both = page.run(KEPT)
    value = len(study["factors"][0]["values"]) - 1
    check("a second axis keeps those that pass both",
          both <= sum(study["settings"][t["setting"]]["values"][0] == value for t in lines), both)
    for place in (x, x0):
        mouse("mouseMoved", place, top + 100, False)
        mouse("mousePressed", place, top + 100, True)
        mouse("mouseReleased", place, top + 100, False)
    page.wait(f"{KEPT} === {len(lines)}")
    check("a click on each takes it back", page.run(KEPT) == len(lines))

    page.run("document.querySelector('[data-axis=\"0\"]').focus()")
    page.key("ArrowUp")
    page.wait(f"{KEPT} < {len(lines)}")
    first = sum(study["settings"][t["setting"]]["values"][0] == 0 for t in lines)
    check("the up key keeps the lowest value", page.run(KEPT) == first, first)
    label = page.run("document.querySelector('[data-axis=\"0\"]').getAttribute('aria-label')")
    check("which the axis says", study["factors"][0]["values"][0]["text"] in label, label)
    page.key("Escape")
    page.wait(f"{KEPT} === {len(lines)}")
    check("Escape takes it back", True)
    hover(page, study, lines, mouse, axis)


def hover(page, study, lines, mouse, axis):
    """The pointer on a line shows that trial: setting, seed and metric."""
    x, top, height = axis(len(study["factors"]))
    for y in range(40, int(height) - 20, 6):
        mouse("mouseMoved", x - 1, top + y, False)
        if not page.run("document.getElementById('parallel-tip').hidden"):
            break
    shown = text(page, "#parallel-tip")
    ids = [t["id"] for t in lines if t["id"] in shown]
    check("the pointer's trial is shown", len(ids) >= 1 and "seed" in shown, shown)
    mouse("mouseMoved", 5, 5, False)
    page.wait("document.getElementById('parallel-tip').hidden")


def themes(page):
    back = "document.getElementById('parallel-lines').toDataURL()"
    light = page.run(back)
    page.run("document.activeElement.blur()")
    page.key("t")
    page.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    check("dark has other colours", page.run(back) != light)
    page.key("t")


def narrow(path):
    with browser.Browser(400, 800, touch=True) as page:
        page.open(path)
        page.run("new Promise(r => setTimeout(r, 300))")
        wide = page.run("document.documentElement.scrollWidth")
        check("400 pixels are enough", wide <= 400, wide)
        check("every button, field and picture has a name", page.run(
            "[...document.querySelectorAll('button, canvas, select, input, svg[role=img]')].filter(e => e.getClientRects().length).every(e => (e.getAttribute('aria-label')"
            " || e.textContent || e.closest('label')?.textContent || '').trim())"))
        stays_alone(page)


def shots(path, folder):
    os.makedirs(folder, exist_ok=True)
    for name, width, dark in [("study-light", 1100, False), ("study-dark", 1100, True), ("study-narrow", 400, False)]:
        with browser.Browser(width, 1100, dark) as page:
            page.open(path)
            page.run("new Promise(r => setTimeout(r, 800))")
            page.shot(os.path.join(folder, name + ".png"), whole=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page")
    parser.add_argument("--shots")
    args = parser.parse_args()
    if not browser.find_chromium():
        print("no Chromium here: the page was not opened")
        return 77
    data = browser.data_of(args.page)
    if args.shots:
        shots(args.page, args.shots)
        return 0
    study = data["study"]
    with browser.Browser() as page:
        page.open(args.page)
        parts(page, study)
        if study["search"] != "list":  # a hostile study is one of two settings: it is drawn, that is all
            table(page, study)
            brush(page, study)
            themes(page)
        if not data["clips"]:
            check("without clips there is no player", page.run("document.getElementById('player').hidden"))
        stays_alone(page)
    narrow(args.page)
    return 1 if failed else 0


sys.exit(main())
