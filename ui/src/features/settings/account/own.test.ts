import { beforeEach, expect, it, vi } from "vitest";
import { AuthError } from "@/api/auth";
import { ConfirmFirst, own } from "./own";

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  return () => vi.unstubAllGlobals();
});

function answer(status: number, body: object): void {
  fetched.mockResolvedValue(new Response(JSON.stringify({ status, ...body }), { status }));
}

it("reads the secret of a second factor that is not there yet", async () => {
  answer(404, { meta: { secret: "ABCD", totp_url: "otpauth://totp/x" } });
  expect(await own.newSecret()).toEqual({ secret: "ABCD", url: "otpauth://totp/x" });
  answer(200, { data: { type: "totp" } });
  expect(await own.newSecret()).toBeNull();
});

it("asks for the password again when the login was too long ago", async () => {
  answer(401, { data: { flows: [{ id: "reauthenticate" }] }, meta: { is_authenticated: true } });
  await expect(own.deactivate()).rejects.toBeInstanceOf(ConfirmFirst);
});

it("takes being logged out as the success of a new password", async () => {
  answer(401, { data: { flows: [{ id: "login" }] }, meta: { is_authenticated: false } });
  await expect(own.changePassword("old", "new and long")).resolves.toBeUndefined();
  const [address, init] = fetched.mock.calls[0] ?? [];
  expect(address).toBe("/_allauth/browser/v1/account/password/change");
  expect(JSON.parse(String(init?.body))).toEqual({ current_password: "old", new_password: "new and long" });
});

it("tells what is wrong by field", async () => {
  answer(400, { errors: [{ code: "incorrect_code", message: "Incorrect code.", param: "code" }] });
  const failure = await own.activate("000000").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AuthError);
  expect((failure as AuthError).problems[0]?.param).toBe("code");
});

it("has no codes when nothing was set up", async () => {
  answer(404, {});
  expect(await own.recoveryCodes()).toBeNull();
});
