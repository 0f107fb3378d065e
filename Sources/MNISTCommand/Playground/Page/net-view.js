"use strict";

/**
 * A net on the page: every layer with its outputs, their gradients, its kernel and its kernel gradient.
 *
 * A selection { kind, layer, index } is one number: an output ("value"), the gradient of the sum before an activation
 * ("gradient"), a weight ("kernel", "bias") or its gradient ("kernelGradient", "biasGradient"). Layer -1 is the image.
 */
class NetView {
  /** The most planes of a layer that are shown. */
  static maxPlanes = 64;

  constructor(root, net, { asNumbers = false, showsBoth = false, select }) {
    Object.assign(this, { root, net, asNumbers, showsBoth, select });
    [this.label, this.groups, this.selection, this.isPending] = [0, {}, null, false];
    const imageLayer = { name: "image", kind: "image", output: net.inputShape };
    root.append(...[imageLayer, ...net.layers].map((layer, index) => this.makeLayer(layer, index - 1)));
    this.observe();
  }

  // MARK: - Elements

  makeLayer(layer, l) {
    const groups = [this.makeValues("value", layer, l), this.makeValues("gradient", layer, l)];
    if (layer.kernel !== undefined) {
      for (const kind of ["kernel", "kernelGradient"]) {
        groups.push(
          element("div", { class: "parameters" }, this.makeKernels(kind, layer, l), this.makeBias(kind, layer, l))
        );
      }
    }
    const title = element("h3", {},
      element("span", { class: "name", text: layer.name }), element(
        "span", { class: "shape", text: layer.output.join(" × ") }
      ),
      element("span", { class: "note", text: NetView.setting(layer) }));
    return element(
      "section", { class: `layer ${layer.kind}`, "aria-label": layer.name }, title,
      element("div", { class: "groups" }, groups)
    );
  }

  /** The settings of a layer in words. */
  static setting(layer) {
    const size = ([height, width]) => `${height} × ${width}`, parts = [];
    if (layer.kind === "convolution") parts.push(`kernels of ${size(layer.window)}`);
    if (layer.kind === "pooling") parts.push(`${layer.mode === "max" ? "maximum" : "mean"} of ${size(layer.window)}`);
    const isTiled = layer.kind === "pooling" && layer.stride.every((step, axis) => step === layer.window[axis]);
    if (layer.stride && !isTiled && layer.stride.some((step) => step !== 1)) parts.push(`stride ${size(layer.stride)}`);
    if (layer.dilation && layer.dilation.some((step) => step !== 1)) parts.push(`dilation ${size(layer.dilation)}`);
    if (layer.before && layer.before.some((pad) => pad !== 0)) parts.push(`padding ${size(layer.before)}`);
    if (layer.groups > 1) parts.push(`${layer.groups} groups`);
    if (layer.kind === "dense") parts.push("every input times a weight");
    if (layer.kind === "flatten") parts.push("in one row");
    if (NetView.activationName(layer)) parts.push(NetView.activationName(layer));
    return parts.join(", ");
  }

  /** The name of a layer's activation; undefined for the identity. */
  static activationName = ({ activation }) => (
    { relu: "ReLU", tanh: "tanh", sigmoid: "sigmoid", softmax: "softmax" }
  )[activation];

  /** A group of planes with a legend; `kind` is that of its selections. */
  makeGroup(kind, l, title, options) {
    const key = `${kind} ${l}`;
    const planes = new Planes({
      ...options, asNumbers: this.asNumbers, name: `${this.nameOf(l)}, ${title}. Arrow keys move, Page Up and Page Down change the plane.`,
      enter: () => this.enter?.(),
      point: (index, isKept) => this.select({ kind, layer: l, index: Math.min(index, options.length - 1) }, isKept),
    });
    // With a text from the beginning, so that nothing moves when the range is known.
    const legend = element("p", { class: "legend", text: title });
    this.groups[key] = { planes, legend, title, kind, layer: l, locate: options.locate, isNear: true };
    return element("div", { class: `group ${kind}` }, legend, planes.element);
  }

  nameOf(l) { return l < 0 ? "image" : this.net.layers[l].name; }

