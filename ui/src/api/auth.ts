// Logging in and out, through allauth's browser API. Its answers have their own shape: { status, data, errors, meta }.
import { csrfToken } from "./client";
import { ApiError, Offline } from "./errors";

const ROOT = "/_allauth/browser/v1";

/** A step that is open on the way in, such as `login`, `signup`, `mfa_authenticate`, `verify_email`. */
export interface Flow {
  id: string;
  is_pending?: boolean;
  types?: string[];
}

export interface AuthState {
  authenticated: boolean;
  flows: Flow[];
}

interface AuthAnswer {
  status: number;
  data?: { flows?: Flow[] };
  meta?: { is_authenticated?: boolean };
  errors?: AuthProblem[];
}

export interface AuthProblem {
  code: string;
  message: string;
  param?: string;
}

/** A refusal, with each thing that is wrong; `param` names the field that it belongs to, if any. */
export class AuthError extends ApiError {
  readonly problems: readonly AuthProblem[];

  constructor(status: number, errors: readonly AuthProblem[]) {
    super(status, { code: errors[0]?.code ?? "unknown", message: errors[0]?.message ?? "" });
    this.name = "AuthError";
    this.problems = errors;
  }
}

async function ask(method: string, path: string, body?: object): Promise<AuthState> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body) init.body = JSON.stringify(body);
  const response = await fetch(ROOT + path, init).catch(() => {
    throw new Offline();
  });
  const answer = (await response.json().catch(() => ({ status: response.status }))) as AuthAnswer;
  // 401 is an answer here: it says which step comes next. So is 410 after logging out.
  if (response.ok || response.status === 401 || response.status === 410) {
    return { authenticated: answer.meta?.is_authenticated === true, flows: answer.data?.flows ?? [] };
  }
  if (answer.errors) throw new AuthError(response.status, answer.errors);
  throw await ApiError.of(response, answer);
}

export const auth = {
  state: () => ask("GET", "/auth/session"),
  login: (body: { email: string; password: string }) => ask("POST", "/auth/login", body),
  secondFactor: (code: string) => ask("POST", "/auth/2fa/authenticate", { code }),
  signUp: (body: { email: string; password: string }) => ask("POST", "/auth/signup", body),
  logOut: () => ask("DELETE", "/auth/session"),
  requestReset: (email: string) => ask("POST", "/auth/password/request", { email }),
  reset: (body: { key: string; password: string }) => ask("POST", "/auth/password/reset", body),
  confirmEmail: (key: string) => ask("POST", "/auth/email/verify", { key }),
};

/** Whether a step is what the server waits for now. */
export function isPending(state: AuthState, id: string): boolean {
  return state.flows.some((flow) => flow.id === id && flow.is_pending === true);
}

/** Whether a step is offered. */
export function offers(state: AuthState, id: string): boolean {
  return state.flows.some((flow) => flow.id === id);
}
