// Files that are dragged onto the conversation.

import { useState } from "preact/hooks";

import { mayWrite } from "../logic/rooms.js";

export function useFileDrop(state, chat) {
  const [isOver, setIsOver] = useState(false);
  const takes = (event) =>
    mayWrite(state) && event.dataTransfer?.types.includes("Files");

  const handlers = {
    onDragOver(event) {
      if (!takes(event)) return;
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave(event) {
      if (!event.currentTarget.contains(event.relatedTarget)) setIsOver(false);
    },
    onDrop(event) {
      setIsOver(false);
      if (!takes(event)) return;
      event.preventDefault();
      chat.uploads.add(event.dataTransfer.files);
    },
  };
  return { isOver, handlers };
}
