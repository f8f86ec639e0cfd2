// Sizes of files, in words.

const UNITS = ["bytes", "kB", "MB", "GB"];

export function sizeInWords(bytes) {
  const place = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  const value = bytes / 1000 ** place;
  return `${value < 10 && place ? value.toFixed(1) : Math.round(value)} ${UNITS[place]}`;
}
