// How easily a password can be guessed. The library is large, so it is loaded when
// somebody begins to choose one.

// Longer ones take it long.
const MAX_ESTIMATED = 64;

// Resolves to { score: 0 to 4, advice }, or to null where the library could not be loaded.
export async function strengthOf(password, nickname = "") {
  try {
    await import("zxcvbn");
  } catch {
    return null;
  }
  const inputs = [nickname, "microflack"].filter(Boolean);
  const { score, feedback } = globalThis.zxcvbn(
    password.slice(0, MAX_ESTIMATED),
    inputs,
  );
  return { score, advice: sentence(feedback.warning || feedback.suggestions[0]) };
}

function sentence(text) {
  return text ? `${text.replace(/\.$/, "")}.` : "";
}
