// Light and dark: the system's choice until the button is used. Nothing is stored.

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";

function themeChanged() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", isDark() ? "Change to light" : "Change to dark");
  colours.clear();
  layers.clear();
  forgetSpectrograms();
  if (player.clip) player.redraw();
  document.dispatchEvent(new Event("themechange"));
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  themeChanged();
}

function wireTheme() {
  byId("theme").addEventListener("click", switchTheme);
  prefersDark.addEventListener("change", themeChanged);
  themeChanged();
}
