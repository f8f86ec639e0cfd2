// What servers say is wrong, as sentences for people. Servers write for programs: their
// sentences begin with the name of a field.

const FIELDS = {
  nickname: "The nickname",
  password: "The password",
  current_password: "The current password",
  source: "The message",
  invitation: "The invitation",
  code: "The link",
  name: "The name",
  topic: "The topic",
  emoji: "A reaction",
  file: "The file",
  picture: "The picture",
  q: "What is searched for",
};

export function explain(sentence, { status, retryAfter = 0 }) {
  if (status === 429) return `That was too often. Try again ${wait(retryAfter)}.`;
  if (!sentence) return `The server answered with status ${status}.`;
  const [, field, rest] = /^([a-z_]+): (.+)$/s.exec(sentence) ?? [];
  if (!field) return String(sentence);
  const subject = FIELDS[field] ?? `What was sent as ${field}`;
  const limits = /^Length must be between (\d+) and (\d+)\.$/.exec(rest);
  if (limits) return `${subject} must have ${limits[1]} to ${limits[2]} characters.`;
  if (/^(Must|must) /.test(rest)) return `${subject} m${rest.slice(1)}`;
  if (/^Missing/.test(rest)) return `${subject} is missing.`;
  return rest[0].toUpperCase() + rest.slice(1);
}

function wait(seconds) {
  if (seconds < 1) return "in a moment";
  if (seconds < 2) return "in a second";
  if (seconds <= 90) return `in ${Math.ceil(seconds)} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}