  makeValues(kind, layer, l) {
    const isGradient = kind === "gradient", hasSums = !["identity", undefined].includes(layer.activation);
    const title = isGradient ? (
      hasSums ? `gradient of the ${layer.activation === "softmax" ? "logits" : "sums"}` : "gradient"
    ) : l < 0 ? "pixels" : "outputs";
    return this.makeGroup(
      kind, l, title, { ...this.shapeOptions(layer.output), palette: isGradient ? "signed" : this.valuePalette(layer) }
    );
  }

  /** Gray where no output can be negative. */
  valuePalette(layer) {
    if (["relu", "sigmoid", "softmax"].includes(layer.activation) || layer.kind === "image") return "gray";
    if (layer.kind !== "pooling" && layer.kind !== "flatten") return "signed";
    const before = this.net.layers[this.net.layers.indexOf(layer) - 1];
    return before ? this.valuePalette(before) : "gray";
  }

  /** Planes of an image [height, width, channels], or one plane of a vector in rows. */
  shapeOptions(shape) {
    const length = Arithmetic.count(shape);
    if (shape.length === 3) {
      const [height, width, channels] = shape;
      // Six planes of 5.25 rem, or eight of 3.75, fill a row.
      return {
        height, width, length, count: Math.min(channels, NetView.maxPlanes), size: (channels > 6 ? 3.75 : 5.25) / Math.max(height, width, 4),
        index: (plane, i, j) => (i * width + j) * channels + plane,
        locate: (index) => { const [i, j, plane] = Arithmetic.place(shape, index); return { plane, i, j }; },
      };
    }
    const width = NetView.rowLength(length);
    return {
      height: Math.ceil(length / width), width, length, count: 1, size: length <= 12 ? 1.5 : Math.min(24 / width, 0.6),
      index: (plane, i, j) => i * width + j, locate: (index) => (
        { plane: 0, i: Math.floor(index / width), j: index % width }
      ),
    };
  }

  /** Rows of equal length where a vector allows it. */
  static rowLength(length) {
    if (length <= 12) return length;
    for (let width = Math.min(80, Math.ceil(length / 3)); width >= 10; width--) if (length % width === 0) return width;
    return Math.min(40, length);
  }

  makeKernels(kind, layer, l) {
    const title = kind === "kernel" ? "kernel" : "kernel gradient", shape = this.net.parameters[layer.kernel].shape;
    const length = Arithmetic.count(shape);
    if (shape.length === 2) {
      const [inputs, units] = shape;
      return this.makeGroup(kind, l, `${title}, rows are units`, {
        height: units, width: inputs, length, count: 1, palette: "signed", size: Math.min(25 / inputs, 8 / units, 1.5),
        index: (plane, i, j) => j * units + i, locate: (index) => (
          { plane: 0, i: index % units, j: Math.floor(index / units) }
        ),
      });
    }
    const [height, width, channels, filters] = shape, columns = Math.min(filters, NetView.maxPlanes);
    const many = columns * channels > 12, isWide = channels > 1;
    return this.makeGroup(kind, l, channels > 1 ? `${title}, rows: input maps, columns: output maps` : title, {
      height, width, length, count: columns * channels, columns: isWide
        ? columns
        : undefined, palette: "signed", size: many
        ? 0.375
        : 0.5,
      index: (plane, i, j) => ((i * width + j) * channels + Math.floor(plane / columns)) * filters + plane % columns,
      locate: (index) => {
        const o = index % filters, c = Math.floor(index / filters) % channels, tap = Math.floor(index / filters / channels);
        return { plane: c * columns + o, i: Math.floor(tap / width), j: tap % width };
      },
    });
  }

  makeBias(kind, layer, l) {
    const name = kind === "kernel" ? "bias" : "biasGradient";
    const options = this.shapeOptions(this.net.parameters[layer.bias].shape);
    return this.makeGroup(
      name, l, kind === "kernel" ? "bias" : "bias gradient",
      { ...options, palette: "signed", size: Math.min(options.size, 0.6) }
    );
  }

  // MARK: - Numbers

  /** Sets image and label, and shows everything on the next frame. */
  show(input, label = this.label) {
    [this.input, this.label] = [input, label];
    this.run = Arithmetic.forward(this.net, input);
    this.gradients = null;
    if (this.isPending) return;
    this.isPending = true;
    onNextFrame(() => this.draw());
  }

