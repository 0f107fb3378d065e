"use strict";

/** What a number is the sum of, in words, tables and equations. Every function returns the elements to show. */
const Explanations = (() => {
  const { text, factor, sum } = Numbers;
  const paragraph = (...children) => element("p", {}, ...children);
  /** Products stay on one line. */
  const equation = (words) => element("p", { class: "equation", text: words.replaceAll(" · ", "\u00a0·\u00a0") });
  /** A table behind the sign that connects it with the one before it. */
  const after = (sign, table) => element(
    "div", { class: "term" }, element("span", { class: "operator", text: sign }), table
  );
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const activationNames = { relu: "ReLU", tanh: "tanh", sigmoid: "The sigmoid" };

  /** The largest terms of a long sum as a table, and the rest in one row. */
  function largestTerms(caption, headings, terms, most = 8) {
    const sorted = terms.filter(({ product }) => product !== 0).sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const shown = sorted.slice(0, most), rest = sorted.slice(most);
    const row = (cells, heading) => element("tr", {}, cells.map((cell, index) =>
      element(
        index === 0 || heading ? "th" : "td", { scope: heading ? "col" : index === 0 ? "row" : null, text: cell }
      )));
    const zeros = terms.length - sorted.length;
    return element("table", { class: "terms" },
      element(
        "caption",
        { text: caption + (zeros > 0 ? `; ${plural(zeros, "other term")} ${zeros === 1 ? "is" : "are"} 0` : "") }
      ),
      element("thead", {}, row(headings, true)),
      element("tbody", {}, shown.map(
        ({ name, one, other, product }) => row([name, text(one), text(other), text(product)])
      ),
        rest.length > 0 ? row(
          [plural(rest.length, "smaller term"), "", "", text(rest.reduce((total, { product }) => total + product, 0))]
        ) : []));
  }

  /** Buttons that choose one of several channels; each shows the channel's sum. */
  function picker(label, channels, chosen, choose) {
    if (channels.length === 1) return [];
    return [element("div", { class: "picker", role: "group", "aria-label": label },
      channels.map(({ channel, sum: part }) => element("button", {
        type: "button", "aria-pressed": String(channel === chosen), onclick: () => choose(channel),
      }, element("span", { class: "note", text: `${label} ${channel}` }), element("span", { text: text(part) }))))];
  }

  /** The chosen channel, or else the one with the largest sum. */
  function chosenOf(channels, wanted) {
    const found = channels.find(({ channel }) => channel === wanted);
    return found ?? channels.reduce(
      (most, candidate) => (Math.abs(candidate.sum) > Math.abs(most.sum) ? candidate : most), channels[0]
    );
  }

  /** The products of two grids written out, where there are few. */
  function writtenOut(one, other, total) {
    const terms = one.values.map((value, index) => [value, other.values[index]]).filter(([a, b]) => a !== null && b !== null);
    if (terms.length > 9) return null;
    return equation(terms.map(([a, b]) => `${factor(a)} · ${factor(b)}`).join(" + ") + ` = ${text(total)}`);
  }

  function activationLines({ activation, z, a }) {
    if (activation === "identity") return [];
    if (activation === "softmax") return [
      paragraph(`Softmax turns the sums of all units, the logits, into probabilities; this one becomes ${text(a)}.`)
    ];
    if (activation === "relu") return [
      paragraph(z > 0 ? `ReLU keeps a positive sum: ${text(a)}.` : `ReLU replaces a sum that is not positive by 0.`)
    ];
    return [paragraph(`${activationNames[activation]} of ${text(z)} is ${text(a)}.`)];
  }

  // MARK: - Forward

  const forward = {
    convolution(view, { layer: l }, terms, state) {
      const channels = terms.channels, chosen = chosenOf(channels, state.channel);
      const limit = Math.max(...channels.flatMap(({ weights }) => weights.values.map(Math.abs)));
      const below = l > 0 ? view.valuePalette(view.net.layers[l - 1]) : "gray";
      return [
        paragraph(`A window of ${view.net.layers[l].window.join(" × ")} numbers`, channels.length > 1 ? ` in each of ${channels.length} maps below` : " below",
          ", times the kernel of this map, number by number. All products go into one sum."),
        ...picker("map", channels, chosen.channel, (channel) => state.choose(channel)),
        element("div", { class: "grids" },
          numberTable(chosen.input, { caption: "window", palette: below }),
          after("×", numberTable(chosen.weights, { caption: "kernel", limit })),
          after("=", numberTable(chosen.products, { caption: "products" }))),
        writtenOut(chosen.input, chosen.weights, chosen.sum) ?? paragraph(
          `The products${channels.length > 1 ? ` of map ${chosen.channel}` : ""} add up to ${text(chosen.sum)}.`
        ),
        equation(channels.length > 1
          ? `${sum(channels.map((channel) => channel.sum))} + bias ${factor(terms.bias)} = ${text(terms.z)}`
          : `${text(chosen.sum)} + bias ${factor(terms.bias)} = ${text(terms.z)}`),
        ...activationLines(terms),
      ];
    },
    pooling(view, { layer: l }, terms) {
      const isMaximum = terms.mode === "max", { values } = terms.input, exponent = Numbers.scaleOf(values);
      const first = values.indexOf(terms.value), palette = values.some((value) => value < 0) ? "signed" : "gray";
      const [row, column] = isMaximum ? Arithmetic.place(view.net.layers[l].input, terms.place) : [];
      const covered = values.filter((value) => value !== null).length;
      const highlight = (index) => isMaximum && index === first;
      return [
        element("div", { class: "grids" }, numberTable(terms.input, { caption: "window", palette, exponent, highlight })),
        paragraph(isMaximum
          ? `The largest of ${covered} numbers is ${text(terms.value)}, at row ${row}, column ${column}.`
          : `The mean of the ${terms.pixels} numbers that the window covers is ${text(terms.value)}.`),
        isMaximum && terms.ties > 1 ? paragraph(element(
          "strong", { text: `A tie: ${terms.ties} numbers are the largest. ` }
        ),
          "The output is the same. Backward, the first one in reading order gets the gradient.") : null,
      ];
    },
    dense(view, selection, terms) {
      const named = Array.from(
        terms.products, (product, f) => ({ name: String(f), one: terms.inputs[f], other: terms.weights[f], product })
      );
      const total = terms.products.reduce((all, product) => all + product, 0);
      const few = named.length <= 9;
      return [
        paragraph(`All ${named.length} inputs, each times its own weight, and the bias.`),
        few ? equation(
          named.map(({ one, other }) => `${factor(one)} · ${factor(other)}`).join(" + ") + ` = ${text(total)}`
        )
          : largestTerms("The largest products", ["input", "number", "weight", "product"], named),
        equation(`${text(total)} + bias ${factor(terms.bias)} = ${text(terms.z)}`),
        ...(terms.activation === "softmax" ? probabilityLines(view, terms) : activationLines(terms)),
      ];
    },
    flatten(view, selection, terms) {
      if (terms.activation !== "identity") return terms.activation === "softmax"
        ? probabilityLines(view, terms)
        : activationLines(terms);
      const [row, column, map] = terms.from;
      return [
        paragraph(
          `The number at row ${row}, column ${column} of map ${map} below. Rows come first, then columns; the maps of one pixel are neighbors.`
        )
      ];
    },
  };
  forward.activation = forward.flatten;

  function probabilityLines(view, { index }) {
    const { logits, probabilities } = view.run, maximum = Math.max(...logits);
    const total = logits.reduce((all, z) => all + Math.exp(z - maximum), 0);
    return [
      paragraph(
        "The sums of the units are called logits. Softmax: the exponential of each logit, divided by the sum over all classes. The largest logit is subtracted first, so that no exponential overflows."
      ),
      equation(`e^(${text(logits[index])} − ${factor(maximum)}) / ${text(total)} = ${text(probabilities[index])}`),
    ];
  }

  // MARK: - Backward

  const backward = {
    convolution(view, { layer: m }, terms, state) {
      const l = m
        + 1, layer = view.net.layers[l], chosen = chosenOf(terms.channels, state.channel), n = chosen.shares.values.length;
      if (n === 0) return [paragraph("No window reads this number, so the loss does not depend on it.")];
      const isShown = (index) => index < state.shown(n), limit = Math.max(...chosen.weights.values.map(Math.abs));
      const partial = chosen.shares.values.filter((_, index) => isShown(index)).reduce(
        (total, share) => total + share, 0
      );
      const kernel = view.net.parameters[layer.kernel].values, [height, width] = layer.window;
      const c = Arithmetic.place(layer.input, state.index)[2] % (layer.input[2] / layer.groups);
      const stored = {
        height, width,
        values: Array.from(
          { length: height * width },
          (_, tap) => kernel[Arithmetic.weightAt(layer, Math.floor(tap / width), tap % width, c, chosen.channel)]
        )
      };
      const order = new Map(chosen.taps.values.map(([u, v], index) => [u * width + v, index]));
      const isDense = layer.stride.every((step) => step === 1) && n > 1;
      return [
        paragraph(`${plural(n, "window")} of ${layer.name} read${n === 1 ? "s" : ""} this number`, terms.channels.length > 1 ? `, for each of ${terms.channels.length} filters` : "",
          ". Each one multiplied it by another weight of the kernel. So each one's share is the gradient of its sum (before the activation) times that weight, and the shares add up."),
        ...picker("filter", terms.channels, chosen.channel, (channel) => state.choose(channel)),
        element("div", { class: "grids" },
          numberTable(
            chosen.gradients,
            {
              caption: "gradients of the windows' sums",
              highlight: (index) => index === state.shown(n) - 1 && state.shown(n) < n
            }
          ),
          after("×", numberTable(chosen.weights, { caption: "weight that each used", limit, shown: isShown })),
          after("=", numberTable(chosen.shares, { caption: "shares", shown: isShown }))),
        n > 1 ? element("p", { class: "controls" },
          element("button", { type: "button", text: "Window by window", onclick: () => state.play(n) }),
          element("button", { type: "button", text: "Next window", onclick: () => state.next(n) })) : null,
        n <= 9 ? equation(chosen.shares.values.map((_, index) => index).filter(isShown)
          .map(
            (index) => `${factor(chosen.gradients.values[index])} · ${factor(chosen.weights.values[index])}`
          ).join(" + ") + ` = ${text(partial)}`) : paragraph(
            `The shares of filter ${chosen.channel} add up to ${text(partial)}.`
          ),
        isDense ? element("div", { class: "grids" },
          numberTable(
            stored,
            {
              caption: "kernel as stored", limit,
              highlight: (tap) => order.get(tap) === state.shown(n) - 1 && state.shown(n) < n
            }
          ),
          numberTable(stored, {
            caption: "number of the window that used it", limit, shown: (tap) => order.has(tap)
              && isShown(order.get(tap)), cellText: (tap) => String(order.get(tap) + 1),
          })) : null,
        isDense ? paragraph(element(
          "strong", { text: "The rotation. " }
        ), "A window further on has this number earlier in it. So the first window here used the latest of these weights, and the last window the earliest. ",
          "In the order of the windows, the weights are the kernel rotated by 180 degrees.") : null,
        terms.channels.length > 1 ? equation(
          `${sum(terms.channels.map((channel) => channel.sum))} = ${text(terms.total)}`
        ) : null,
      ];
    },
    pooling(view, selection, terms) {
      return [
        ...terms.windows.map((window) => paragraph(...poolingShare(window, terms.mode))),
        terms.windows.length > 1 ? paragraph(
          `The windows overlap here, so their shares add up: ${sum(terms.windows.map(({ share }) => share))} = ${text(terms.total)}.`
        ) : null,
        terms.windows.length === 0 ? paragraph(
          "No window reads this number, so the loss does not depend on it."
        ) : null,
      ];
    },
    dense(view, { layer: m }, terms) {
      const named = Array.from(
        terms.products, (product, o) => ({ name: String(o), one: terms.gradients[o], other: terms.weights[o], product })
      );
      return [
        paragraph(
          `Each of the ${named.length} units of ${view.net.layers[m + 1].name} multiplied this number by a weight. Its share is the gradient of the unit's sum times that weight.`
        ),
        named.length <= 9 ? equation(
          named.map(({ one, other }) => `${factor(one)} · ${factor(other)}`).join(" + ") + ` = ${text(terms.total)}`
        )
          : largestTerms("The largest shares", ["unit", "gradient", "weight", "share"], named),
        named.length > 9 ? equation(`all shares = ${text(terms.total)}`) : null,
      ];
    },
    flatten(view, { layer: m }, terms) {
      return [
        paragraph(
          `${view.net.layers[m + 1].name} only passes this number on, so the gradient is the same: ${text(terms.total)}.`
        )
      ];
    },
  };
  backward.activation = backward.flatten;

  function poolingShare({ i, j, gradient, maximum, isPlace, isTied, ties, share, pixels }, mode) {
    const window = `The window of output row ${i}, column ${j} has the gradient ${text(gradient)}. `;
    if (mode === "average") return [window + `Each of its ${pixels} numbers gets an equal part: ${text(share)}.`];
    if (isPlace) {
      const tie = ties > 1
        ? `${ties} numbers of the window are equally large. This one is the first in reading order, so it gets all of the gradient (another possible rule gives the whole gradient to every tied number; this net does not use it).`
        : "This number is its maximum and gets all of the gradient.";
      return [window, ties > 1 ? element("strong", { text: "A tie: " }) : "", tie];
    }
    if (isTied) return [
      window, element("strong", { text: "A tie: " }),
      "this number equals the maximum, but another one comes first in reading order and gets the gradient. This one gets 0. Another possible rule gives the whole gradient to every tied number; this net does not use it."
    ];
    return [
      window + `Its maximum is ${text(maximum)}, elsewhere. A small change of this number does not change it: 0.`
    ];
  }

  /** From the gradient of an output to that of its sum. */
  function slopeLines(view, { layer: m, index }) {
    if (m < 0) return [];
    const { activation } = view.net.layers[m], a = view.run.layers[m].a[index], gz = view.backward.layers[m].z[index], ga = view.backward.layers[m].a[index];
    if (activation === "identity") return [];
    if (activation === "relu") {
      return [paragraph(a > 0 ? `The output ${text(a)} is positive, so ReLU passes the gradient on: ${text(gz)}.`
        : `The output is 0: ReLU stops the gradient ${text(ga)} here. The gradient of the sum is 0.`)];
    }
    return [equation(`${text(ga)} · slope ${text(gz / ga)} = ${text(gz)}`)];
  }

  /** Where the gradient of a pooled number goes. */
  function onwardLines(view, { layer: m, index }) {
    const layer = view.net.layers[m];
    if (m < 0 || layer.kind !== "pooling") return [];
    const terms = Arithmetic.outputTerms(view.net, view.run, m, index), gradient = view.backward.layers[m].z[index];
    if (layer.mode === "average") return [
      paragraph(
        `From here, each of the ${terms.pixels} numbers of the window gets an equal part: ${text(gradient / terms.pixels)}.`
      )
    ];
    const [row, column] = Arithmetic.place(layer.input, terms.place), below = m > 0
      ? view.net.layers[m - 1].name
      : "the image";
    return [
      paragraph(
        `From here, all of it goes to the maximum of the window, at row ${row}, column ${column} of ${below}; the other numbers of the window get 0.`
      ),
      terms.ties > 1 ? paragraph(
        element("strong", { text: `A tie: ${terms.ties} numbers are equally large. ` }),
        "The first one in reading order gets the gradient. Another possible rule gives the whole gradient to every tied number; this net does not use it."
      ) : null,
    ];
  }

  function lossGradient(view, { layer: m, index }) {
    const p = view.run.probabilities[index], y = index === view.label ? 1 : 0;
    return [
      paragraph(`The loss is −log p[${view.label}], with p the softmax of the logits. Its gradient with respect to a logit is the probability minus the label: `,
        `y is 1 for the label and 0 for the other classes.`),
      // As many decimals on both sides, so that the difference can be checked.
      equation(
        `p − y = ${p.toFixed(5)} − ${y} = ${Math.abs(p - y) < 1e-4 ? text(p - y) : (p - y).toFixed(5).replace("-", "−")}`
      ),
      paragraph(
        y === 1
          ? "Negative: a larger logit of the label lowers the loss."
          : "Positive: a larger logit of another class raises the loss."
      ),
    ];
  }

  // MARK: - Parameters

  function weight(view, selection, state) {
    const { layer: l, index } = selection, layer = view.net.layers[l], isGradient = selection.kind === "kernelGradient";
    const terms = Arithmetic.weightTerms(view.net, view.run, view.backward, l, index);
    if (terms.kind === "dense") {
      return [
        paragraph(
          `This weight multiplies input ${terms.weight[0]} in the sum of unit ${terms.weight[1]}, and nowhere else. Its gradient has one product: the input times the gradient of the unit's sum.`
        ),
        equation(`${text(terms.input)} · ${factor(terms.gradient)} = ${text(terms.total)}`),
      ];
    }
    const n = terms.products.values.length, [u, v] = terms.weight, position = (k) => `${Math.floor(k / layer.output[1])}, ${k % layer.output[1]}`;
    const named = terms.products.values.map(
      (product, k) => (
        { name: position(k), one: terms.input.values[k], other: terms.gradients.values[k], product: product ?? 0 }
      )
    );
    return [
      paragraph(
        `The same weight is used in all ${n} windows, each time with the number at row ${u}, column ${v} of the window. So its gradient is a sum over all windows: that number times the gradient of the window's sum, before the activation.`
      ),
      n <= 36 ? element("div", { class: "grids" },
        numberTable(terms.input, { caption: "number under the weight", palette: "gray" }), after(
          "×", numberTable(terms.gradients, { caption: "gradients of the sums" })
        ), after("=", numberTable(terms.products, { caption: "products" }))) : null,
      n <= 36 ? equation(sum(terms.products.values.filter((product) => product)) + ` = ${text(terms.total)}`)
        : largestTerms("The largest products", ["window", "number", "gradient", "product"], named),
      n > 36 ? equation(`all products = ${text(terms.total)}`) : null,
    ];
  }

  function bias(view, { layer: l, index }) {
    const terms = Arithmetic.biasTerms(view.net, view.backward, l, index), n = terms.gradients.values.length;
    const alive = terms.gradients.values.filter((gradient) => gradient !== 0);
    return [
      paragraph(
        n === 1
          ? "The bias is added to this unit's sum, with factor 1: its gradient is that of the sum."
          : `The bias is added to all ${n} sums of this map, with factor 1: its gradient is the sum of their gradients.`
      ),
      n > 1 && n <= 36 ? element(
        "div", { class: "grids" }, numberTable(terms.gradients, { caption: "gradients of the sums" })
      ) : null,
      equation(
        alive.length > 0
          && alive.length <= 9
          ? `${sum(alive)} = ${text(terms.total)}`
          : `the sum of ${plural(alive.length, "gradient")} that ${alive.length === 1 ? "is" : "are"} not 0 = ${text(terms.total)}`
      ),
    ];
  }

  /** The explanation of a selection; `state` holds the chosen channel and the number of windows shown. */
  function of(view, selection, state) {
    const { kind, layer: l, index } = selection;
    state.index = index;
    if (kind === "value") {
      const range = view.edit
        ? "a number from 0 to 9 that the buttons change"
        : "0 is the background, 1 the strongest ink";
      if (l < 0) return [
        paragraph(`A pixel of the image: ${range}. All other numbers follow from the pixels and the parameters.`)
      ];
      return forward[view.net.layers[l].kind](
        view, selection, Arithmetic.outputTerms(view.net, view.run, l, index), state
      );
    }
    if (kind === "gradient") {
      if (l === view.net.layers.length - 1) return lossGradient(view, selection);
      const terms = Arithmetic.inputTerms(view.net, view.run, view.backward, l + 1, index);
      return [
        ...backward[view.net.layers[l + 1].kind](view, selection, terms, state), ...slopeLines(view, selection),
        ...onwardLines(view, selection)
      ];
    }
    return kind.startsWith("kernel") ? weight(view, selection, state) : bias(view, selection);
  }

  return { of };
})();
