// The platform's key to which a subscription belongs, as the server writes it.

// In base64url without padding.
export function keyOf({ options }) {
  const bytes = new Uint8Array(options.applicationServerKey ?? []);
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
