// A picture that somebody has sent, small. Its place is kept while it loads.

import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";

const MAX_WIDTH_PX = 360;
const MAX_HEIGHT_PX = 240;

export function Picture({ file, files, onOpen }) {
  const [address, setAddress] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  useEffect(() => {
    let isOver = false;
    files.picture(file.thumbnail_url).then(
      (found) => isOver || setAddress(found),
      () => isOver || setIsMissing(true),
    );
    return () => {
      isOver = true;
    };
  }, [file.thumbnail_url, files]);
  if (isMissing) return null;
  const { width, height } = sizeOf(file);
  return html`<button
    class="picture"
    onClick=${onOpen}
    aria-label=${`Picture: ${file.name}`}
  >
    <img
      src=${address || undefined}
      alt=""
      width=${width}
      height=${height}
      onError=${() => setIsMissing(true)}
    />
  </button>`;
}

function sizeOf({ width = MAX_WIDTH_PX, height = MAX_HEIGHT_PX }) {
  const scale = Math.min(1, MAX_WIDTH_PX / width, MAX_HEIGHT_PX / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
