import { ApiError, csrfToken, Offline } from "@/api";
import type { Import } from "./addresses";

export const MOST_BYTES = 1024 ** 3;

/** An upload that is under way: its end, and a way to stop it. */
export interface Upload {
  done: Promise<Import>;
  stop: () => void;
}

/** Sends a file; `onProgress` is told the share that has gone, 0 to 1. Rejects with ApiError, or null when stopped. */
export function upload(slug: string, file: File, onProgress: (share: number) => void): Upload {
  // fetch does not say how much of a body has gone.
  const request = new XMLHttpRequest();
  const done = new Promise<Import>((resolve, reject) => {
    const name = encodeURIComponent(file.name.slice(-200));
    request.open("POST", `/api/v1/workspaces/${encodeURIComponent(slug)}/imports?name=${name}`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Import);
      else reject(new ApiError(request.status, (request.response ?? {}) as Partial<ApiError>));
    });
    request.addEventListener("error", () => reject(new Offline()));
    request.addEventListener("abort", () => reject(null));
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}
