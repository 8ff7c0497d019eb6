// The seconds in which the prediction is furthest off: each is a button that goes there and plays.

let worstAt = -1;

function goToWorst(place, play = true) {
  if (!DATA.worst.length) return;
  worstAt = (place + DATA.worst.length) % DATA.worst.length;
  const second = DATA.worst[worstAt];
  showOnly([...second.curves, ...shown.filter((c) => !second.curves.includes(c))].slice(0, Math.max(kShownFirst, second.curves.length)));
  player.select(second.clip, second.begin_s);
  if (play) player.play();
  for (const button of byId("worst-list").querySelectorAll("button")) {
    const current = Number(button.dataset.worst) === worstAt;
    button.setAttribute("aria-current", String(current));
    if (current) keepInView(byId("worst-list"), button);
  }
}

// Scrolls the list alone, never the page.
function keepInView(list, item) {
  const top = item.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + item.offsetHeight - list.clientHeight;
}

function showWorst() {
  if (!DATA.worst.length) return;
  byId("worst-note").textContent = `${DATA.worst_note[0].toUpperCase()}${DATA.worst_note.slice(1)}. The number is the root mean square error as a share of each curve's range.`;
  const most = DATA.worst[0].error || 1;
  byId("worst-list").append(...DATA.worst.map((second, i) => {
    const bar = svg("svg", { viewBox: "0 0 100 4", class: "worst-bar", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: 100 * (second.error / most), height: 4 }));
    const button = el("button", { type: "button", "data-worst": i },
      el("span", { class: "worst-line" }, el("b", {}, DATA.clips.length > 1 ? DATA.clips[second.clip].id : `second ${i + 1}`),
        el("span", {}, timeText(second.begin_s, 0)), el("span", { class: "worst-error" }, second.error.toFixed(3))),
      bar,
      el("span", { class: "worst-curves" }, second.curves.map((c) => DATA.rig.curves[c].name).join(", ")));
    button.addEventListener("click", () => goToWorst(i));
    return el("li", {}, button);
  }));
  byId("worst").hidden = false;
}
