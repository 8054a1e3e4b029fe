/**
 * A script for the browser that finds text and icons with too little contrast, by WCAG 2.2, level AA.
 *
 * Pure: text.
 * @module
 */

/** Evaluates to what is too faint, each with its ratio; empty: nothing is. */
export const TOO_FAINT = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [high, low] = [light(parse(a)), light(parse(b))].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const backOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if ((parse(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const look = (what, colour, back, wanted) => {
    const is = ratio(colour, back);
    if (is < wanted) found.push(what + ": " + is.toFixed(2) + ", " + colour + " on " + back);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === "" || element.closest("script, style") || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const isLarge = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
    look(texts.currentNode.data, color, backOf(element), isLarge ? 3 : 4.5);
    count++;
  }
  for (const icon of document.querySelectorAll(".icon")) {
    look("icon " + icon.classList, getComputedStyle(icon).stroke, backOf(icon), 3);
  }
  return count < 20 ? ["only " + count + " texts were looked at"] : found;
})()`;
