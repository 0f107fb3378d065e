"use strict";

/**
 * Planes of numbers that can be pointed at: the maps of a layer, or its kernels. A plane is a picture with one pixel for
 * each number, or cells with the numbers themselves.
 *
 * All planes together are one stop of the Tab key. The arrow keys move by one number, Page Up and Page Down by one plane;
 * Enter keeps the number and goes on to its explanation. Options:
 *
 *     name                   for screen readers
 *     height, width, count   of a plane; the number of planes
 *     index(plane, i, j)     the position of a number in the array that `update` takes
 *     palette                "gray" if no number is negative, else "signed"
 *     size                   of a number, in rem; asNumbers: whether they are cells
 *     columns                the number of planes in a row; undefined to fill the width
 *     captions(plane)        a short text below a plane
 *     point(index, isKept)   called for the number under the cursor
 *     enter()                called for Enter
 */
class Planes {
  constructor(options) {
    Object.assign(this, options);
    [this.cursor, this.values] = [{ plane: 0, i: 0, j: 0 }, null];
    this.planes = Array.from({ length: this.count }, (_, plane) => this.makePlane(plane));
    this.element = element("div", {
      class: "planes" + (this.asNumbers ? " numbers" : ""), tabindex: "0", role: "application", "aria-label": this.name,
      "aria-roledescription": "grid of numbers", onkeydown: (event) => this.press(event),
      onfocus: () => { if (this.element.matches(":focus-visible")) this.moved(false); },
      style: this.columns ? { display: "grid", "grid-template-columns": `repeat(${this.columns}, max-content)` } : {},
    }, this.planes.map(({ frame }) => frame));
  }

  makePlane(plane) {
    const marks = element("div", { class: "marks" });
    let content, pixels = null, image = null;
    if (this.asNumbers) {
      content = element("div", {
        class: "entries", style: { "grid-template-columns": `repeat(${this.width}, var(--cell))` }
      },
        Array.from({ length: this.height * this.width }, () => element("span")));
    } else {
      content = element("canvas", { width: this.width, height: this.height });
      pixels = content.getContext("2d");
      image = pixels.createImageData(this.width, this.height);
      // Opaque.
      for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
    }
    const size = this.asNumbers ? {} : {
      width: `${this.width * this.size}rem`, "aspect-ratio": `${this.width} / ${this.height}`
    };
    const box = element("div", { class: "plane", style: size, "aria-hidden": "true" }, content, marks);
    const at = (event) => {
      const area = box.getBoundingClientRect();
      const [i, j] = [
        (event.clientY - area.top) / area.height * this.height, (event.clientX - area.left) / area.width * this.width
      ];
      return {
        plane, i: Math.min(Math.max(Math.floor(i), 0), this.height - 1),
        j: Math.min(Math.max(Math.floor(j), 0), this.width - 1)
      };
    };
    box.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      this.cursor = at(event);
      this.moved(false);
    });
    box.addEventListener("click", (event) => {
      this.cursor = at(event);
      this.moved(true);
    });
    const caption = this.captions ? element("figcaption", { text: this.captions(plane) }) : null;
    return { frame: element("figure", { class: "frame" }, box, caption), box, content, pixels, image, marks };
  }

  get current() { return this.index(this.cursor.plane, this.cursor.i, this.cursor.j); }

  /** Reports the number under the cursor. */
  moved(isKept) { this.point(this.current, isKept); }

  /** Moves the cursor by rows, columns and planes, within the planes. */
  move(rows, columns, planes = 0) {
    const inside = (value, size) => Math.min(Math.max(value, 0), size - 1);
    const { plane, i, j } = this.cursor;
    this.cursor = {
      plane: inside(plane + planes, this.count), i: inside(i + rows, this.height), j: inside(j + columns, this.width)
    };
    this.moved(true);
  }

  press(event) {
    const moves = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [0, 0, -1], PageDown: [0, 0, 1],
      Home: [0, -this.width], End: [0, this.width], Enter: [0, 0], " ": [0, 0],
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.move(...move);
    if (event.key === "Enter") this.enter();
  }

  /** Draws numbers; `limit` is the one with the full color, by default the largest. */
  update(values, limit) {
    const table = Colors.table(this.palette);
    // Kernels are the same for every image.
    if (this.values === values && this.table === table) return;
    [this.values, this.table] = [values, table];
    if (limit === undefined) {
      limit = 0;
      for (const value of values) limit = Math.max(limit, Math.abs(value));
    }
    this.limit = limit;
    const color = Colors[this.palette], exponent = this.asNumbers ? Numbers.scaleOf(Array.from(values)) : 0;
    this.planes.forEach(({ content, pixels, image }, plane) => {
      const data = image?.data;
      for (let i = 0; i < this.height; i++) {
        for (let j = 0; j < this.width; j++) {
          const value = values[this.index(plane, i, j)] ?? 0, at = i * this.width + j;
          if (image) {
            const color = table[
              255 + Math.round(limit > 0 ? 255 * Math.min(Math.max(value / limit, -1), 1) : 0)
            ] ?? table[255];
            data[4 * at] = color[0];
            data[4 * at + 1] = color[1];
            data[4 * at + 2] = color[2];
          } else {
            const shade = color(value, limit);
            const cell = content.children[at];
            cell.textContent = Numbers.cell(value, exponent);
            cell.className = cell.textContent.length > 3 ? "long" : "";
            cell.style.backgroundColor = Colors.css(shade);
            cell.style.color = Colors.ink(shade);
          }
        }
      }
      if (pixels) pixels.putImageData(image, 0, 0);
    });
  }

  /** Outlines rectangles, [{ plane, top, left, height, width, kind }]; without a plane, in all of them. */
  mark(rectangles) {
    for (const { marks } of this.planes) marks.replaceChildren();
    for (const { plane, top, left, height, width, kind } of rectangles) {
      for (const { marks } of plane === undefined ? this.planes : this.planes.slice(plane, plane + 1)) {
        marks.append(element("div", {
          class: `mark ${kind}`,
          style: {
            top: `${100 * top / this.height}%`, left: `${100 * left / this.width}%`, height: `${100 * height / this.height}%`,
            width: `${100 * width / this.width}%`,
          },
        }));
      }
    }
  }
}
