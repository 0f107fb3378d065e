"use strict";

/** The classes with their probabilities; the chosen one is the label. */
class ClassList {
  constructor(root, names, { choose, group }) {
    this.rows = names.map((name, index) => {
      const radio = element("input", { type: "radio", name: group, value: index, onchange: () => choose(index) });
      const bar = element(
        "span", { class: "bar" }, element("span", { class: "fill" }), element("span", { class: "before" })
      );
      const percent = element("span", { class: "percent" });
      return {
        radio, bar, percent,
        row: element("label", { class: "class" }, radio, element("span", { class: "name", text: name }), bar, percent)
      };
    });
    root.append(
      element(
        "fieldset", { class: "classes" }, element("legend", { text: "Probabilities; select the true class" }),
        this.rows.map(({ row }) => row)
      )
    );
  }

  /** Shows probabilities, and those before the last step as marks. */
  show(probabilities, label, before) {
    const largest = Math.max(...probabilities);
    this.rows.forEach(({ radio, bar, percent, row }, index) => {
      radio.checked = index === label;
      bar.style.setProperty("--fraction", `${100 * probabilities[index]}%`);
      bar.style.setProperty("--before", before ? `${100 * before[index]}%` : "0%");
      bar.classList.toggle("compared", Boolean(before));
      percent.textContent = Numbers.percent(probabilities[index]);
      row.classList.toggle("largest", probabilities[index] === largest);
    });
  }
}

/** One step of gradient descent on the image, side by side with the numbers before it, and its undoing. */
class StepPanel {
  constructor(root, view, { names, rate }) {
    Object.assign(this, { view, names, history: [] });
    this.rate = element(
      "input",
      { type: "number", value: rate, min: "0", step: "any", inputmode: "decimal", "aria-label": "learning rate" }
    );
    this.stepButton = element("button", { type: "button", class: "primary", text: "Step", onclick: () => this.step() });
    this.undoButton = element("button", { type: "button", text: "Undo", disabled: true, onclick: () => this.undo() });
    this.result = element("div", { class: "result", "aria-live": "polite" });
    root.append(element("section", { class: "panel" },
      element("h2", { text: "One step" }),
      element("p", { class: "note", text: "Each parameter minus the rate times its gradient, for this image alone." }),
      element(
        "p", { class: "controls" }, element("label", { class: "field" }, "learning rate ", this.rate), this.stepButton,
        this.undoButton
      ), this.result));
  }

  /** The probabilities before the last step, if the image and the label are the same. */
  get before() { return this.last?.input === this.view.input && this.last?.label === this.view.label ? this.last.run.probabilities : null; }

  step() {
    const rate = Number(this.rate.value), { view } = this;
    if (!(rate > 0) || !Number.isFinite(rate)) {
      this.result.replaceChildren(element("p", { text: "The learning rate must be a number above 0." }));
      return;
    }
    const gradients = view.backward;
    this.history.push(view.net);
    this.last = { input: view.input, label: view.label, run: view.run, loss: gradients.loss };
    const squares = gradients.parameters.reduce(
      (total, values) => total + values.reduce((all, g) => all + g * g, 0), 0
    );
    view.net = Arithmetic.step(view.net, gradients, rate);
    view.show(view.input);
    const { run } = view, loss = Arithmetic.loss(run, view.label), { text, percent } = Numbers;
    const best = (probabilities) => this.names[probabilities.indexOf(Math.max(...probabilities))];
    const row = (name, ...cells) => element(
      "tr", {}, element("th", { scope: "row", text: name }), cells.map((cell) => element("td", { text: cell }))
    );
    this.result.replaceChildren(element("table", { class: "terms" },
      element(
        "thead", {},
        element("tr", {}, ["", "before", "after"].map((name) => element("th", { scope: "col", text: name })))
      ),
      element("tbody", {},
        row("loss", text(gradients.loss, 4), text(loss, 4)),
        row(
          `p[${this.names[view.label]}]`, percent(this.last.run.probabilities[view.label]),
          percent(run.probabilities[view.label])
        ),
        row("prediction", best(this.last.run.probabilities), best(run.probabilities)))),
    element(
      "p",
      {
        class: "note",
        text: `The loss changed by ${text(loss - gradients.loss)}. For a small step, −rate × the sum of all squared gradients = ${text(-rate * squares)}. Marks in the bars: before the step.`
      }
    ));
    this.result.scrollIntoView({ block: "nearest" });
    this.finish();
  }

  undo() {
    this.view.net = this.history.pop();
    this.last = null;
    this.view.show(this.view.input);
    this.result.replaceChildren(
      element(
        "p",
        { text: this.history.length > 0 ? "The last step is undone." : "All steps are undone: the parameters are those of the model file." }
      )
    );
    this.finish();
  }

  finish() {
    this.undoButton.disabled = this.history.length === 0;
    this.undoButton.textContent = this.history.length > 1 ? `Undo (${this.history.length})` : "Undo";
  }
}
