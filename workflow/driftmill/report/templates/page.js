"use strict";

for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const body = head.closest("table").tBodies[0];
    const upwards = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const column = head.cellIndex;
    const key = (row) => {
      const cell = row.cells[column];
      return cell.dataset.sort ?? cell.textContent;
    };
    const compare = (a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const numeric = Number(x) - Number(y);
      const order = Number.isNaN(numeric) ? x.localeCompare(y, undefined, { numeric: true }) : numeric;
      return upwards ? order : -order;
    };
    body.append(...[...body.rows].sort(compare));
  });
}

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

addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});

const links = new Map(
  [...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]),
);
const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.classList.remove("here");
      links.get(entry.target.id)?.classList.add("here");
    }
  },
  { rootMargin: "0px 0px -75% 0px" },
);
for (const section of document.querySelectorAll("section.top")) watcher.observe(section);
