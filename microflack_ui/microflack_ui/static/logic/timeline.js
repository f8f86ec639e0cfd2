// How messages are laid out in time: by day, and within a day in groups of one author.

// How far apart two messages of one group may be.
const GROUP_SECONDS = 5 * 60;
const DAY_MS = 24 * 60 * 60 * 1000;

// Returns [{ day, groups: [{ key, userId, messages }] }], oldest first. The first
// unread message begins a group of its own, so that a line can be drawn above it.
export function groupByDay(messages, firstUnreadId = null) {
  const days = [];
  for (const message of messages) {
    const day = dayOf(message.created_at);
    if (days.at(-1)?.day !== day) days.push({ day, groups: [] });
    addTo(days.at(-1).groups, message, firstUnreadId);
  }
  return days;
}

function addTo(groups, message, firstUnreadId) {
  const last = groups.at(-1);
  const continued = last && message.id !== firstUnreadId && continues(last, message);
  if (continued) last.messages.push(message);
  else groups.push({ key: message.id, userId: message.user_id, messages: [message] });
}

function continues(group, message) {
  const previous = group.messages.at(-1);
  return (
    group.userId === message.user_id &&
    message.created_at - previous.created_at < GROUP_SECONDS
  );
}

// The day in the reader's time zone, such as "2026-11-23".
export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const pad = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

// When such a day begins there, in seconds.
export function startOf(day) {
  return new Date(`${day}T00:00:00`).getTime() / 1000;
}

export function dayLabel(day, today, locale) {
  const date = atNoon(day);
  // Rounded, because a day on which the clock is changed has 23 or 25 hours.
  const daysAgo = Math.round((atNoon(today) - date) / DAY_MS);
  if (daysAgo === 0) return "Today";
  if (daysAgo === 1) return "Yesterday";
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  return date.toLocaleDateString(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
  });
}

// Since when there is something new: "14:32", "yesterday", "Tuesday", "3 November".
export function sinceLabel(seconds, today, locale) {
  const day = dayOf(seconds);
  const date = atNoon(day);
  const daysAgo = Math.round((atNoon(today || day) - date) / DAY_MS);
  if (daysAgo <= 0) return clockTime(seconds, locale);
  if (daysAgo === 1) return "yesterday";
  if (daysAgo < 7) return date.toLocaleDateString(locale, { weekday: "long" });
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  return date.toLocaleDateString(locale, {
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
  });
}

// When a message was written that is not among its neighbours.
export function shortTime(seconds, today, locale) {
  const time = clockTime(seconds, locale);
  const day = dayOf(seconds);
  return day === today ? time : `${dayLabel(day, today || day, locale)}, ${time}`;
}

function atNoon(day) {
  return new Date(`${day}T12:00:00`);
}

export function clockTime(seconds, locale) {
  return new Date(seconds * 1000).toLocaleTimeString(locale, {
    hour: "numeric",
    minute: "2-digit",
  });
}

export function fullTime(seconds, locale) {
  return new Date(seconds * 1000).toLocaleString(locale, {
    dateStyle: "full",
    timeStyle: "short",
  });
}
