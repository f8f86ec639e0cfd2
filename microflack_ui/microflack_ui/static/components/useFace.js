// The picture of a person, which is fetched when its place comes into view.

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";

// The files of people's pictures: whoever draws some provides them.
export const Faces = createContext(null);

// Returns { place, address, onMissing }: a ref for the element where it will be, and an
// address that an image can have; "" before it is there, and where there is none.
export function useFace(picture) {
  const files = useContext(Faces);
  const place = useRef();
  const [found, setFound] = useState({ picture: null, address: "" });
  useEffect(() => {
    if (!picture || !files) return undefined;
    let isOver = false;
    const load = async () => {
      const address = await files.picture(picture).catch(() => "");
      // One that was slow does not take the place of the next.
      if (!isOver) setFound({ picture, address });
    };
    const stop = onceInView(place.current, load);
    return () => {
      isOver = true;
      stop();
    };
  }, [picture, files]);
  return {
    place,
    address: picture && found.picture === picture ? found.address : "",
    onMissing: () => setFound({ picture, address: "" }),
  };
}

// Returns what ends the watch.
function onceInView(element, task) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    task();
  });
  observer.observe(element);
  return () => observer.disconnect();
}
