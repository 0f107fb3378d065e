"use strict";

/**
 * The arithmetic of the playground: forward and backward through a net for one image, in 64-bit floating point, and the
 * terms of every sum. Nothing here knows the page.
 *
 * Arrays are flat and row-major: images [height, width, channels], kernels [height, width, channels / groups, filters],
 * dense kernels [inputs, units]. A layer has the members
 *
 *     kind, name          "convolution", "pooling", "flatten", "dense" or "activation"; the layer's name
 *     input, output       shapes [height, width, channels] or [features]
 *     kernel, bias        indices of its parameters
 *     window, stride, dilation, before     [height, width] each; `before` is the padding at the top and on the left
 *     groups, mode        of a convolution; "max" or "average"
 *     activation          "identity", "relu", "tanh", "sigmoid" or, at the end of the net, "softmax"
 */
const Arithmetic = (() => {
  const count = (shape) => shape.reduce((product, size) => product * size, 1);

  /** The function of each activation, and its slope computed from the output. */
  const activations = {
    identity: { value: (z) => z, slope: () => 1 },
    relu: { value: (z) => (z > 0 ? z : 0), slope: (a) => (a > 0 ? 1 : 0) },
    tanh: { value: Math.tanh, slope: (a) => 1 - a * a },
    sigmoid: { value: (z) => 1 / (1 + Math.exp(-z)), slope: (a) => a * (1 - a) },
  };

  /** Probabilities [classes] from logits [classes]; subtracting the maximum keeps the exponentials finite. */
  function softmax(logits) {
    const maximum = Math.max(...logits);
    const exponentials = logits.map((z) => Math.exp(z - maximum));
    const sum = exponentials.reduce((total, e) => total + e, 0);
    return exponentials.map((e) => e / sum);
  }

  // MARK: - Windows

  /**
   * Calls `body(y, x, u, v)` with each pixel of the window of output (i, j) that lies inside the image, and its tap.
   *
   *     y = i * stride - before + u * dilation
   */
  function forEachTap(layer, i, j, body) {
    const [height, width] = layer.input;
    const [top, left] = [i * layer.stride[0] - layer.before[0], j * layer.stride[1] - layer.before[1]];
    for (let u = 0; u < layer.window[0]; u++) {
      const y = top + u * layer.dilation[0];
      if (y < 0 || y >= height) continue;
      for (let v = 0; v < layer.window[1]; v++) {
        const x = left + v * layer.dilation[1];
        if (x >= 0 && x < width) body(y, x, u, v);
      }
    }
  }

  /** The windows along one axis that read position p: [{ window, tap }], in the order of the windows. */
  function uses(layer, axis, p) {
    const found = [];
    for (let window = 0; window < layer.output[axis]; window++) {
      const offset = p + layer.before[axis] - window * layer.stride[axis];
      const tap = offset / layer.dilation[axis];
      if (Number.isInteger(tap) && tap >= 0 && tap < layer.window[axis]) found.push({ window, tap });
    }
    return found;
  }

  /** The part of an image that the window of output (i, j) spans; it may reach beyond the image. */
  function windowOf(layer, i, j) {
    return {
      top: i * layer.stride[0] - layer.before[0], left: j * layer.stride[1] - layer.before[1],
      height: (layer.window[0] - 1) * layer.dilation[0] + 1, width: (layer.window[1] - 1) * layer.dilation[1] + 1,
    };
  }

  /** Index of [row, column, channel] in an image of a shape; a vector is one pixel with many channels. */
  function at(shape, y, x, c) {
    return shape.length === 1 ? c : (y * shape[1] + x) * shape[2] + c;
  }

  /** The [row, column, channel] of a flat index. */
  function place(shape, index) {
    if (shape.length === 1) return [0, 0, index];
    const pixel = Math.floor(index / shape[2]);
    return [Math.floor(pixel / shape[1]), pixel % shape[1], index % shape[2]];
  }

  /** Index of a weight [u, v, channel of the group, filter]. */
  const weightAt = (layer, u, v, c, o) =>
    ((u * layer.window[1] + v) * (layer.input[2] / layer.groups) + c) * layer.output[2] + o;

  /** The first input channel of the group of a filter, and the number of channels of a group. */
  function groupOf(layer, o) {
    const size = layer.input[2] / layer.groups;
    return [Math.floor(o / (layer.output[2] / layer.groups)) * size, size];
  }

  // MARK: - Layers

  /** The largest value of a window in one channel, the index of the first one, and the number of equal ones. */
  function maximumOf(layer, input, i, j, c) {
    let [value, index, ties] = [-Infinity, -1, 0];
    forEachTap(layer, i, j, (y, x) => {
      const candidate = input[at(layer.input, y, x, c)];
      if (candidate > value) [value, index, ties] = [candidate, at(layer.input, y, x, c), 1];
      else if (candidate === value) ties += 1;
    });
    return { value, index, ties };
  }

  /** The number of pixels of the image that a window covers: the divisor of an average. */
  function covered(layer, i, j) {
    let pixels = 0;
    forEachTap(layer, i, j, () => { pixels += 1; });
    return pixels;
  }

  function forEachOutput(layer, body) {
    for (let i = 0; i < layer.output[0]; i++) {
      for (let j = 0; j < layer.output[1]; j++) body(i, j);
    }
  }

  /**
   * For each kind of layer:
   *
   *     forward(net, layer, input)                    the sums z, before the activation
   *     backward(net, layer, input, gz, gx, into)     adds to the input gradient gx; returns nothing
   *                                                   and adds to the parameter gradients into[index]
   */
  const kinds = {
    convolution: {
      forward(net, layer, input) {
        const z = new Float64Array(count(layer.output));
        const kernel = net.parameters[layer.kernel].values, bias = net.parameters[layer.bias].values;
        const filters = layer.output[2], perGroup = filters / layer.groups, size = layer.input[2] / layer.groups;
        forEachOutput(layer, (i, j) => {
          const target = at(layer.output, i, j, 0);
          forEachTap(layer, i, j, (y, x, u, v) => {
            for (let c = 0; c < layer.input[2]; c++) {
              const value = input[at(layer.input, y, x, c)];
              if (value === 0) continue;
              const group = Math.floor(c / size), start = weightAt(layer, u, v, c % size, 0);
              for (let o = group * perGroup; o < (group + 1) * perGroup; o++) z[target + o] += value * kernel[start + o];
            }
          });
          for (let o = 0; o < filters; o++) z[target + o] += bias[o];
        });
        return z;
      },
      backward(net, layer, input, gz, gx, into) {
        const kernel = net.parameters[layer.kernel].values;
        const kernelGradient = into[layer.kernel], biasGradient = into[layer.bias];
        const filters = layer.output[2], perGroup = filters / layer.groups, size = layer.input[2] / layer.groups;
        forEachOutput(layer, (i, j) => {
          const source = at(layer.output, i, j, 0);
          let isZero = true;
          for (let o = 0; o < filters; o++) {
            if (gz[source + o] !== 0) isZero = false;
            biasGradient[o] += gz[source + o];
          }
          if (isZero) return;
          forEachTap(layer, i, j, (y, x, u, v) => {
            for (let c = 0; c < layer.input[2]; c++) {
              const index = at(layer.input, y, x, c), value = input[index];
              const group = Math.floor(c / size), start = weightAt(layer, u, v, c % size, 0);
              let sum = 0;
              for (let o = group * perGroup; o < (group + 1) * perGroup; o++) {
                const gradient = gz[source + o];
                sum += gradient * kernel[start + o];
                kernelGradient[start + o] += gradient * value;
              }
              gx[index] += sum;
            }
          });
        });
      },
    },
    pooling: {
      forward(net, layer, input) {
        const z = new Float64Array(count(layer.output));
        forEachOutput(layer, (i, j) => {
          for (let c = 0; c < layer.output[2]; c++) {
            let value = 0;
            if (layer.mode === "max") value = maximumOf(layer, input, i, j, c).value;
            else {
              forEachTap(layer, i, j, (y, x) => { value += input[at(layer.input, y, x, c)]; });
              value /= covered(layer, i, j);
            }
            z[at(layer.output, i, j, c)] = value;
          }
        });
        return z;
      },
      backward(net, layer, input, gz, gx) {
        forEachOutput(layer, (i, j) => {
          for (let c = 0; c < layer.output[2]; c++) {
            const gradient = gz[at(layer.output, i, j, c)];
            if (gradient === 0) continue;
            if (layer.mode === "max") gx[maximumOf(layer, input, i, j, c).index] += gradient;
            else {
              const share = gradient / covered(layer, i, j);
              forEachTap(layer, i, j, (y, x) => { gx[at(layer.input, y, x, c)] += share; });
            }
          }
        });
      },
    },
    dense: {
      forward(net, layer, input) {
        const z = Float64Array.from(net.parameters[layer.bias].values);
        const kernel = net.parameters[layer.kernel].values, units = z.length;
        for (let f = 0; f < input.length; f++) {
          const value = input[f];
          if (value === 0) continue;
          for (let o = 0; o < units; o++) z[o] += value * kernel[f * units + o];
        }
        return z;
      },
      backward(net, layer, input, gz, gx, into) {
        const kernel = net.parameters[layer.kernel].values, kernelGradient = into[layer.kernel];
        const biasGradient = into[layer.bias], units = gz.length;
        for (let o = 0; o < units; o++) biasGradient[o] += gz[o];
        for (let f = 0; f < input.length; f++) {
          const value = input[f];
          let sum = 0;
          for (let o = 0; o < units; o++) {
            sum += gz[o] * kernel[f * units + o];
            kernelGradient[f * units + o] += gz[o] * value;
          }
          gx[f] += sum;
        }
      },
    },
    flatten: {
      forward: (net, layer, input) => Float64Array.from(input),
      backward(net, layer, input, gz, gx) { for (let f = 0; f < gz.length; f++) gx[f] += gz[f]; },
    },
  };
  kinds.activation = kinds.flatten;

  // MARK: - The whole net

  /** A net from its JSON form, in which the values of parameters are little-endian Float32 in base64. */
  function decode(net) {
    const parameters = net.parameters.map(({ name, shape, values }) => {
      const bytes = Uint8Array.from(atob(values), (character) => character.charCodeAt(0));
      const view = new DataView(bytes.buffer);
      return {
        name, shape, values: Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
      };
    });
    return { ...net, parameters };
  }

  /**
   * Forward through all layers.
   *
   * @returns { input, layers: [{ z, a }], logits, probabilities }: the sums and the outputs of every layer
   */
  function forward(net, input) {
    let value = input;
    const layers = net.layers.map((layer) => {
      const z = kinds[layer.kind].forward(net, layer, value);
      const a = layer.activation === "softmax" ? softmax(z) : z.map(activations[layer.activation].value);
      value = a;
      return { z, a };
    });
    const last = layers[layers.length - 1], isSoftmax = net.layers[layers.length - 1].activation === "softmax";
    return { input, layers, logits: isSoftmax ? last.z : last.a, probabilities: isSoftmax ? last.a : softmax(last.a) };
  }

  /** The cross-entropy -log p[label], computed from the logits. */
  function loss(run, label) {
    const maximum = Math.max(...run.logits);
    return maximum + Math.log(run.logits.reduce((sum, z) => sum + Math.exp(z - maximum), 0)) - run.logits[label];
  }

  /**
   * Backward through all layers.
   *
   * @returns { label, loss, input, layers: [{ z, a }], parameters }: the gradient of the loss with respect to the image,
   *   to the sums and the outputs of every layer, and to every parameter
   */
  function backward(net, run, label) {
    const into = net.parameters.map(({ values }) => new Float64Array(values.length));
    const layers = new Array(net.layers.length);
    const difference = run.probabilities.map((p, c) => p - (c === label ? 1 : 0));
    let gradient = difference;
    for (let l = net.layers.length - 1; l >= 0; l--) {
      const layer = net.layers[l], { a } = run.layers[l], input = l > 0 ? run.layers[l - 1].a : run.input;
      const isSoftmax = layer.activation === "softmax";
      const ga = isSoftmax ? a.map((p, c) => (c === label ? -1 / p : 0)) : gradient;
      const slope = isSoftmax ? null : activations[layer.activation].slope;
      // Softmax and cross-entropy have one gradient together: p - y.
      const gz = isSoftmax ? difference : ga.map((g, index) => g * slope(a[index]));
      const gx = new Float64Array(input.length);
      kinds[layer.kind].backward(net, layer, input, gz, gx, into);
      layers[l] = { z: gz, a: ga };
      gradient = gx;
    }
    return { label, loss: loss(run, label), input: gradient, layers, parameters: into };
  }

  /** The net after one step of plain gradient descent: w - rate * gradient. */
  function step(net, gradients, rate) {
    const parameters = net.parameters.map((parameter, k) => ({
      ...parameter, values: parameter.values.map((w, index) => w - rate * gradients.parameters[k][index]),
    }));
    return { ...net, parameters };
  }

  /**
   * Measures a gradient: the loss with one number changed by +epsilon and by -epsilon.
   *
   * @param target { parameter, index } or { pixel }
   * @returns { epsilon, above, below, slope }, slope being (above - below) / (2 epsilon)
   */
  function check(net, input, label, target, epsilon) {
    const measured = (change) => {
      if (target.pixel !== undefined) {
        const moved = Float64Array.from(input);
        moved[target.pixel] += change;
        return loss(forward(net, moved), label);
      }
      const values = Float64Array.from(net.parameters[target.parameter].values);
      values[target.index] += change;
      const parameters = net.parameters.map(
        (parameter, k) => (k === target.parameter ? { ...parameter, values } : parameter)
      );
      return loss(forward({ ...net, parameters }, input), label);
    };
    const above = measured(epsilon), below = measured(-epsilon);
    return { epsilon, above, below, slope: (above - below) / (2 * epsilon) };
  }

  // MARK: - The terms of sums. A grid is { height, width, values }, its values null outside the image.

  function grid(height, width, value) {
    const values = [];
    for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) values.push(value(i, j));
    return { height, width, values };
  }

  const products = (one, other) => grid(one.height, one.width, (i, j) => {
    const [a, b] = [one.values[i * one.width + j], other.values[i * one.width + j]];
    return a === null || b === null ? null : a * b;
  });

  const sum = ({ values }) => values.reduce((total, value) => total + (value === null ? 0 : value), 0);

  /**
   * The terms of one output of a layer.
   *
   *     convolution    { window, channels: [{ channel, input, weights, products, sum }], bias, z, a }
   *     pooling        { window, input, value, index, ties }, or the mean with its number of pixels
   *     dense          { inputs, weights, products, bias, z, a }
   *     flatten        { from: [row, column, channel] }
   */
  function outputTerms(net, run, l, index) {
    const layer = net.layers[l], input = l > 0 ? run.layers[l - 1].a : run.input;
    const { z, a } = run.layers[l], [i, j, o] = place(layer.output, index);
    const common = { kind: layer.kind, index, z: z[index], a: a[index], activation: layer.activation };
    const pixel = (c) => (u, v) => {
      const [y, x] = [
        i * layer.stride[0] - layer.before[0] + u * layer.dilation[0],
        j * layer.stride[1] - layer.before[1] + v * layer.dilation[1]
      ];
      return y < 0 || x < 0 || y >= layer.input[0] || x >= layer.input[1] ? null : input[at(layer.input, y, x, c)];
    };
    if (layer.kind === "convolution") {
      const [first, size] = groupOf(layer, o), kernel = net.parameters[layer.kernel].values;
      const channels = Array.from({ length: size }, (_, c) => {
        const values = grid(layer.window[0], layer.window[1], pixel(first + c));
        const weights = grid(layer.window[0], layer.window[1], (u, v) => kernel[weightAt(layer, u, v, c, o)]);
        const terms = products(values, weights);
        return { channel: first + c, input: values, weights, products: terms, sum: sum(terms) };
      });
      return { ...common, window: windowOf(layer, i, j), channels, bias: net.parameters[layer.bias].values[o] };
    }
    if (layer.kind === "pooling") {
      const values = grid(layer.window[0], layer.window[1], pixel(o));
      const maximum = () => {
        const { value, index: first, ties } = maximumOf(layer, input, i, j, o);
        return { value, place: first, ties };
      };
      const window = windowOf(layer, i, j);
      return layer.mode === "max"
        ? { ...common, mode: "max", window, input: values, ...maximum() }
        : { ...common, mode: "average", window, input: values, value: a[index], pixels: covered(layer, i, j) };
    }
    if (layer.kind === "dense") {
      const units = layer.output[0], kernel = net.parameters[layer.kernel].values;
      const weights = Float64Array.from(input, (_, f) => kernel[f * units + index]);
      return {
        ...common, inputs: input, weights, products: weights.map((w, f) => w * input[f]),
        bias: net.parameters[layer.bias].values[index]
      };
    }
    return { ...common, from: place(layer.input, index) };
  }

  /**
   * The shares of the gradient of one input of a layer: one for every output that used it.
   *
   *     convolution    { windows: { top, left, height, width }, channels: [{ channel, gradients, weights, taps, shares, sum }] }
   *                    grids over the windows; `taps` is the [row, column] in the kernel of the weight that each one used
   *     pooling        { windows: [{ i, j, gradient, isPlace, ties, share }] }
   *     dense          { gradients, weights, products }
   *     flatten        { to }
   *
   * All have `total`, the gradient.
   */
  function inputTerms(net, run, gradients, l, index) {
    const layer = net.layers[l], input = l > 0 ? run.layers[l - 1].a : run.input, gz = gradients.layers[l].z;
    const total = l > 0 ? gradients.layers[l - 1].a[index] : gradients.input[index];
    const [y, x, c] = place(layer.input, index), common = { kind: layer.kind, total };
    if (layer.kind === "convolution" || layer.kind === "pooling") {
      const rows = uses(layer, 0, y), columns = uses(layer, 1, x);
      if (layer.kind === "pooling") {
        const windows = rows.flatMap(({ window: i }) => columns.map(({ window: j }) => {
          const gradient = gz[at(layer.output, i, j, c)];
          if (layer.mode === "average") return {
            i, j, gradient, pixels: covered(layer, i, j), share: gradient / covered(layer, i, j)
          };
          const maximum = maximumOf(layer, input, i, j, c), isPlace = maximum.index === index;
          return {
            i, j, gradient, maximum: maximum.value, isPlace, isTied: !isPlace && input[index] === maximum.value,
            ties: maximum.ties, share: isPlace ? gradient : 0
          };
        }));
        return { ...common, mode: layer.mode, windows };
      }
      const size = layer.input[2] / layer.groups, perGroup = layer.output[2] / layer.groups, group = Math.floor(c / size);
      const kernel = net.parameters[layer.kernel].values;
      const channels = Array.from({ length: perGroup }, (_, k) => {
        const o = group * perGroup + k;
        const over = (value) => grid(rows.length, columns.length, (r, s) => value(rows[r], columns[s]));
        const values = over((row, column) => gz[at(layer.output, row.window, column.window, o)]);
        const weights = over((row, column) => kernel[weightAt(layer, row.tap, column.tap, c % size, o)]);
        const shares = products(values, weights);
        return {
          channel: o, gradients: values, weights, taps: over((row, column) => [row.tap, column.tap]), shares,
          sum: sum(shares)
        };
      });
      return {
        ...common, channels, rows: rows.map(({ window }) => window), columns: columns.map(({ window }) => window),
        windows: {
          top: rows.length ? rows[0].window : 0, left: columns.length ? columns[0].window : 0, height: rows.length,
          width: columns.length
        },
      };
    }
    if (layer.kind === "dense") {
      const units = layer.output[0], kernel = net.parameters[layer.kernel].values;
      const weights = Float64Array.from(gz, (_, o) => kernel[index * units + o]);
      return { ...common, gradients: gz, weights, products: weights.map((w, o) => w * gz[o]) };
    }
    return { ...common, to: index };
  }

  /**
   * The products whose sum is the gradient of one weight.
   *
   *     convolution    { weight: [u, v, channel, filter], input, gradients, products }, grids over all windows
   *     dense          { weight: [input, unit], input, gradient }
   */
  function weightTerms(net, run, gradients, l, index) {
    const layer = net.layers[l], input = l > 0 ? run.layers[l - 1].a : run.input, gz = gradients.layers[l].z;
    const total = gradients.parameters[layer.kernel][index], value = net.parameters[layer.kernel].values[index];
    if (layer.kind === "dense") {
      const units = layer.output[0], f = Math.floor(index / units), o = index % units;
      return { kind: "dense", weight: [f, o], input: input[f], gradient: gz[o], value, total };
    }
    const filters = layer.output[2], size = layer.input[2] / layer.groups;
    const o = index % filters, c = Math.floor(index / filters) % size, tap = Math.floor(index / filters / size);
    const [u, v] = [Math.floor(tap / layer.window[1]), tap % layer.window[1]];
    const channel = groupOf(layer, o)[0] + c;
    const values = grid(layer.output[0], layer.output[1], (i, j) => {
      const [y, x] = [
        i * layer.stride[0] - layer.before[0] + u * layer.dilation[0],
        j * layer.stride[1] - layer.before[1] + v * layer.dilation[1]
      ];
      return y < 0
        || x < 0
        || y >= layer.input[0]
        || x >= layer.input[1]
        ? null
        : input[at(layer.input, y, x, channel)];
    });
    const outputs = grid(layer.output[0], layer.output[1], (i, j) => gz[at(layer.output, i, j, o)]);
    return {
      kind: "convolution", weight: [u, v, channel, o], input: values, gradients: outputs,
      products: products(values, outputs), value, total
    };
  }

  /** The output gradients whose sum is the gradient of one bias. */
  function biasTerms(net, gradients, l, o) {
    const layer = net.layers[l], gz = gradients.layers[l].z, total = gradients.parameters[layer.bias][o];
    const value = net.parameters[layer.bias].values[o];
    if (layer.kind === "dense") return {
      kind: "dense", gradients: { height: 1, width: 1, values: [gz[o]] }, value, total
    };
    return {
      kind: "convolution", gradients: grid(layer.output[0], layer.output[1], (i, j) => gz[at(layer.output, i, j, o)]),
      value, total
    };
  }

  return {
    at, place, count, windowOf, decode, forward, backward, loss, step, check, softmax, weightAt,
    outputTerms, inputTerms, weightTerms, biasTerms,
  };
})();
