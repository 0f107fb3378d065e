"use strict";

/** The panel that explains the number that is pointed at. A kept number stays until another one is kept, or Escape. */
class Inspector {
  /** The time for which each window is shown alone, in milliseconds. */
  static windowTime = 450;

  constructor(root, { epsilon = 1e-3 } = {}) {
    this.root = root;
    [
      this.selection, this.view, this.isKept, this.channel, this.revealed, this.epsilon
    ] = [null, null, false, null, Infinity, epsilon];
    this.live = element("p", { class: "away", "aria-live": "polite" });
    this.body = element("div", { class: "explanation", tabindex: "-1" });
    root.append(this.live, this.body);
    this.hint();
  }

  hint() {
    this.body.replaceChildren(
      element("h2", { text: "Point at a number" }),
      element(
        "p",
        { text: "Here you see how a pixel, output, weight or gradient comes about. A click or a tap keeps it. Rows, columns and maps count from 0." }
      ),
      element(
        "p",
        {
          class: "note keys",
          text: "With the keyboard: Tab to a layer, arrow keys to a number, Page Up and Page Down to another map, Enter to its explanation, Escape back."
        }
      ));
  }

  get reducesMotion() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }

  /** Shows a number; a number that is only pointed at does not replace a kept one. */
  select(view, selection, isKept) {
    if (this.isKept && !isKept) return;
    const same = this.selection
      && this.view === view
      && ["kind", "layer", "index"].every((key) => this.selection[key] === selection[key]);
    if (same && this.isKept === isKept) return;
    if (this.view && this.view !== view) this.view.mark(null);
    if (
      !this.selection || this.selection.kind !== selection.kind || this.selection.layer !== selection.layer
    ) this.channel = null;
    this.stop();
    [this.view, this.selection, this.isKept, this.revealed] = [view, selection, isKept, Infinity];
    view.mark(selection);
    this.render();
    this.announce();
  }

  /** Moves the focus here, until the number is released. */
  enter() {
    this.origin = document.activeElement;
    this.body.focus();
  }

  release() {
    if (this.root.contains(document.activeElement)) this.origin?.focus();
    this.isKept = false;
    this.selection = null;
    this.stop();
    this.view?.mark(null);
    this.hint();
  }

  /** Shows the same number again, after the net or the image changed. */
  refresh() {
    if (this.selection) this.render();
  }

  // MARK: - Window by window

  stop() {
    clearInterval(this.timer);
    this.revealed = Infinity;
  }

  /** Shows the windows of an input gradient one after the other. */
  play(n) {
    if (this.reducesMotion) return this.next(n);
    this.stop();
    this.revealed = 0;
    this.timer = setInterval(() => {
      this.revealed += 1;
      if (this.revealed >= n) this.stop();
      this.render();
    }, Inspector.windowTime);
    this.render();
  }

  next(n) {
    clearInterval(this.timer);
    this.revealed = this.revealed >= n ? 1 : this.revealed + 1;
    this.render();
  }

  // MARK: - Elements

  render() {
    const { view, selection } = this, value = view.values(selection.kind, selection.layer)[selection.index];
    const focused = this.body.contains(document.activeElement) ? document.activeElement.textContent : null;
    const state = {
      channel: this.channel, shown: () => this.revealed,
      choose: (channel) => { this.channel = channel; this.stop(); this.render(); },
      play: (n) => this.play(n), next: (n) => this.next(n),
    };
    this.body.replaceChildren(
      element("div", { class: "head" },
        element("h2", { text: view.describe(selection) }),
        element("p", { class: "value", text: Numbers.text(value, 4) }),
        this.isKept ? this.moveButtons() : null),
      ...Explanations.of(view, selection, state).filter(Boolean),
      ...this.editButtons(), ...this.related(), ...this.checkElements());
    // A button that was pressed keeps the focus, although it is a new element.
    if (focused !== null) [...this.body.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
  }

  moveButtons() {
    const planes = this.view.groups[`${this.selection.kind} ${this.selection.layer}`].planes;
    const button = (symbol, name, ...move) => element("button", { type: "button", "aria-label": name, text: symbol, onclick: () => {
      planes.cursor = this.view.groups[`${this.selection.kind} ${this.selection.layer}`].locate(this.selection.index);
      planes.move(...move);
    } });
    return element("div", { class: "moves" },
      button("←", "left", 0, -1), button("↑", "up", -1, 0), button("↓", "down", 1, 0), button("→", "right", 0, 1),
      planes.count > 1 ? [button("−", "previous map", 0, 0, -1), button("+", "next map", 0, 0, 1)] : [],
      element("button", { type: "button", class: "quiet", text: "Release", onclick: () => this.release() }));
  }

  /** Buttons that change a pixel by 1, where the net allows it. */
  editButtons() {
    const { view, selection: { kind, layer, index } } = this;
    if (!view.edit || kind !== "value" || layer >= 0) return [];
    const button = (name, change) => element(
      "button", { type: "button", text: name, onclick: () => view.edit(index, change) }
    );
    return [element("p", { class: "controls" }, button("Pixel − 1", -1), button("Pixel + 1", 1))];
  }

  /** A button that goes from a number to its gradient, or back. */
  related() {
    const { kind, layer, index } = this.selection, pairs = [
      ["value", "gradient"], ["kernel", "kernelGradient"], ["bias", "biasGradient"]
    ];
    const pair = pairs.find((names) => names.includes(kind)), isGradient = pair[1] === kind;
    return [element("p", { class: "controls" }, element("button", {
      type: "button", text: isGradient ? "Show the number itself" : "Show its gradient",
      onclick: () => {
        if (!isGradient) this.view.turn?.("backward");
        this.select(this.view, { kind: pair[isGradient ? 0 : 1], layer, index }, true);
      },
    }))];
  }

  /** The gradient check, for parameters and pixels. */
  checkElements() {
    const { view, selection: { kind, layer, index } } = this;
    const isPixel = layer < 0, name = isPixel
      ? "pixel"
      : kind.startsWith("kernel")
      ? "kernel"
      : kind.startsWith("bias")
      ? "bias"
      : null;
    if (name === null || (isPixel && kind === "value")) return [];
    const target = isPixel ? { pixel: index } : { parameter: view.net.layers[layer][name], index };
    const result = element("div", { class: "result", "aria-live": "polite" });
    const sizes = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
    const choice = element("select", {
      "aria-label": "size of the change", onchange: (event) => { this.epsilon = Number(event.target.value); }
    },
      sizes.map(
        (epsilon) => element(
          "option",
          { value: epsilon, text: `ε = ${epsilon >= 1e-4 ? epsilon : "0.00001"}`, selected: epsilon === this.epsilon }
        )
      ));
    const measure = () => {
      const gradient = isPixel ? view.backward.input[index] : view.backward.parameters[target.parameter][index];
      const { epsilon, above, below, slope } = Arithmetic.check(view.net, view.input, view.label, target, this.epsilon);
      const row = (heading, value, digits) => element(
        "tr", {}, element("th", { scope: "row", text: heading }), element("td", { text: Numbers.text(value, digits) })
      );
      const difference = Math.abs(slope - gradient), isClose = difference <= 1e-4 * Math.max(
        Math.abs(slope), Math.abs(gradient), 1e-6
      );
      result.replaceChildren(
        element("table", { class: "terms" }, element(
          "caption", { text: "The loss with this number changed" }
        ), element("tbody", {},
          row("loss at + ε", above, 9), row("loss at − ε", below, 9), row(
            "their difference / 2ε", slope, 6
          ), row("gradient", gradient, 6))),
        element(
          "p",
          { text: isClose ? "They agree." : "They differ: between + ε and − ε, a ReLU or a maximum switches, or the loss is curved. Try a smaller ε." }
        ));
    };
    return [element("div", { class: "check" },
      element("h3", { text: "Gradient check" }),
      element("p", { text: `Change this ${isPixel ? "pixel" : "parameter"} by ε up and down, and measure the loss.` }),
      element(
        "p", { class: "controls" }, choice, element("button", { type: "button", text: "Measure", onclick: measure })
      ), result)];
  }

  /** Says the number, once it has not changed for a moment. */
  announce() {
    clearTimeout(this.announcement);
    const { view, selection } = this, value = view.values(selection.kind, selection.layer)[selection.index];
    this.announcement = setTimeout(
      () => { this.live.textContent = `${view.describe(selection)}: ${Numbers.text(value, 4)}`; }, 200
    );
  }
}