  /** The gradients, computed when they are needed. */
  get backward() {
    if (this.gradients === null) this.gradients = Arithmetic.backward(this.net, this.run, this.label);
    return this.gradients;
  }

  /** The array that a selection points into. */
  values(kind, l) {
    const layer = this.net.layers[l];
    switch (kind) {
      case "value": return l < 0 ? this.run.input : this.run.layers[l].a;
      case "gradient": return l < 0 ? this.backward.input : this.backward.layers[l].z;
      case "kernel": case "bias": return this.net.parameters[layer[kind]].values;
      default: return this.backward.parameters[layer[kind === "kernelGradient" ? "kernel" : "bias"]];
    }
  }

  get isBackward() { return this.showsBoth || this.root.dataset.direction === "backward"; }

  draw() {
    this.isPending = false;
    for (const group of Object.values(this.groups)) this.drawGroup(group);
    this.drawn?.();
  }

  /** Draws a group of planes, or marks it as stale while it is not on the screen. */
  drawGroup(group) {
    const { kind, layer: l, planes } = group;
    group.isStale = !group.isNear;
    if (group.isStale || (kind.toLowerCase().includes("gradient") && !this.isBackward)) return;
    const isFraction = l < 0 || this.net.layers[l].activation === "softmax";
    planes.update(this.values(kind, l), kind === "value" && isFraction && !this.asNumbers ? 1 : undefined);
    const end = Numbers.text(planes.limit, 3), range = planes.palette === "gray"
      ? `black 0, white ${end}`
      : `blue ${Numbers.text(-planes.limit, 3)}, orange ${end}`;
    const legend = this.asNumbers || planes.limit === 0 ? group.title : `${group.title}, ${range}`;
    // Setting a text costs a layout.
    if (legend !== group.legend.textContent) group.legend.textContent = legend;
  }

