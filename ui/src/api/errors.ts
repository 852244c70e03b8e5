import type { components } from "./schema";

export type ErrorBody = components["schemas"]["ErrorBody"];

/** An answer that is an error. `code` is for programs, `message` a sentence in English, `details` depend on the code. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;
  /** Seconds to wait before trying again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(status: number, body: Partial<ErrorBody>, retryAfter: number | null = null) {
    super(body.message ?? `The server answered ${status}.`);
    this.name = "ApiError";
    this.code = body.code ?? "unknown";
    this.status = status;
    this.details = body.details ?? {};
    this.retryAfter = retryAfter;
  }

  /** The error of an answer, whatever its body is. */
  static async of(response: Response, body?: unknown): Promise<ApiError> {
    const read = body ?? (await response.json().catch(() => null));
    const known = typeof read === "object" && read !== null ? (read as Partial<ErrorBody>) : {};
    const seconds = Number(response.headers.get("Retry-After"));
    return new ApiError(response.status, known, seconds > 0 ? seconds : null);
  }
}

/** No answer came: the network or the server is away. */
export class Offline extends ApiError {
  constructor() {
    super(0, { code: "offline", message: "The server does not answer." });
    this.name = "Offline";
  }
}

/** Whether nobody is logged in any more. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
