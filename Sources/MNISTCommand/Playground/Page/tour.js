"use strict";

/** A tour of the small net in five stops, one for each question of a course on convolutional networks. */
class Tour {
  constructor(root, { view, inspector, reset }) {
    Object.assign(this, { view, inspector, reset, position: -1 });
    this.title = element("h2", { tabindex: "-1" });
    this.body = element("div", { class: "stop" });
    this.progress = element("p", { class: "note" });
    this.back = element("button", { type: "button", text: "Back", onclick: () => this.open(this.position - 1, true) });
    this.next = element(
      "button",
      {
        type: "button", class: "primary", text: "Start the tour",
        onclick: () => this.open(this.position + 1 < Tour.stops.length ? this.position + 1 : -1, true)
      }
    );
    root.append(
      element(
        "section", { class: "panel tour", "aria-label": "Tour" }, this.progress, this.title, this.body,
        element("p", { class: "controls" }, this.back, this.next)
      )
    );
    this.open(-1);
  }

  /** Opens a stop; -1 is the beginning. */
  open(position, movesFocus = false) {
    this.position = Math.min(Math.max(position, -1), Tour.stops.length - 1);
    const stop = Tour.stops[this.position];
    this.back.disabled = this.position < 0;
    this.next.textContent = stop === undefined
      ? "Start the tour"
      : this.position
      + 1 < Tour.stops.length
      ? "Next"
      : "Done";
    if (stop === undefined) {
      this.title.textContent = "Five questions, five stops";
      this.progress.textContent = "A tour of this net";
      this.body.replaceChildren(
        element(
          "p",
          { text: "This net has 20 parameters. Its numbers are small integers, so that each can be checked by hand. Click a pixel to change it; Reset restores the net." }
        )
      );
    } else {
      this.reset();
      this.title.textContent = stop.title;
      this.progress.textContent = `Stop ${this.position + 1} of ${Tour.stops.length}`;
      this.body.replaceChildren(
        ...stop.text.map(
          (words) => (
            words.code ? element(
              "pre", { tabindex: "0", "aria-label": "Python code" }, element("code", { text: words.code })
            ) : element("p", { text: words })
          )
        )
      );
      this.inspector.select(this.view, stop.selection, true);
      if (stop.plays) this.inspector.play(stop.plays);
    }
    if (movesFocus) this.title.focus();
  }

  static stops = [
    {
      title: "What is a convolutional layer?",
      text: [
        "A small kernel slides over the image. At each position, the 3 × 3 numbers of the window are multiplied by the 9 weights, and the products are added to the bias: one output.",
        "Rows and columns count from 0. Here the window begins at row 1, column 1, so one pixel in from the top left. The sum is 4, and ReLU keeps it. All 16 windows share the same 9 weights: that is why the layer has only 10 parameters, and why a pattern is found wherever it is.",
      ],
      selection: { kind: "value", layer: 0, index: 5 },
    },
    {
      title: "What is a pooling layer?",
      text: [
        "Each 2 × 2 window becomes one number, its maximum. There are no weights. The map gets smaller, and a small shift of the image often changes nothing.",
        "In the window at the bottom left, two numbers are equally large: a tie. The maximum is 2 either way. Backward, one rule must choose: the first one in reading order gets the gradient.",
      ],
      selection: { kind: "value", layer: 1, index: 2 },
    },
    {
      title: "How does the net compute forward?",
      text: [
        "Layer by layer: the image becomes a map, the map is pooled, the pooled numbers in one row are the inputs of two units. Each unit multiplies them by its own weights.",
        "The sums of the two units, called logits, are both 0, so softmax turns them into the probability 1/2 for each class. The image belongs to class 0: the loss is −log(1/2) = 0.693.",
      ],
      selection: { kind: "value", layer: 3, index: 0 },
    },
    {
      title: "How do the gradients come back?",
      text: [
        "A gradient says how fast the loss changes when a number changes. For a logit it is p − y: its probability p minus y, which is 1 for the label and 0 for the other class; here −1/2 and 1/2. Each layer turns the gradient of its output into that of its input: dense through its weights, pooling to the place of the maximum, ReLU only where it was positive.",
        "This pixel lies in nine windows, which overlap here. Each window used it with another weight, so each has its own share, and the shares add up to −2.",
        "Watch the weights appear in the order of the windows: they are the kernel rotated by 180 degrees. Nothing rotates it; it follows from which window reads which pixel. This concerns only the gradient of a convolution's input; the gradient of its weights has no rotation.",
      ],
      selection: { kind: "gradient", layer: -1, index: 21 },
      plays: 9,
    },
    {
      title: "How is it built in TensorFlow and Keras?",
      text: [
        "Keras builds the same net in four lines, one for each layer. The tape records the forward pass; tape.gradient then computes the gradients of all 20 parameters. For the gradient of the image, a float tensor of shape (1, 6, 6, 1), call tape.watch(image) first inside the with block and ask for image as well.",
        { code: "import tensorflow as tf\nlayers = tf.keras.layers\nnet = tf.keras.Sequential([\n    tf.keras.Input((6, 6, 1)),\n    layers.Conv2D(1, 3, activation=\"relu\"),\n    layers.MaxPooling2D(2),\n    layers.Flatten(),\n    layers.Dense(2, activation=\"softmax\"),\n])\nwith tf.GradientTape() as tape:\n    p = net(image)\n    loss = -tf.math.log(p[0, 0])\ngradients = tape.gradient(\n    loss, net.trainable_variables)" },
        "The gradient of this weight is a sum over all 16 windows, of which only three have a gradient that is not 0: 2 · 1 + 0 · (−1) + 1 · (−1) = 1. One step of gradient descent subtracts the learning rate times it: try it below.",
      ],
      selection: { kind: "kernelGradient", layer: 0, index: 5 },
    },
  ];
}
