import { expect, test } from "vitest";
import { type Held, heldAfter } from "./held";

const held = (field: string, holder: number): Held => ({ field, value: "x", message: "", holder, suggestion: null });

test("a change replaces the warnings of its own fields", () => {
  const before = [held("email", 57), held("phone", 58)];
  expect(heldAfter(before, ["email"], [])).toEqual([held("phone", 58)]);
  expect(heldAfter(before, ["email"], [held("email", 60)])).toEqual([held("phone", 58), held("email", 60)]);
});