  /** Tracks which groups are on the screen or close to it; until the browser says so, all are. */
  observe() {
    const groups = new Map(Object.values(this.groups).map((group) => [group.planes.element, group]));
    const seen = (group, isNear) => {
      group.isNear = isNear;
      if (isNear && group.isStale) this.drawGroup(group);
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) seen(groups.get(target), isIntersecting);
    }, { rootMargin: "50%" });
    for (const target of groups.keys()) observer.observe(target);
    addEventListener("beforeprint", () => groups.forEach((group) => seen(group, true)));
  }

  /** Where a number is, in words. */
  describe({ kind, layer: l, index }) {
    const { i, j, plane } = this.groups[`${kind} ${l}`].locate(index), layer = this.net.layers[l], name = this.nameOf(l);
    const shape = l < 0 ? this.net.inputShape : layer.output;
    const where = shape.length === 1
      ? `${layer?.kind === "dense" ? "unit" : "number"} ${index}`
      : `row ${i}, column ${j}`
      + (shape[2] > 1 ? `, map ${plane}` : "");
    if (kind === "value") return `${name}, ${where}`;
    if (kind === "gradient") return `Gradient of ${NetView.activationName(layer ?? {}) ? "the sum of " : ""}${name}, ${where}`;
    const bias = kind.startsWith("bias"), role = `${bias ? "bias" : "weight"} of ${name}`;
    const of = bias ? `${shape.length === 1 ? "unit" : "filter"} ${index}`
      : layer.kind === "dense" ? `input ${j}, unit ${i}` : `row ${i}, column ${j}, channel ${Math.floor(plane / Math.min(shape[2], NetView.maxPlanes))}, filter ${index % shape[2]}`;
    return `${kind.endsWith("Gradient") ? "Gradient of the " + role : role[0].toUpperCase() + role.slice(1)}, ${of}`;
  }

  // MARK: - Marks

  /** Outlines the selected number and the numbers that it is computed from. */
  mark(selection = this.selection) {
    this.selection = selection;
    const marks = {};
    const add = (key, mark) => { (marks[key] ??= []).push(mark); };
    if (selection) this.collectMarks(selection, add);
    for (const [key, group] of Object.entries(this.groups)) group.planes.mark(marks[key] ?? []);
  }

  collectMarks({ kind, layer: l, index }, add) {
    const cell = (key, at, as) => {
      const { plane, i, j } = this.groups[key].locate(at);
      add(key, { plane, top: i, left: j, height: 1, width: 1, kind: as });
    };
    const whole = (key, plane) => {
      const { height, width } = this.groups[key].planes;
      add(key, { plane, top: 0, left: 0, height, width, kind: "window" });
    };
    cell(`${kind} ${l}`, index, "point");
    const layer = this.net.layers[l];
    if (kind === "value" && l >= 0) {
      const [i, j, o] = Arithmetic.place(layer.output, index), below = `value ${l - 1}`;
      if (layer.kind === "dense") {
        whole(below);
        add(`kernel ${l}`, { plane: 0, top: index, left: 0, height: 1, width: layer.input[0], kind: "window" });
      } else if (layer.window) {
        add(
          below,
          { plane: layer.kind === "pooling" ? o : undefined, ...Arithmetic.windowOf(layer, i, j), kind: "window" }
        );
        if (layer.kind === "convolution") this.kernelPlanes(
          l, (c, filter) => filter === o
        ).forEach((plane) => whole(`kernel ${l}`, plane));
      } else cell(below, index, "window");
    } else if (kind === "gradient" && l + 1 < this.net.layers.length) {
      // Where the gradient of a pooled number goes.
      if (layer?.mode === "max") cell(
        `gradient ${l - 1}`, Arithmetic.outputTerms(this.net, this.run, l, index).place, "window"
      );
      const above = this.net.layers[l + 1], key = `gradient ${l + 1}`;
      if (above.kind === "dense") {
        whole(key);
        add(`kernel ${l + 1}`, { plane: 0, top: 0, left: index, height: above.output[0], width: 1, kind: "window" });
      } else if (above.window) {
        const c = Arithmetic.place(above.input, index)[2], terms = Arithmetic.inputTerms(
          this.net, this.run, this.backward, l + 1, index
        );
        const windows = terms.windows.length === undefined ? terms.windows : NetView.hull(terms.windows);
        if (windows.height > 0) add(
          key, { plane: above.kind === "pooling" ? c : undefined, ...windows, kind: "window" }
        );
        if (above.kind === "convolution") this.kernelPlanes(
          l + 1, (channel) => channel === c
        ).forEach((plane) => whole(`kernel ${l + 1}`, plane));
      } else cell(key, index, "window");
    } else if (kind.startsWith("kernel")) {
      for (const key of ["kernel", "kernelGradient"]) if (key !== kind) cell(`${key} ${l}`, index, "point");
      const { weight } = Arithmetic.weightTerms(this.net, this.run, this.backward, l, index);
      if (layer.kind === "dense") {
        cell(`value ${l - 1}`, weight[0], "window");
        cell(`gradient ${l}`, weight[1], "window");
      } else {
        const [u, v, channel, o] = weight, first = (axis, tap) => tap * layer.dilation[axis] - layer.before[axis];
        add(`value ${l - 1}`, {
          plane: channel, top: first(0, u), left: first(1, v), height: (layer.output[0] - 1) * layer.stride[0] + 1,
          width: (layer.output[1] - 1) * layer.stride[1] + 1, kind: "window",
        });
        whole(`gradient ${l}`, o);
      }
    } else if (kind.startsWith("bias")) {
      if (layer.kind === "dense") cell(`gradient ${l}`, index, "window");
      else whole(`gradient ${l}`, index);
    }
  }

  /** The planes of a convolution's kernel whose channel and filter meet a condition. */
  kernelPlanes(l, meets) {
    const [, , channels, filters] = this.net.parameters[this.net.layers[l].kernel].shape, columns = Math.min(filters, NetView.maxPlanes);
    return Array.from({ length: channels * columns }, (_, plane) => plane).filter(
      (plane) => meets(Math.floor(plane / columns), plane % columns)
    );
  }

  /** The smallest rectangle with all windows. */
  static hull(windows) {
    const rows = windows.map(({ i }) => i), columns = windows.map(({ j }) => j);
    if (windows.length === 0) return { top: 0, left: 0, height: 0, width: 0 };
    const [top, left] = [Math.min(...rows), Math.min(...columns)];
    return { top, left, height: Math.max(...rows) - top + 1, width: Math.max(...columns) - left + 1 };
  }
}
