// Sorts a table by the column whose heading is pressed; empty cells stay last.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const body = head.closest("table").tBodies[0];
    const upwards = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const column = head.cellIndex;
    const compare = (a, b) => {
      const [x, y] = [sortKey(a.cells[column]), sortKey(b.cells[column])];
      if (x === "" || y === "") return (x === "") - (y === "");
      const numeric = Number(x) - Number(y);
      const order = Number.isNaN(numeric) ? x.localeCompare(y, undefined, { numeric: true }) : numeric;
      return upwards ? order : -order;
    };
    body.append(...[...body.rows].sort(compare));
  });
}

const sortKey = (cell) => cell.dataset.sort ?? cell.textContent;
const plain = (text) => text.toLowerCase().replaceAll(/\s/g, "");

// A word must occur in the row; "r_hat>1.01" compares a column's exact values.
const condition = (word, names) => {
  const [, name, sign, limit] = word.match(/^([^<>=]+)([<>]=?|=)(\S+)$/) ?? [];
  const column = name === undefined ? -1 : names.findIndex((head) => head.startsWith(plain(name)));
  if (column < 0) return (row) => row.textContent.toLowerCase().includes(word);
  return (row) => {
    const key = sortKey(row.cells[column]);
    const [value, bound] = [Number(key), Number(limit)];
    if (key === "" || Number.isNaN(value) || Number.isNaN(bound)) {
      return sign === "=" && plain(key) === plain(limit);
    }
    if (sign === "=") return value === bound;
    return (sign[0] === "<" ? value < bound : value > bound) || (sign[1] === "=" && value === bound);
  };
};

for (const frame of document.querySelectorAll("div.table")) {
  const table = frame.querySelector("table");
  const rows = table.tBodies[0].rows;
  if (rows.length < 8) continue;
  const heads = [...table.tHead.rows[0].cells];
  const names = heads.map((head) => plain(head.querySelector("button").firstChild.textContent));
  const number = names[heads.findIndex((head) => head.classList.contains("num"))];
  const line = document.createElement("p");
  line.className = "filter";
  const label = document.createElement("label");
  const field = document.createElement("input");
  const told = document.createElement("output");
  field.type = "search";
  field.placeholder = number ? `words, ${number}>0` : "words";
  label.append("Filter rows ", field);
  line.append(label, " ", told);
  frame.before(line);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = words.map((word) => condition(word, names));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !tests.every((test) => test(row));
      shown += !row.hidden;
    }
    told.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  });
}
