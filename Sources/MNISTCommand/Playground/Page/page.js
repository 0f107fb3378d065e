"use strict";

/** Builds the page from its data: two tabs, each with controls, a net and the explanation of one number. */
const Page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

  /** A button for each direction; the tab's net shows what belongs to it. */
  function directionButtons(turn) {
    const buttons = ["forward", "backward"].map((direction) => element("button", {
      type: "button", "aria-pressed": "false", text: direction === "forward"
        ? "Forward"
        : "Backward", onclick: () => turn(direction),
    }));
    const show = (direction) => buttons.forEach(
      (button, index) => button.setAttribute("aria-pressed", String(["forward", "backward"][index] === direction))
    );
    return { element: element("div", { class: "toggle", role: "group", "aria-label": "Direction" }, buttons), show };
  }

  /** The frame of a tab, and its inspector. */
  function makeTab(panel) {
    const controls = element("div", { class: "side" }), net = element(
      "div", { class: "net", "data-direction": "forward" }
    ), toolbar = element("div", { class: "toolbar" });
    const aside = element("aside", { class: "inspector", "aria-label": "Explanation" });
    panel.append(
      element("div", { class: "columns" }, controls, element("div", { class: "middle" }, toolbar, net), aside)
    );
    return { controls, net, toolbar, inspector: new Inspector(aside) };
  }

  // MARK: - The drawn digit

  function startDigit(panel) {
    const tab = makeTab(panel), net = Arithmetic.decode(data.model), names = data.model.classNames;
    const view = new NetView(
      tab.net, net, { select: (selection, isKept) => tab.inspector.select(view, selection, isKept) }
    );
    const lossText = element("p", { class: "loss" }), message = element("p", { class: "note", role: "status" });
    const pixels = (bytes) => Float64Array.from(
      bytes ?? new Uint8Array(Normalizer.side ** 2), (byte) => Math.fround(byte / data.model.pixelDivisor)
    );
    const toggle = directionButtons((direction) => view.turn(direction));
    tab.toolbar.append(toggle.element, lossText);

    const refresh = () => {
      lossText.textContent = `loss for the label ${names[view.label]}: −log p[${names[view.label]}] = ${Numbers.text(Arithmetic.loss(view.run, view.label), 4)}`;
      classes.show(view.run.probabilities, view.label, steps.before);
    };
    view.turn = (direction) => {
      tab.net.dataset.direction = direction;
      toggle.show(direction);
      const { selection } = view, belongs = selection
        && (direction === "backward") === selection.kind.toLowerCase().includes("gradient");
      if (selection && !belongs && !tab.inspector.isKept) tab.inspector.release();
      view.draw();
    };
    view.enter = () => tab.inspector.enter();
    view.drawn = () => { refresh(); tab.inspector.refresh(); };
    const show = (bytes, label) => {
      message.textContent = "";
      view.show(pixels(bytes), label ?? view.label);
      examples.forEach((button) => button.setAttribute("aria-pressed", "false"));
    };
    const pad = new DrawingPad(tab.controls, (bytes) => show(bytes));
    pad.message = (text) => { message.textContent = text; };
    const file = element(
      "input",
      {
        type: "file", accept: "image/*", class: "away",
        onchange: (event) => { if (event.target.files[0]) pad.read(event.target.files[0]); event.target.value = ""; }
      }
    );
    const examples = data.images.map(({ label, index, pixels: base64 }) => {
      const bytes = bytesOf(base64), picture = element(
        "canvas", { width: 28, height: 28 }
      ), context = picture.getContext("2d"), image = context.createImageData(28, 28);
      bytes.forEach((byte, pixel) => image.data.set([byte, byte, byte, 255], 4 * pixel));
      context.putImageData(image, 0, 0);
      const button = element("button", { type: "button", class: "example", "aria-pressed": "false", "aria-label": `Test image ${index}: ${names[label]}`, onclick: () => {
        pad.showBytes(bytes);
        show(bytes, label);
        button.setAttribute("aria-pressed", "true");
      } }, picture);
      return button;
    });
    tab.controls.append(
      element(
        "p", { class: "controls" }, element("button", { type: "button", text: "Clear", onclick: () => pad.clear() }),
        element("label", { class: "button" }, "Open a picture", file)
      ),
      message, element("div", { class: "examples", role: "group", "aria-label": "Test images" }, examples));
    const classes = new ClassList(
      tab.controls, names, { group: "label", choose: (label) => view.show(view.input, label) }
    );
    const steps = new StepPanel(tab.controls, view, { names, rate: 0.01 });
    toggle.show("forward");
    // The example with the largest loss has the largest gradients to look at.
    const losses = data.images.map(
      ({ label, pixels: base64 }) => Arithmetic.loss(Arithmetic.forward(net, pixels(bytesOf(base64))), label)
    );
    if (examples.length > 0) examples[losses.indexOf(Math.max(...losses))].click();
    else show(null);
    return { view, inspector: tab.inspector };
  }

  // MARK: - The small net

  function startSmall(panel) {
    const tab = makeTab(panel), net = Arithmetic.decode(data.small.net), names = data.small.net.classNames;
    const view = new NetView(
      tab.net, net,
      { asNumbers: true, showsBoth: true, select: (selection, isKept) => tab.inspector.select(view, selection, isKept) }
    );
    const image = Float64Array.from(data.small.image), tourRoot = element("div");
    tab.controls.append(tourRoot);
    const refresh = () => classes.show(view.run.probabilities, view.label, steps.before);
    view.enter = () => tab.inspector.enter();
    view.drawn = () => { refresh(); tab.inspector.refresh(); };
    /** Changes a pixel of the image by an amount, within 0...9. */
    view.edit = (index, change) => view.show(
      view.input.map((pixel, at) => (at === index ? Math.min(Math.max(pixel + change, 0), 9) : pixel))
    );
    const classes = new ClassList(
      tab.controls, names, { group: "small-label", choose: (label) => view.show(view.input, label) }
    );
    const steps = new StepPanel(tab.controls, view, { names, rate: 0.1 });
    const reset = () => {
      [view.net, steps.history, steps.last] = [net, [], null];
      steps.result.replaceChildren();
      steps.finish();
      view.show(image, 0);
    };
    tab.toolbar.append(
      element("p", { class: "note", text: "Each number forward and, beside it, the gradient of the loss." }),
      element("button", { type: "button", text: "Reset", onclick: reset })
    );
    view.show(image, 0);
    const tour = new Tour(tourRoot, { view, inspector: tab.inspector, reset });
    return { view, inspector: tab.inspector, tour };
  }

  // MARK: - Tabs

  function start() {
    const app = document.getElementById("app"), still = document.getElementById("still");
    const tabs = [
      { id: "digit", name: "A drawn digit", start: startDigit },
      { id: "small", name: "A small net, in integers", start: startSmall }
    ];
    const buttons = tabs.map(
      ({ id, name }) => element(
        "button",
        { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": id, text: name, onclick: () => open(id) }
      )
    );
    const panels = tabs.map(
      ({ id }) => element("section", { id, role: "tabpanel", "aria-labelledby": `tab-${id}`, hidden: true })
    );
    const started = {};

    function open(id, stop) {
      tabs.forEach((tab, index) => {
        const isOpen = tab.id === id;
        panels[index].hidden = !isOpen;
        buttons[index].setAttribute("aria-selected", String(isOpen));
        buttons[index].tabIndex = isOpen ? 0 : -1;
        if (isOpen) started[id] ??= tab.start(panels[index]);
      });
      if (stop !== undefined) started[id].tour?.open(stop);
      return started[id];
    }

    const list = element("div", { class: "tabs", role: "tablist", "aria-label": "Nets", onkeydown: (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      open(tabs[next].id);
      buttons[next].focus();
    } }, buttons);
    app.replaceChildren(list, ...panels);
    app.hidden = false;
    still.hidden = true;

    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") Object.values(started).forEach(({ inspector }) => inspector.release());
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      Colors.refresh();
      Object.values(started).forEach(({ view }) => view.draw());
    });
    const follow = () => {
      const [, id, stop] = location.hash.match(/^#(digit|small)(?:-(\d))?$/) ?? [null, "digit"];
      open(id, stop === undefined ? undefined : Number(stop) - 1);
    };
    addEventListener("hashchange", follow);
    follow();
  }

  return { start };
})();

Page.start();
