import { expect, it } from "vitest";
import { groupsOf } from "./counts";

it("sums what belongs together, in a fixed order, and counts nothing twice", () => {
  const counts = {
    "files.export": 2,
    people_identity: 3,
    "index.events": 9,
    "events of the log": 9,
    people_change: 4,
    "files.copy": 1,
    people_person: 1,
    people_note: 0,
    tracking_quarantine: 1,
    constructor: 1,
  };
  expect(groupsOf(counts)).toEqual([
    { group: "profiles", count: 1 },
    { group: "identities", count: 3 },
    { group: "events", count: 9 },
    { group: "files", count: 3 },
    { group: "other", count: 2 },
  ]);
  expect(groupsOf({})).toEqual([]);
});
