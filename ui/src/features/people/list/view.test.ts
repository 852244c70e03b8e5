import { expect, test } from "vitest";
import type { Schemas } from "@/api";
import { bodyOf, chosen, headState, isSelected, NOBODY, sizeOf } from "./selection";
import {
  allColumns,
  DEFAULT_COLUMNS,
  grown,
  isSameView,
  movedColumn,
  nextSort,
  printColumns,
  readColumns,
  readSearch,
  searchOf,
  sizedColumn,
  toggledColumn,
  viewOf,
  viewOfSaved,
} from "./view";

test("it works", () => {
  const view = { where: 'country is "Germany"', sort: "name", columns: [{ field: "email", width: 200 }] };
  expect(viewOf(searchOf(view))).toEqual(view);
});

test("the first column keeps its width, in the address and in a saved view", () => {
  const view = viewOf({ cols: "name:300,email" });
  expect(view).toMatchObject({ columns: [{ field: "email" }], firstWidth: 300 });
  expect(searchOf(view)).toEqual({ cols: "name:300,email" });
  const saved = { where: "", sort: "-last_seen", missing: [], columns: allColumns(view) } as unknown;
  expect(isSameView(viewOfSaved(saved as Schemas["ViewOut"]), view)).toBe(true);
  expect(isSameView(view, viewOf({ cols: "name:310,email" }))).toBe(false);
  // Without a width there is nothing to say of it.
  expect(viewOf({ cols: "name,email" })).toEqual(viewOf({ cols: "email" }));
});

test("an address that says nothing is the list as it comes", () => {
  expect(viewOf({})).toEqual({ where: "", sort: "-last_seen", columns: DEFAULT_COLUMNS });
  expect(searchOf(viewOf({}))).toEqual({});
});

test.each([
  [
    { where: 5, person: "7", tab: "charts" },
    { where: "5", person: 7, tab: "charts" },
  ],
  [{ person: "-1", tab: "other", sort: "" }, {}],
])("%o is read", (raw, expected) => {
  expect(readSearch(raw)).toEqual(expected);
});

test.each([["a,b:c%"], ["ä \" ' / ?"], ["last_seen"]])("a column called %j survives the address", (field) => {
  expect(readColumns(printColumns([{ field }, { field: "x", width: 90 }]))).toEqual([
    { field },
    { field: "x", width: 90 },
  ]);
});

test("broken columns are left out, widths brought to what can be", () => {
  expect(readColumns("a:1,%zz,a,b:99999,:5")).toEqual([
    { field: "a", width: 72 },
    { field: "b", width: 900 },
  ]);
});

test("columns are moved, shown, hidden and sized", () => {
  const columns = [{ field: "a" }, { field: "b" }, { field: "c" }];
  expect(movedColumn(columns, 0, 2).map(({ field }) => field)).toEqual(["b", "c", "a"]);
  expect(movedColumn(columns, 0, 3)).toBe(columns);
  expect(toggledColumn(columns, "b").map(({ field }) => field)).toEqual(["a", "c"]);
  expect(toggledColumn(columns, "d").at(-1)).toEqual({ field: "d" });
  expect(sizedColumn(columns, "b", 10)[1]).toEqual({ field: "b", width: 72 });
});

test.each([
  ["-last_seen", "name", "text", "name"],
  ["name", "name", "text", "-name"],
  ["name", "last_seen", "datetime", "-last_seen"],
  ["-last_seen", "last_seen", "datetime", "last_seen"],
])("from %s a click on %s (%s) sorts by %s", (sort, field, type, expected) => {
  expect(nextSort(sort, field, type)).toBe(expected);
});

test("views differ in filter, order and columns", () => {
  const view = viewOf({});
  expect(isSameView(view, viewOf({}))).toBe(true);
  expect(isSameView(view, viewOf({ sort: "name" }))).toBe(false);
  expect(isSameView(view, viewOf({ cols: "email" }))).toBe(false);
});

test("some are selected, or all except some", () => {
  const some = chosen(NOBODY, [1, 2], true);
  expect([sizeOf(some, 9), isSelected(some, 2), headState(some, [1, 2, 3])]).toEqual([2, true, "some"]);
  const all = chosen({ kind: "all", except: new Set() }, [4], false);
  expect([sizeOf(all, 9), isSelected(all, 4), headState(all, [1, 2])]).toEqual([8, false, "all"]);
  expect(bodyOf(all, "")).toEqual({ where: "everyone", except: [4] });
  expect(bodyOf(chosen(some, [1], false), "x")).toEqual({ numbers: [2] });
});

test("columns that nobody has sized share what is left of the room", () => {
  const columns = [
    { least: 180, width: undefined },
    { least: 140, width: 90 },
    { least: 120, width: undefined },
  ];
  expect(grown(columns, 490)).toEqual([230, 90, 170]);
  expect(grown(columns, 200)).toEqual([180, 90, 120]);
  expect(grown([{ least: 140, width: 90 }], 500)).toEqual([90]);
  expect(grown([], 500)).toEqual([]);
});
