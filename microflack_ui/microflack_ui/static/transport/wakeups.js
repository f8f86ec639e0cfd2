// Tells when the page may have missed something: asleep, out of sight or offline.

const TICK_MS = 5000;
const LATE_MS = 10_000;

// Returns a function that ends it.
export function onWakeUp(callback) {
  const ending = new AbortController();
  const { signal } = ending;
  const restored = (event) => event.persisted && callback();
  document.addEventListener("visibilitychange", callback, { signal });
  addEventListener("online", callback, { signal });
  addEventListener("offline", callback, { signal });
  addEventListener("pageshow", restored, { signal });
  const clock = onLateTick(callback);
  return () => {
    ending.abort();
    clearInterval(clock);
  };
}

// Timers stand still while a computer sleeps, the clock on the wall does not. (Browsers
// also hold back the timers of hidden pages, up to a minute: then it is a false alarm.)
function onLateTick(callback) {
  let last = Date.now();
  return setInterval(() => {
    const passed = Date.now() - last;
    last += passed;
    if (passed > TICK_MS + LATE_MS) callback();
  }, TICK_MS);
}
