import { afterEach, describe, expect, it, vi } from "vitest";
import { AuthError, auth, isPending, offers } from "./auth";

afterEach(() => vi.unstubAllGlobals());

function answerWith(status: number, body: object) {
  const answer = vi.fn<typeof fetch>(async () => Response.json({ status, ...body }, { status }));
  vi.stubGlobal("fetch", answer);
  return answer;
}

describe("logging in", () => {
  it("works", async () => {
    const answer = answerWith(200, { data: { user: {} }, meta: { is_authenticated: true } });
    expect(await auth.login({ email: "a@example.org", password: "x" })).toEqual({ authenticated: true, flows: [] });
    expect(answer.mock.calls[0]?.[0]).toBe("/_allauth/browser/v1/auth/login");
  });

  it("takes 401 as the next step", async () => {
    const flows = [{ id: "login" }, { id: "mfa_authenticate", is_pending: true }];
    answerWith(401, { data: { flows }, meta: { is_authenticated: false } });
    const state = await auth.login({ email: "a@example.org", password: "x" });
    expect(isPending(state, "mfa_authenticate")).toBe(true);
    expect(isPending(state, "login")).toBe(false);
    expect([offers(state, "login"), offers(state, "signup")]).toEqual([true, false]);
  });

  it("says what is wrong with which field", async () => {
    const errors = [{ code: "email_password_mismatch", message: "No.", param: "password" }];
    answerWith(400, { errors });
    const error = await auth.login({ email: "a@example.org", password: "x" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AuthError);
    expect((error as AuthError).problems).toEqual(errors);
  });

  it.each([401, 410])("takes %d after logging out", async (status) => {
    answerWith(status, { data: { flows: [] }, meta: { is_authenticated: false } });
    expect(await auth.logOut()).toEqual({ authenticated: false, flows: [] });
  });

  it("throws what has another shape", async () => {
    answerWith(403, { code: "csrf", message: "Load the page again." });
    await expect(auth.login({ email: "a", password: "b" })).rejects.toMatchObject({ code: "csrf", status: 403 });
  });
});
