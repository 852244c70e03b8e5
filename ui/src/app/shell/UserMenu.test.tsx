import { QueryClient, QueryClientProvider, QueryObserver } from "@tanstack/react-query";
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useLogOut } from "./UserMenu";

const { logOut, navigate, notifyProblem } = vi.hoisted(() => ({
  logOut: vi.fn(),
  navigate: vi.fn(),
  notifyProblem: vi.fn(),
}));
vi.mock("@tanstack/react-router", () => ({ Link: () => null, useNavigate: () => navigate }));
vi.mock("@/api/auth", () => ({ auth: { logOut } }));
vi.mock("@/shared/notify", () => ({ notifyProblem }));
vi.mock("@/i18n", () => ({ LANGUAGES: {}, currentLanguage: vi.fn(), setLanguage: vi.fn(), offerLanguage: vi.fn() }));
vi.mock("../workspace", () => ({ useSession: vi.fn(), useWorkspace: vi.fn() }));

let client: QueryClient;
let asked: AbortSignal[];
let leave: () => void;

beforeEach(() => {
  vi.clearAllMocks();
  client = new QueryClient();
  asked = [];
  // A list that is being read for as long as someone waits.
  const list = new QueryObserver(client, {
    queryKey: ["list"],
    queryFn: ({ signal }) => {
      asked.push(signal);
      return new Promise(() => undefined);
    },
  });
  leave = list.subscribe(() => undefined);
});

afterEach(() => {
  leave();
  cleanup();
});

function end() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useLogOut(), { wrapper });
  return act(() => result.current());
}

it("works: nothing is being read any more when the session ends", async () => {
  logOut.mockImplementation(async () => expect(asked.map((signal) => signal.aborted)).toEqual([true]));
  await end();
  expect(logOut).toHaveBeenCalledOnce();
  expect(navigate).toHaveBeenCalledWith({ to: "/login" });
  expect(notifyProblem).not.toHaveBeenCalled();
  expect(client.getQueryCache().getAll()).toEqual([]);
});

it("reads on when the session could not be ended", async () => {
  logOut.mockRejectedValue(new Error("no network"));
  await end();
  expect(notifyProblem).toHaveBeenCalledOnce();
  expect(navigate).not.toHaveBeenCalled();
  expect(asked.map((signal) => signal.aborted)).toEqual([true, false]);
});
