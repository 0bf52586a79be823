const root = document.documentElement;
const toggle = document.getElementById("theme");
const dark = () =>
  root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
const label = () => {
  toggle.textContent = dark() ? "Light theme" : "Dark theme";
};
const kept = (() => {
  // A page opened from disk may be denied storage; the theme is then the system's.
  try {
    return localStorage;
  } catch {
    return null;
  }
})();
const saved = kept?.getItem("driftmill-theme");
if (saved === "dark" || saved === "light") root.dataset.theme = saved;
toggle.hidden = false;
toggle.addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  kept?.setItem("driftmill-theme", root.dataset.theme);
  label();
});
label();

const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  target?.scrollIntoView();
};
addEventListener("hashchange", reveal);
if (location.hash) reveal();

// On paper everything is open but tables of many rows, whose files the captions name.
const LONG_TABLE = 60;
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")].filter(
    (fold) => fold.querySelectorAll("tbody tr").length <= LONG_TABLE,
  );
  for (const fold of unfolded) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of unfolded) fold.open = false;
});

// The contents mark what has last passed the upper third of the window.
const nav = document.querySelector("nav");
const places = [...nav.querySelectorAll("a")].map((link) => [
  link,
  document.getElementById(decodeURIComponent(link.hash.slice(1))),
]);
let waiting = false;
const mark = () => {
  waiting = false;
  const passed = places.filter(([, place]) => place.getBoundingClientRect().top < innerHeight / 3);
  const ended = innerHeight + scrollY >= root.scrollHeight - 2;
  const [here] = (ended ? places : passed).at(-1) ?? places[0];
  const parent = here.closest("ol ol")?.parentElement.querySelector("a");
  for (const [link] of places) {
    link.classList.toggle("within", link === parent);
    if (link === here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const [top, bottom] = [here.offsetTop - nav.clientHeight + 80, here.offsetTop - 80];
  nav.scrollTop = Math.min(Math.max(nav.scrollTop, top), Math.max(bottom, 0));
};
const later = () => {
  if (!waiting) requestAnimationFrame(mark);
  waiting = true;
};
addEventListener("scroll", later, { passive: true });
addEventListener("resize", later, { passive: true });
later();
