"use strict";

/**
 * Turns a drawing into a 28 x 28 image as `DigitImages.DigitNormalizer` does, byte for byte: scaled to fit 20 x 20 with
 * anti-aliasing, and placed with its center of mass in the middle. A drawing is { height, width, pixels }, one byte for
 * each pixel, row-major.
 */
const Normalizer = (() => {
  const side = 28, boxSide = 20;
  /** The smallest difference of two pixel values, of 255, that can be a drawing. */
  const minContrast = 24;

  /** The value that half of a histogram's counts do not exceed. */
  function median(histogram) {
    const half = Math.floor(histogram.reduce((sum, n) => sum + n, 0) / 2);
    let cumulative = 0;
    for (let value = 0; value < histogram.length; value++) {
      cumulative += histogram[value];
      if (cumulative > half) return value;
    }
    return 0;
  }

  /** The background, from the median of the border and its median absolute deviation. */
  function background({ height, width, pixels }) {
    const histogram = new Array(256).fill(0);
    for (let column = 0; column < width; column++) {
      histogram[pixels[column]] += 1;
      histogram[pixels[(height - 1) * width + column]] += 1;
    }
    for (let row = 0; row < height; row++) {
      histogram[pixels[row * width]] += 1;
      histogram[pixels[row * width + width - 1]] += 1;
    }
    const middle = median(histogram), isLight = middle >= 128, level = isLight ? 255 - middle : middle;
    const deviations = new Array(256).fill(0);
    histogram.forEach((n, value) => { deviations[Math.abs(value - middle)] += n; });
    // 8 times the deviation is about 5.4 standard deviations of normal noise.
    return { isLight, level, noiseFloor: 8 * median(deviations) };
  }

  /** How much brighter than the background each byte is, after an inversion of dark on light. */
  const inks = ({ isLight, level }) =>
    Array.from({ length: 256 }, (_, pixel) => Math.max((isLight ? 255 - pixel : pixel) - level, 0));

  /** The rows and columns with ink, and the strength below which ink is noise; null for a blank drawing. */
  function boundingBox(drawing, ground, ink) {
    const { height, width, pixels } = drawing;
    let [darkest, brightest, strongest] = [255, 0, 0];
    for (const pixel of pixels) {
      darkest = Math.min(darkest, pixel);
      brightest = Math.max(brightest, pixel);
      strongest = Math.max(strongest, ink[pixel]);
    }
    if (brightest - darkest < minContrast || strongest < minContrast) return null;
    const threshold = Math.min(ground.noiseFloor, Math.floor(strongest / 2));
    const visible = Math.max(threshold, Math.floor(strongest / 16));
    let [top, bottom, left, right] = [height, -1, width, -1];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const strength = ink[pixels[row * width + column]];
        if (strength < visible || strength === 0) continue;
        [top, bottom] = [Math.min(top, row), row];
        [left, right] = [Math.min(left, column), Math.max(right, column)];
      }
    }
    return { top, left, rows: bottom - top + 1, columns: right - left + 1, threshold };
  }

  /** Area resampling along one axis: the old pixels that each new one covers, with their weights. */
  function resampling(length, scale) {
    const count = Math.max(1, Math.ceil(length * scale - 1e-6));
    return Array.from({ length: count }, (_, now) => {
      const start = now / scale, end = Math.min((now + 1) / scale, length), parts = [];
      for (let old = Math.min(Math.floor(start), length - 1); old < length && old < end; old++) {
        const covered = Math.min(old + 1, end) - Math.max(old, start);
        if (covered > 0) parts.push({ old, weight: covered * scale });
      }
      return parts;
    });
  }

  /** The ink of the box, scaled along the rows first, then along the columns. */
  function scaled({ width, pixels }, box, ink) {
    const scale = boxSide / Math.max(box.rows, box.columns);
    const down = resampling(box.rows, scale), across = resampling(box.columns, scale);
    const values = new Float64Array(down.length * across.length);
    const strengths = ink.map((strength) => (strength >= box.threshold ? strength : 0));
    down.forEach((rows, row) => {
      for (const { old, weight } of rows) {
        const start = (box.top + old) * width + box.left;
        across.forEach((columns, column) => {
          let sum = 0;
          for (const part of columns) sum += part.weight * strengths[pixels[start + part.old]];
          values[row * across.length + column] += weight * sum;
        });
      }
    });
    return { rows: down.length, columns: across.length, values };
  }

  /** Moves the ink by whole pixels to the middle of a 28 x 28 image; the strongest ink becomes 255. */
  function centered({ rows, columns, values }) {
    let [mass, row, column, strongest] = [0, 0, 0, 0];
    values.forEach((value, index) => {
      mass += value;
      row += value * Math.floor(index / columns);
      column += value * (index % columns);
      strongest = Math.max(strongest, value);
    });
    const inside = (center, size) => Math.min(Math.max(Math.round(side / 2 - center), 0), side - size);
    const top = inside(row / mass, rows), left = inside(column / mass, columns);
    const image = new Uint8Array(side * side);
    values.forEach((value, index) => {
      const at = (top + Math.floor(index / columns)) * side + left + (index % columns);
      image[at] = Math.round(255 * (value / strongest));
    });
    return image;
  }

  /** The 28 x 28 bytes of a drawing, light on dark; null if it is blank. */
  function digit(drawing) {
    const ground = background(drawing), ink = inks(ground), box = boundingBox(drawing, ground, ink);
    return box === null ? null : centered(scaled(drawing, box, ink));
  }

  /** One byte for each pixel of red, green, blue and alpha over white, with the weights of ITU-R BT.709. */
  function gray(rgba) {
    return Uint8Array.from({ length: rgba.length / 4 }, (_, pixel) => {
      const [red, green, blue, alpha] = rgba.subarray(4 * pixel, 4 * pixel + 4);
      const lost = (2550000 - (2126 * red + 7152 * green + 722 * blue)) * alpha;
      return 255 - Math.floor((lost + 1275000) / 2550000);
    });
  }

  return { side, digit, gray };
})();
