"use strict";

/** The square to draw in; `drawn(bytes)` gets the 28 x 28 bytes, null for an empty square. */
class DrawingPad {
  /** Pixels along a side of the drawing, seven for each of the image: enough for smooth strokes, and fast to read. */
  static side = 7 * Normalizer.side;
  /** The width of a stroke: between two and three pixels of the image, as in MNIST. */
  static stroke = 18;
  /** The largest height and width of a picture, as in `mnist predict`. */
  static maxSide = 4096;

  constructor(root, drawn) {
    this.drawn = drawn;
    this.canvas = element(
      "canvas",
      {
        width: DrawingPad.side, height: DrawingPad.side, role: "img",
        "aria-label": "Drawing area: draw a digit with mouse, finger or pen. With the keyboard, choose a test image below."
      }
    );
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(
      this.context,
      { lineWidth: DrawingPad.stroke, lineCap: "round", lineJoin: "round", strokeStyle: "#fff", fillStyle: "#fff" }
    );
    this.last = null;
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.extend(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, () => { this.last = null; });
    // Anywhere: beside the pad, the browser would leave the page and open the picture.
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => this.drop(event));
    root.append(this.canvas);
    this.isEmpty = true;
  }

  position(event) {
    const scale = DrawingPad.side / this.area.width;
    return [(event.clientX - this.area.left) * scale, (event.clientY - this.area.top) * scale];
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    if (this.showsPicture) this.clear();
    // Once a stroke: measuring for every movement would cost a layout each.
    this.area = this.canvas.getBoundingClientRect();
    this.last = this.position(event);
    this.line(this.last);
  }

  extend(event) {
    if (this.last === null) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.line(this.position(part));
    if (event.getCoalescedEvents?.().length === 0) this.line(this.position(event));
  }

  line(to) {
    this.context.beginPath();
    this.context.moveTo(...this.last);
    this.context.lineTo(...to);
    this.context.stroke();
    this.last = to;
    this.changed();
  }

  /** Reports the drawing, at most once a frame. */
  changed() {
    if (this.isPending) return;
    this.isPending = true;
    onNextFrame(() => {
      this.isPending = false;
      const { data } = this.context.getImageData(0, 0, DrawingPad.side, DrawingPad.side);
      const pixels = new Uint8Array(data.length / 4);
      for (let pixel = 0; pixel < pixels.length; pixel++) pixels[pixel] = data[4 * pixel + 3];
      this.drawn(Normalizer.digit({ height: DrawingPad.side, width: DrawingPad.side, pixels }));
    });
  }

  clear() {
    this.context.clearRect(0, 0, DrawingPad.side, DrawingPad.side);
    this.showsPicture = false;
    this.drawn(null);
  }

  /** Shows 28 x 28 bytes that were not drawn here; the next stroke begins a new drawing. */
  showBytes(bytes) {
    const small = element(
      "canvas", { width: Normalizer.side, height: Normalizer.side }
    ), context = small.getContext("2d");
    const image = context.createImageData(Normalizer.side, Normalizer.side);
    bytes.forEach((byte, pixel) => image.data.set([255, 255, 255, byte], 4 * pixel));
    context.putImageData(image, 0, 0);
    this.context.clearRect(0, 0, DrawingPad.side, DrawingPad.side);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(small, 0, 0, DrawingPad.side, DrawingPad.side);
    this.showsPicture = true;
  }

  drop(event) {
    event.preventDefault();
    if (event.type === "drop" && event.dataTransfer.files.length > 0) this.read(event.dataTransfer.files[0]);
  }

  /** Reads a picture file and normalizes it. */
  async read(file) {
    const picture = new Image(), address = URL.createObjectURL(file);
    try {
      await new Promise((done, failed) => Object.assign(picture, { onload: done, onerror: failed, src: address }));
      const { naturalWidth: width, naturalHeight: height } = picture;
      if (Math.max(width, height) > DrawingPad.maxSide) return this.failed(
        `The picture has ${width} × ${height} pixels; at most ${DrawingPad.maxSide} × ${DrawingPad.maxSide} can be read.`
      );
      const canvas = element("canvas", { width, height }), context = canvas.getContext("2d");
      context.drawImage(picture, 0, 0);
      const bytes = Normalizer.digit(
        { height, width, pixels: Normalizer.gray(context.getImageData(0, 0, width, height).data) }
      );
      if (bytes === null) return this.failed("The picture shows no digit: draw one on a contrasting background.");
      this.showBytes(bytes);
      this.drawn(bytes);
    } catch {
      this.failed("The file is not a picture that this browser can read.");
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  failed(message) { this.message?.(message); }
}
