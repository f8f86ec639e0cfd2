// Makes a picture small before it is sent: what a camera takes is larger than what the
// server takes, and tells where it was taken.

// Twice what the server keeps of it.
const PIXELS = 256;
export const MAX_BYTES = 1_048_576;
const TOO_LARGE = "This browser cannot read the picture: choose a PNG or a JPEG.";

// Resolves to a file to send. What the browser cannot read is sent as it is: the server
// says what is wrong with it. Throws an Error where it is too large for that.
export async function smallPicture(file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (image) return drawn(image);
  if (file.size > MAX_BYTES) throw new Error(TOO_LARGE);
  return file;
}

// Its middle, as a square.
function drawn(image) {
  const side = Math.min(image.width, image.height);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PIXELS;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, left, top, side, side, 0, 0, PIXELS, PIXELS);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
