// Has web push follow the page.

import { useEffect } from "preact/hooks";

// `isOnline`: what is asked for then is answered.
export function useWebPush(webPush, isOnline) {
  useEffect(() => webPush.open(), [webPush]);
  useEffect(() => {
    if (isOnline) webPush.start();
  }, [webPush, isOnline]);
}
