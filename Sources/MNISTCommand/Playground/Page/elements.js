"use strict";

/** Makes elements: `element("p", { class: "note", text: "..." }, child, ...)`; members that begin with `on` are listeners. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "style") Object.entries(value).forEach(
      ([property, setting]) => made.style.setProperty(property, setting)
    );
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Calls a function once: on the next frame, or after 50 ms where no frame is drawn, as in the background. */
function onNextFrame(body) {
  let isPending = true;
  const once = () => {
    if (!isPending) return;
    isPending = false;
    body();
  };
  requestAnimationFrame(once);
  setTimeout(once, 50);
}

/** The colors of numbers, from the style sheet: shades of gray, or from blue over the zero color to orange. */
const Colors = (() => {
  let [ends, tables] = [null, {}];
  const channels = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim().split(/\s+/).map(Number);

  /** Reads the colors again, after a change between light and dark. */
  function refresh() {
    ends = { negative: channels("--negative"), zero: channels("--zero"), positive: channels("--positive") };
    tables = {};
  }

  /** Small numbers stay visible next to large ones: the strength of a color is a power of the number. */
  const strength = (share) => Math.min(share, 1) ** 0.7;

  /** [red, green, blue] of a number in -limit...limit. */
  function signed(value, limit) {
    if (ends === null) refresh();
    const end = value < 0 ? ends.negative : ends.positive, share = limit > 0 ? strength(Math.abs(value) / limit) : 0;
    return end.map((channel, index) => Math.round(ends.zero[index] + share * (channel - ends.zero[index])));
  }

  /** [red, green, blue] of a number in 0...limit, from black to white. */
  function gray(value, limit) {
    const shade = limit > 0 ? Math.round(255 * Math.min(Math.max(value / limit, 0), 1)) : 0;
    return [shade, shade, shade];
  }

  /** The 511 colors of a palette for -1...1, for pictures; the same array until the colors change. */
  function table(palette) {
    if (ends === null) refresh();
    return (
      tables[palette] ??= Array.from({ length: 511 }, (_, index) => ({ gray, signed })[palette]((index - 255) / 255, 1))
    );
  }

  /** Black or white, whichever contrasts more with a color. */
  const ink = ([red, green, blue]) => (0.2126 * red + 0.7152 * green + 0.0722 * blue > 120 ? "#14171a" : "#ffffff");

  return { refresh, gray, signed, table, ink, css: (color) => `rgb(${color.join(" ")})` };
})();

/** A table of numbers with colored cells, for explanations. */
function numberTable(
  grid,
  { caption, palette = "signed", exponent, highlight = () => false, shown = () => true, note, limit, cellText } = {}
) {
  const scale = exponent ?? Numbers.scaleOf(grid.values);
  const largest = limit ?? grid.values.reduce((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  const rows = Array.from({ length: grid.height }, (_, i) =>
    element("tr", {}, Array.from({ length: grid.width }, (_, j) => {
      const index = i * grid.width + j, value = grid.values[index];
      if (!shown(index)) return element("td", { class: "blank", text: "·" });
      if (value === null) return element(
        "td", { class: "outside", title: "padding" }, element("span", { class: "away", text: "padding" })
      );
      const color = palette === "gray" ? Colors.gray(value, largest) : Colors.signed(value, largest);
      return element("td", {
        class: highlight(index) ? "marked" : null, style: {
          "background-color": Colors.css(color), color: Colors.ink(color)
        },
        text: cellText ? cellText(index) : Numbers.cell(value, scale),
      });
    })));
  const unit = scale !== 0 && !cellText ? element("span", { class: "unit", text: ` × ${Numbers.power(scale)}` }) : null;
  return element("figure", { class: "grid" },
    element(
      "table", { class: "cells" }, element("caption", {}, element("span", { text: caption }), unit),
      element("tbody", {}, rows)
    ),
    note ? element("figcaption", { class: "note", text: note }) : null);
}
