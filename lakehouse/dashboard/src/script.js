"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (preferred.matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; button.setAttribute("aria-label", "Use the " + button.textContent.toLowerCase() + " theme"); };
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
  preferred.addEventListener("change", label);
  button.hidden = false;
  label();

  const make = (parent, name, text) => { const e = parent.appendChild(document.createElement(name)); if (text) e.textContent = text; return e; };
  const axes = {};
  const axisOf = (number) => axes[number] ??= (({ x, names }) => ({ x: x.split(" ").map((s) => s / 10000), names: names.split("|") }))(document.getElementById("axis-" + number).dataset);

  for (const figure of document.querySelectorAll("figure")) {
    const plot = figure.querySelector(".plot");
    if (!plot) continue;
    const frame = figure.querySelector(".frame");
    const items = [...figure.querySelectorAll(".legend li")];
    let tip, cursor, values, at = -1;

    const begin = () => {
      values = items.map((item) => item.dataset.v.split("|"));
      tip = make(frame, "div");
      tip.className = "tip";
      tip.setAttribute("role", "status");
      cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
      cursor.setAttribute("class", "cursor");
      cursor.setAttribute("y1", 10);
      cursor.setAttribute("y2", 216);
      plot.append(cursor);
    };
    const hide = () => { at = -1; if (tip) { tip.hidden = true; cursor.setAttribute("visibility", "hidden"); } };
    const show = (index) => {
      const { x, names } = axisOf(figure.dataset.axis);
      index = Math.max(0, Math.min(x.length - 1, index));
      if (index === at) return;
      if (!tip) begin();
      at = index;
      tip.hidden = false;
      tip.replaceChildren();
      make(tip, "strong", names[at]);
      items.forEach((item, i) => {
        const row = make(tip, "div");
        if (items.length > 1) {
          row.append(item.querySelector("svg").cloneNode(true));
          const name = make(row, "span", item.querySelector(".name").textContent);
          name.className = "name";
          name.dir = "auto";
        }
        make(row, "span", values[i][at] || "no value").className = items.length > 1 ? "n" : "";
      });
      cursor.setAttribute("visibility", "visible");
      for (const side of ["x1", "x2"]) cursor.setAttribute(side, x[at] * 100 + "%");
      const box = plot.getBoundingClientRect(), outer = frame.getBoundingClientRect();
      const middle = box.left - outer.left + x[at] * box.width, width = tip.offsetWidth;
      const left = middle + 14 + width <= outer.width ? middle + 14 : middle - 14 - width;
      tip.style.left = Math.max(0, Math.min(left, outer.width - width)) + "px";
    };
    const nearest = (share) => {
      const { x } = axisOf(figure.dataset.axis);
      let low = 0, high = x.length - 1;
      while (low < high) { const middle = (low + high) >> 1; if (x[middle] < share) low = middle + 1; else high = middle; }
      return low > 0 && share - x[low - 1] < x[low] - share ? low - 1 : low;
    };

    const point = (event) => { const box = plot.getBoundingClientRect(); show(nearest((event.clientX - box.left) / box.width)); };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.tabIndex = 0;
    plot.addEventListener("keydown", (event) => {
      const last = axisOf(figure.dataset.axis).x.length - 1;
      const step = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at < 0 ? last : at + 1, Home: 0, End: last }[event.key];
      if (event.key === "Escape") hide();
      else if (step !== undefined) { event.preventDefault(); show(step); }
    });
  }
})();
