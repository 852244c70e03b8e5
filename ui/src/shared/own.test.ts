import { expect, it } from "vitest";
import { own } from "./own";

it("finds what is there", () => {
  expect(own({ plan: "pro", empty: null }, "plan")).toBe("pro");
  expect(own({ plan: "pro", empty: null }, "empty")).toBeNull();
});

it.each(["constructor", "toString", "__proto__", "hasOwnProperty", "plan"])("does not find %s in nothing", (key) => {
  expect(own({}, key)).toBeUndefined();
});

it("finds a field that is named like what every object inherits", () => {
  const values = JSON.parse('{"constructor": "a", "__proto__": "b"}');
  expect([own(values, "constructor"), own(values, "__proto__")]).toEqual(["a", "b"]);
});
