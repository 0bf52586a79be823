// Draws the posterior that is picked, from the sketches that the page holds.
const explore = document.getElementById("explore");
if (explore) {
  const index = JSON.parse(document.getElementById("explore-index").textContent);
  const [cells, fits, datasets] = ["cell", "fit", "dataset"].map((name) =>
    explore.querySelector(`select[name=${name}]`),
  );
  let lines;
  const posterior = (place) => {
    lines ??= new Map(
      document
        .getElementById("explore-lines")
        .textContent.split("\n")
        .map((line) => line.split("\t")),
    );
    return JSON.parse(lines.get(place));
  };

  const MINUS = "\u2212";
  const shown = (x) =>
    x === null || x === undefined ? "\u2013" : String(Number(x.toPrecision(3))).replace("-", MINUS);
  const fixed = (x) => (x === null || x === undefined ? shown(x) : x.toFixed(3));
  const safe = (text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const chunks = (array, size) =>
    Array.from({ length: array.length / size }, (_, i) => array.slice(i * size, (i + 1) * size));

  const read = ([name, low, high, truth, mean, lower, upper, rHat, ess, chains, draws, ranks]) => {
    const [drawn, ranked] = [bytes(draws), bytes(ranks)];
    const value = (byte) => low + ((high - low) * byte) / 255;
    const excess = (byte) => (byte - index.zero) / index.steps;
    return {
      ...{ name, truth, mean, lower, upper, rHat, ess, low, high },
      chains: chunks(Array.from(drawn, value), drawn.length / chains),
      ranks: chunks(Array.from(ranked, excess), ranked.length / chains),
    };
  };

  // Round numbers within a range, about three.
  const ticks = (low, high) => {
    const rough = (high - low) / 4 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
    const first = Math.ceil(low / step);
    const count = Math.floor(high / step) - first + 1;
    return Array.from({ length: Math.max(count, 0) }, (_, i) => Number(((first + i) * step).toPrecision(6)));
  };
  const widened = (values) => {
    const known = values.filter((v) => v !== null && v !== undefined);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const margin = (high - low || Math.abs(low) || 1) * 0.06;
    return [low - margin, high + margin];
  };
  const at = (x) => x.toFixed(1);
  const path = (xs, ys) => `M${xs.map((x, i) => `${at(x)} ${at(ys[i])}`).join("L")}`;

  const SIZE = { width: 172, height: 128, left: 38, right: 8, top: 20, bottom: 20 };
  const [LETTERS, LINE] = [24, 12];
  // Lines of a title, broken after spaces and signs.
  const wrapped = (title) => {
    const lines = [""];
    for (const part of title.match(/[^\s_|:,]*[\s_|:,]+|[^\s_|:,]+/g) ?? []) {
      const last = lines.at(-1);
      if (last && last.length + part.trimEnd().length > LETTERS) lines.push(part);
      else lines[lines.length - 1] += part;
    }
    return lines;
  };
  // One panel: the lines of its title, and its frame, ticks and what ``inside`` draws on its two
  // scales. Lines are placed upwards from the last.
  const panel = (title, x, y, inside, xTicks, yTicks = ticks(...y)) => {
    const right = SIZE.width - SIZE.right;
    const base = SIZE.height - SIZE.bottom;
    const X = (v) => SIZE.left + ((v - x[0]) / (x[1] - x[0])) * (right - SIZE.left);
    const Y = (v) => base - ((v - y[0]) / (y[1] - y[0])) * (base - SIZE.top);
    const across = xTicks.map(([v, text]) => [X(v), text]);
    const lines = wrapped(title);
    const drawn = [
      ...lines.map((line, i) => `<text class="name" x="${SIZE.left}" y="${12 - LINE * (lines.length - 1 - i)}">${safe(line)}</text>`),
      ...yTicks.map((v) => `<path class="grid" d="M${SIZE.left} ${at(Y(v))}H${right}"/>`),
      `<path class="axis" d="M${SIZE.left} ${SIZE.top}V${base}H${right}"/>`,
      ...yTicks.map((v) => `<text class="y" x="${SIZE.left - 4}" y="${at(Y(v) + 3)}">${shown(v)}</text>`),
      ...across.map(([v, text]) => `<text class="x" x="${at(v)}" y="${base + 12}">${safe(text)}</text>`),
      inside(X, Y),
    ];
    return { lines: lines.length, svg: drawn.join("") };
  };
  const numbered = (values) => values.map((v) => [v, shown(v)]);
  const grid = (columns, panels, words) => {
    const rows = Math.ceil(panels.length / columns);
    const above = LINE * (Math.max(...panels.map((p) => p.lines ?? 1)) - 1);
    const [width, height] = [columns * SIZE.width, rows * (SIZE.height + above)];
    const placed = panels.map((p, i) => {
      const [x, y] = [(i % columns) * SIZE.width, Math.floor(i / columns) * (SIZE.height + above) + above];
      return p && `<g transform="translate(${x} ${y})">${p.svg}</g>`;
    });
    return `<svg role="img" aria-label="${safe(words)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${placed.join("")}</svg>`;
  };

  const trace = (all) =>
    all.map((p) => {
      const y = widened([p.low, p.high]);
      const x = [0, p.chains[0].length - 1];
      return panel(p.name, x, y, (X, Y) =>
        p.chains
          .map((c, i) => `<path class="line c${i % 6}" d="${path(c.map((_, k) => X(k)), c.map(Y))}"/>`)
          .join(""), []);
    });

  const rank = (all) =>
    all.map((p) => {
      // Kolmogorov's 95 % band for as many independent draws as a chain is worth, against all.
      const many = p.chains.length;
      const band = p.ess ? 1.36 * Math.sqrt((1 - 1 / many) / (p.ess / many)) : 0;
      const top = Math.max(0.05, band, ...p.ranks.flat().map(Math.abs)) * 1.1;
      const xs = p.ranks[0].map((_, k) => (k + 1) / (index.places + 1));
      return panel(p.name, [0, 1], [-top, top], (X, Y) => [
        `<rect class="band" x="${at(X(0))}" width="${at(X(1) - X(0))}" y="${at(Y(band))}" height="${at(Y(-band) - Y(band))}"/>`,
        ...p.ranks.map((r, i) => `<path class="line dashed c${i % 6}" d="${path([0, ...xs, 1].map(X), [0, ...r, 0].map(Y))}"/>`),
      ].join(""), numbered([0, 0.5, 1]), [-band, 0, band].map((v) => Number(v.toPrecision(1))));
    });

  const correlation = (a, b) => {
    const mean = (v) => v.reduce((s, x) => s + x, 0) / v.length;
    const [ma, mb] = [mean(a), mean(b)];
    const sum = (f) => a.reduce((s, _, i) => s + f(a[i] - ma, b[i] - mb), 0);
    return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
  };
  const pair = (all) => {
    const some = all.slice(0, 5);
    return some.slice(1).flatMap((below, row) =>
      some.slice(0, -1).map((across, column) => {
        if (column > row) return "";
        const [xs, ys] = [across.chains.flat(), below.chains.flat()];
        const x = widened([...xs, across.truth]);
        const y = widened([...ys, below.truth]);
        const known = across.truth !== null && below.truth !== null;
        return panel(`${below.name} against ${across.name}, r ${shown(Number(correlation(xs, ys).toFixed(2)))}`, x, y, (X, Y) => {
          const dots = xs.map((v, i) => `M${at(X(v))} ${at(Y(ys[i]))}h0`).join("");
          const [u, w] = known ? [at(X(across.truth)), at(Y(below.truth))] : [];
          const cross = known ? `<path class="truth" d="M${u} ${w}m-6 0h12m-6-6v12"/>` : "";
          return `<path class="dots" d="${dots}"/>${cross}`;
        }, numbered(ticks(...x)));
      }),
    );
  };

  // Observed rings on predicted bars, a rung a quantile or a response.
  const ladder = (title, rows, names) => {
    const y = widened(rows.flatMap((r) => r.slice(3)));
    return panel(title, [-0.6, rows.length - 0.4], y, (X, Y) =>
      rows
        .map(([, , , observed, predicted, lower, upper], i) => {
          const out = observed < lower || observed > upper;
          const x = at(X(i));
          const bar = `<path class="bar" d="M${x} ${at(Y(lower))}V${at(Y(upper))}"/><path class="tick" d="M${x} ${at(Y(predicted))}m-5 0h10"/>`;
          const ring = observed === null ? "" : out
            ? `<path class="out" d="M${x} ${at(Y(observed))}m-4.5 3.5h9l-4.5-8z"/>`
            : `<circle class="ring" cx="${x}" cy="${at(Y(observed))}" r="3.5"/>`;
          return (lower === null ? "" : bar) + ring;
        })
        .join(""), rows.map((_, i) => [i, names[i]]));
  };
  const checks = (rows) => {
    const times = rows.filter(([kind]) => kind === "rt_quantile");
    const shares = rows.filter(([kind]) => kind !== "rt_quantile");
    const responses = [...new Set(times.map(([, response]) => response))];
    return [
      ...responses.map((response) => {
        const here = times.filter((row) => row[1] === response && row[3] !== null);
        return here.length ? ladder(`rt (s), response ${response}`, here, here.map((row) => shown(row[2]))) : "";
      }),
      ladder("shares", shares, shares.map(([kind, response]) => (kind === "omission_share" ? "none" : response))),
    ].filter(Boolean);
  };

  const place = () => `${cells.value}.${fits.value}.${datasets.value}`;
  const put = (kind, panels, columns, words) => {
    const figure = explore.querySelector(`figure[data-plot=${kind}]`);
    figure.hidden = panels.length === 0;
    if (panels.length) figure.querySelector(".plot").innerHTML = grid(columns, panels, words);
  };
  const draw = () => {
    const found = posterior(place());
    const all = found.parameters.map(read);
    const name = `fit ${fits.selectedOptions[0].text} on ${cells.selectedOptions[0].text}, dataset ${datasets.selectedOptions[0].text}`;
    const [rHat, bulk, tail, divergences] = found.gates;
    const gates = found.gates.length
      ? `: largest r_hat ${fixed(rHat)}, smallest bulk and tail ESS ${shown(bulk)} and ${shown(tail)}, ${shown(divergences)} divergences.`
      : ".";
    explore.querySelector("[role=status]").textContent = name[0].toUpperCase() + name.slice(1) + gates;
    const cell = (text) => `<td class="num">${text}</td>`;
    explore.querySelector("tbody").innerHTML = all
      .map((p) => `<tr><th scope="row">${safe(p.name)}</th>${[...[p.truth, p.mean, p.lower, p.upper].map(shown), fixed(p.rHat), shown(p.ess)].map(cell).join("")}</tr>`)
      .join("");
    const columns = Math.min(4, all.length);
    put("trace", trace(all), columns, `Trace of ${name}`);
    put("rank", rank(all), columns, `Ranks of the chains of ${name}`);
    put("pair", pair(all), Math.min(all.length, 5) - 1, `Pairs of ${name}`);
    const predicted = found.checks.length ? checks(found.checks) : [];
    put("checks", predicted, Math.min(4, predicted.length), `Predictive check of ${name}`);
  };

  const options = (select, entries) => {
    const before = select.value;
    select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
    if (entries.some(([value]) => String(value) === before)) select.value = before;
  };
  const named = (names, known) => names.map((name, i) => [i, name]).filter(([, name]) => name in known);
  const refill = () => {
    const here = index.found[index.cells[cells.value]];
    options(fits, named(index.fits, here));
    const there = here[index.fits[fits.value]];
    const suffix = (code) => (code && code !== "ok" ? ` (${code})` : "");
    options(datasets, there.map(([number, text, code]) => [number, text + suffix(code)]));
    draw();
  };
  const step = (by) => {
    const next = datasets.selectedIndex + by;
    if (next < 0 || next >= datasets.length) return;
    datasets.selectedIndex = next;
    draw();
  };
  options(cells, named(index.cells, index.found));
  cells.addEventListener("change", refill);
  fits.addEventListener("change", refill);
  datasets.addEventListener("change", draw);
  explore.querySelector("[name=previous]").addEventListener("click", () => step(-1));
  explore.querySelector("[name=next]").addEventListener("click", () => step(1));
  explore.hidden = false;
  refill();
}
