import { expect, it } from "vitest";
import en from "./i18n/en";
import { inOrder, nameOf } from "./retained";

it("shows each class once, those without words last", () => {
  const items = [...Object.keys(en.retention.class), "newer"].reverse().map((name) => ({ name }));
  const names = inOrder(items).map(({ name }) => name);
  expect(names[0]).toBe("events");
  expect(names.at(-1)).toBe("newer");
  expect(new Set(names).size).toBe(items.length);
  expect(names.slice(0, -1).every((name) => nameOf(name) === name)).toBe(true);
  expect(nameOf("newer")).toBeUndefined();
});
