// The number of unread messages in the tab's title, until somebody looks.

import { useEffect } from "preact/hooks";

const NAME = "MicroFlack";

export function useTitle(unread, onSeen) {
  useEffect(() => {
    document.title = unread ? `(${unread}) ${NAME}` : NAME;
  }, [unread]);

  useEffect(() => {
    const look = () => document.hidden || onSeen();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      document.title = NAME;
    };
  }, [onSeen]);
}
