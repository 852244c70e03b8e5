// One's own password and second factor, through allauth's browser API.
import { ApiError, csrfToken, Offline } from "@/api";
import { AuthError, type AuthProblem } from "@/api/auth";

const ROOT = "/_allauth/browser/v1";

interface Answer<T> {
  data?: T;
  meta?: { is_authenticated?: boolean; secret?: string; totp_url?: string };
  errors?: AuthProblem[];
}

export interface Authenticator {
  type: "totp" | "recovery_codes";
  unused_code_count?: number;
  total_code_count?: number;
}

export interface RecoveryCodes {
  unused_code_count: number;
  /** Missing once they have been looked at. */
  unused_codes?: string[];
}

/** The password is asked for again before this is done: see `own.confirm`. */
export class ConfirmFirst extends Error {}

async function ask<T>(method: string, path: string, body?: object): Promise<{ status: number } & Answer<T>> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body) init.body = JSON.stringify(body);
  const response = await fetch(ROOT + path, init).catch(() => {
    throw new Offline();
  });
  const answer = (await response.json().catch(() => ({}))) as Answer<T>;
  if (answer.errors) throw new AuthError(response.status, answer.errors);
  // Logged in, and still not let through: the login was too long ago.
  if (response.status === 401 && answer.meta?.is_authenticated) throw new ConfirmFirst();
  if (!response.ok && response.status !== 404 && response.status !== 401) throw await ApiError.of(response, answer);
  return { ...answer, status: response.status };
}

export const own = {
  /** Ends all sessions, this one too. */
  changePassword: async (current: string, next: string): Promise<void> => {
    await ask("POST", "/account/password/change", { current_password: current, new_password: next });
  },
  authenticators: async (): Promise<Authenticator[]> =>
    (await ask<Authenticator[]>("GET", "/account/authenticators")).data ?? [],
  /** What the authenticator app has to know; null when a second factor is set up already. */
  newSecret: async (): Promise<{ secret: string; url: string } | null> => {
    const { meta } = await ask("GET", "/account/authenticators/totp");
    return meta?.secret && meta.totp_url ? { secret: meta.secret, url: meta.totp_url } : null;
  },
  activate: async (code: string): Promise<void> => {
    await ask("POST", "/account/authenticators/totp", { code });
  },
  deactivate: async (): Promise<void> => {
    await ask("DELETE", "/account/authenticators/totp");
  },
  recoveryCodes: async (): Promise<RecoveryCodes | null> =>
    (await ask<RecoveryCodes>("GET", "/account/authenticators/recovery-codes")).data ?? null,
  newRecoveryCodes: async (): Promise<RecoveryCodes | null> =>
    (await ask<RecoveryCodes>("POST", "/account/authenticators/recovery-codes", {})).data ?? null,
  /** Says again who one is, so that what raised ConfirmFirst goes through. */
  confirm: async (password: string): Promise<void> => {
    await ask("POST", "/auth/reauthenticate", { password });
  },
};
