// Where elements stand in a box that scrolls, in CSS pixels.

// How much there is below what is in view.
export function belowView({ scrollHeight, scrollTop, clientHeight }) {
  return scrollHeight - scrollTop - clientHeight;
}

// Which of these elements is the first in view, and where: { anchor, top }, or null.
export function placeOfFirst(box, elements) {
  const element = firstBelow(elements, box.getBoundingClientRect().top);
  if (!element) return null;
  const { anchor } = element.dataset;
  return { anchor, top: element.getBoundingClientRect().top };
}

// Which of these elements is the first that reaches below `top`; null if none does.
export function anchorBelow(elements, top) {
  return firstBelow(elements, top)?.dataset.anchor ?? null;
}

// Scrolls so that it is there again. It may be another element now: a message that comes
// into a longer group is drawn anew.
export function putBack(box, { anchor, top }) {
  const element = box.querySelector(`[data-anchor="${anchor}"]`);
  const moved = element ? element.getBoundingClientRect().top - top : 0;
  if (moved) box.scrollTop += moved;
}

export function showAndFocus(element) {
  element.scrollIntoView({ block: "center" });
  element.focus({ preventScroll: true });
}

// The first one that ends below `top`, or null. A binary search: the elements stand one
// below the other.
function firstBelow(elements, top) {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  return elements[low] ?? null;
}
