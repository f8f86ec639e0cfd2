// Shows the number of unread messages in the title of the tab, until somebody looks.

import { useEffect } from "preact/hooks";

const NAME = "MicroFlack";

export function useTitle(unreadCount, onSeen) {
  useEffect(() => {
    document.title = unreadCount ? `(${unreadCount}) ${NAME}` : NAME;
  }, [unreadCount]);

  useEffect(() => {
    const onChange = () => document.hidden || onSeen();
    document.addEventListener("visibilitychange", onChange);
    return () => {
      document.removeEventListener("visibilitychange", onChange);
      document.title = NAME;
    };
  }, [onSeen]);
}
