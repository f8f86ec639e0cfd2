// The browser's half of web push: it tells of messages while no page is open. And the
// service worker that does so, which shows the page without a connection, too.

import { keyOf } from "./logic/push_key.js";
import * as storage from "./storage.js";

const WORKER = new URL("service_worker.js", import.meta.url).href;
const NOT_ALLOWED = "This browser does not allow notifications for this page.";
const NO_SERVICE = "This browser has no push service, or it cannot be reached now.";

const policy = globalThis.trustedTypes?.createPolicy("service-worker", {
  createScriptURL: () => WORKER,
});

export class WebPush {
  #api;
  #userId;
  #go;
  // Resolves to what the browser has registered; to nothing where it does not.
  #registered = null;

  // `go(place)` shows a message.
  constructor({ api, userId, go }) {
    this.#api = api;
    this.#userId = userId;
    this.#go = go;
  }

  // Listens to notifications that somebody clicks on. Returns a function that ends it.
  open() {
    const workers = navigator.serviceWorker;
    const onMessage = ({ data }) => this.#go(data);
    workers?.addEventListener("message", onMessage);
    return () => {
      workers?.removeEventListener("message", onMessage);
      this.#api.close();
    };
  }

  // Has the service worker of this version; tells the server that the page is in use.
  start() {
    this.#registered ??= register();
    this.#registered.then((found) => found && this.#renew()).catch(() => {});
  }

  // Resolves to what somebody has chosen, or to null where nothing can be.
  async load() {
    if (!globalThis.PushManager || !(await this.#registered)) return null;
    const settings = await this.#api.settings();
    const hasOwn = settings?.subscription && (await current());
    return settings && { isOn: Boolean(hasOwn), withText: this.#withText };
  }

  // Throws an error that says to people why it cannot be.
  async turnOn(withText) {
    if ((await Notification.requestPermission()) !== "granted")
      throw new Error(NOT_ALLOWED);
    await this.#subscribe(withText);
    storage.webPush.set(this.#userId, { withText });
  }

  async turnOff() {
    storage.webPush.clear(this.#userId);
    await this.#api.unsubscribe();
    await forgetSubscription();
  }

  get #withText() {
    return Boolean(this.#wanted?.withText);
  }

  get #wanted() {
    return storage.webPush.get(this.#userId);
  }

  async #renew() {
    if (this.#wanted && globalThis.Notification?.permission === "granted")
      await this.#subscribe(this.#withText);
  }

  async #subscribe(withText) {
    const settings = await this.#api.settings();
    if (!settings) return;
    const { pushManager } = await navigator.serviceWorker.ready;
    const subscription = await subscribe(pushManager, settings.public_key);
    await this.#api.subscribe({ ...subscription.toJSON(), wants_text: withText });
  }
}

// Nobody is told in this browser any more, and what it shows goes.
export async function forgetSubscription() {
  const registration = await navigator.serviceWorker?.getRegistration();
  if (!registration) return;
  for (const one of await registration.getNotifications()) one.close();
  await (await registration.pushManager?.getSubscription())?.unsubscribe();
}

async function register() {
  const url = policy ? policy.createScriptURL("") : WORKER;
  // Each version has its own address, under which it never changes.
  const options = { scope: "/", updateViaCache: "all" };
  return navigator.serviceWorker?.register(url, options);
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.pushManager.getSubscription();
}

// A subscription is for one key of the platform.
async function subscribe(pushManager, publicKey) {
  const before = await pushManager.getSubscription();
  if (before && keyOf(before) === publicKey) return before;
  await before?.unsubscribe();
  try {
    return await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    });
  } catch {
    throw new Error(NO_SERVICE);
  }
}
