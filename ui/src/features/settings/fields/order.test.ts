import { expect, it } from "vitest";
import { isMeant, keyOfLabel, moved } from "./order";

it("moves one member and keeps the others in their order", () => {
  const list = ["a", "b", "c", "d"];
  expect(moved(list, 0, 2)).toEqual(["b", "c", "a", "d"]);
  expect(moved(list, 3, 0)).toEqual(["d", "a", "b", "c"]);
  expect(moved(list, 1, 1)).toBe(list);
  expect(moved(list, 0, -1)).toBe(list);
  expect(moved(list, 3, 4)).toBe(list);
  expect(moved(list, 9, 0)).toBe(list);
});

it("makes keys of labels", () => {
  const rows = { "Favourite colour": "favourite_colour", "  Größe (cm) ": "große_cm", "a.b/c": "a_b_c", "!": "" };
  for (const [label, key] of Object.entries(rows)) expect(keyOfLabel(label)).toBe(key);
});

it("finds fields by label, name and description", () => {
  const field = { name: "plan", label: "Tariff", description: "What they pay" };
  for (const search of ["PLAN", "tar", "pay", " "]) expect(isMeant(field, search)).toBe(true);
  expect(isMeant(field, "country")).toBe(false);
});
