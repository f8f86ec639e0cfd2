// What opens over the page is closed by Back, which would else leave the page.

import { useEffect, useRef } from "preact/hooks";

const layers = [];

addEventListener("popstate", () => {
  const close = layers.at(-1)?.current;
  if (!close) return;
  layers.pop();
  if (layers.length) enter();
  close();
});

export function useLayer(isOpen, onClose) {
  const close = useRef(onClose);
  close.current = onClose;

  useEffect(() => {
    if (!isOpen) return undefined;
    layers.push(close);
    enter();
    return () => {
      const place = layers.indexOf(close);
      if (place >= 0) layers.splice(place, 1);
      // Not at once: another layer may open in the place of this one.
      setTimeout(() => {
        if (!layers.length && history.state?.isLayer) history.back();
      });
    };
  }, [isOpen]);
}

function enter() {
  if (!history.state?.isLayer) history.pushState({ isLayer: true }, "");
}
