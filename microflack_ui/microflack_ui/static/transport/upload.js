// Sends a file to a room. fetch() cannot tell how far it is, so this is the older way.

import { explain } from "../logic/explain.js";
import { ApiError } from "./http.js";

export const MAX_FILE_BYTES = 26_214_400;

// `onProgress` is called with parts of 1. Resolves to { id, name, type, size, ... };
// throws an ApiError when it fails.
export async function upload(roomId, file, { credentials, signal, onProgress }) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name);
  request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
  request.open("POST", `/api/rooms/${roomId}/files`);
  request.setRequestHeader("Authorization", `Bearer ${await credentials.token()}`);
  request.setRequestHeader("Accept", "application/json");
  signal.addEventListener("abort", () => request.abort());
  const done = new Promise((resolve) => {
    request.onloadend = resolve;
  });
  request.send(body);
  await done;
  return answerOf(request);
}

function answerOf({ status, responseText }) {
  if (!status) throw new ApiError("The server cannot be reached.");
  const answer = parsed(responseText);
  if (status < 300 && answer) return answer;
  throw new ApiError(explain(answer?.error, { status }), status);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
