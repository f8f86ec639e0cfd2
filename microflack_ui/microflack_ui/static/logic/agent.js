// What a browser says of itself, in words.

import { cut } from "./text.js";

const MAX_SHOWN = 80;

const BROWSERS = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
];
const SYSTEMS = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
];

export function describeAgent(agent = "") {
  const browser = nameIn(agent, BROWSERS);
  const system = nameIn(agent, SYSTEMS);
  if (browser && system) return `${browser} on ${system}`;
  return browser || cut(agent, MAX_SHOWN) || "An unknown program";
}

function nameIn(agent, names) {
  return names.find(([sign]) => agent.includes(sign))?.[1];
}
