"use strict";

/** Numbers as text: a typographic minus sign, a fixed number of significant digits, no exponent that people must decode. */
const Numbers = (() => {
  const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  const minus = (text) => text.replace("-", "−");

  /** 10 to a power, as in 10⁻⁴. */
  const power = (exponent) =>
    "10" + (exponent < 0 ? "⁻" : "") + String(Math.abs(exponent)).replace(/\d/g, (digit) => superscripts[digit]);

  /** A number with some significant digits: 0.03125, −1.25, 14, 3.12 · 10⁻⁶. */
  function text(value, digits = 4) {
    if (value === null || value === undefined) return "";
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "undefined" : value > 0 ? "∞" : "−∞";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-4 || size >= 1e6) {
      const exponent = Math.floor(Math.log10(size));
      return minus((value / 10 ** exponent).toFixed(Math.max(digits - 2, 1))) + " · " + power(exponent);
    }
    // 0.5 and 14 as they are.
    if (String(value).length <= digits + 1) return minus(String(value));
    const decimals = Math.max(digits - 1 - Math.floor(Math.log10(size)), 0);
    return minus(value.toFixed(Math.min(decimals, 7)));
  }

  /** The power of ten by which the cells of a grid are divided, so that the largest has one or two digits; 0 for none. */
  function scaleOf(values) {
    const largest = values.reduce((most, value) => (value === null ? most : Math.max(most, Math.abs(value))), 0);
    if (!(largest > 0) || !Number.isFinite(largest)) return 0;
    const exponent = Math.floor(Math.log10(largest));
    return exponent >= -1 && exponent <= 3 ? 0 : exponent;
  }

  /** A number in a cell, divided by a power of ten. */
  function cell(value, exponent = 0) {
    if (value === null) return "";
    const scaled = value / 10 ** exponent;
    if (value === 0) return "0";
    if (Number.isInteger(scaled)) return minus(String(scaled));
    const rounded = scaled.toFixed(Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0);
    // Without the 0 before the point, so that cells are narrow.
    return Number(rounded) === 0 ? ".00" : minus(rounded.replace(/^(-?)0\./, "$1."));
  }

  /** A number in parentheses if it is negative, for products. */
  const factor = (value) => (value < 0 ? `(${text(value)})` : text(value));

  /** Terms of a sum with their signs: 1 − 2 + 3. */
  const sum = (values) =>
    values.map(
      (value, index) => (index === 0 ? text(value) : (value < 0 ? " − " : " + ") + text(Math.abs(value)))
    ).join("");

  const percent = (fraction) => (fraction > 0.9999 && fraction < 1 ? "> 99.99%" : (100 * fraction).toFixed(2) + "%");

  return { text, scaleOf, cell, power, factor, sum, percent };
})();
