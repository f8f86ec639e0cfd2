// Tells when the page may have missed something: asleep, out of sight or offline.

const TICK_MS = 5000;
const LATE_MS = 10_000;

// Returns a function that ends it.
export function onWakeUp(callback) {
  const controller = new AbortController();
  const { signal } = controller;
  const onPageShow = (event) => event.persisted && callback();
  document.addEventListener("visibilitychange", callback, { signal });
  addEventListener("online", callback, { signal });
  addEventListener("offline", callback, { signal });
  addEventListener("pageshow", onPageShow, { signal });
  const ticks = onLateTick(callback);
  return () => {
    controller.abort();
    clearInterval(ticks);
  };
}

// A computer's timers stand still while it sleeps, its clock does not: a tick that
// comes late tells of a sleep. (Browsers also hold back the timers of hidden pages, up
// to a minute; that is a false alarm, which costs one poll.)
function onLateTick(callback) {
  let last = Date.now();
  return setInterval(() => {
    const passed = Date.now() - last;
    last += passed;
    if (passed > TICK_MS + LATE_MS) callback();
  }, TICK_MS);
}
