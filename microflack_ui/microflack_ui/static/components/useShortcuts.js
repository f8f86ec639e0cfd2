// Keys that work everywhere in the chat.

import { useEffect } from "preact/hooks";

export function useShortcuts({ rooms }, chat) {
  useEffect(() => {
    if (!rooms.areThere) return undefined;
    const onKeyDown = (event) => {
      const isMeant = (event.ctrlKey || event.metaKey) && !event.altKey;
      if (!isMeant || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      chat.overlay.show("switcher");
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [rooms.areThere, chat]);
}
