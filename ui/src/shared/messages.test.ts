import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiError, Offline } from "@/api";
import { setLanguage, startI18n } from "@/i18n";
import { messageOf, reasonsIn, reasonText, registerText } from "./messages";

beforeAll(startI18n);
afterAll(() => setLanguage("en"));

const error = (code: string, message: string, details = {}) => new ApiError(400, { code, message, details });
const UNKNOWN = error("unknown_people", "Some numbers are nobody's.", { people: [7, 8] });

const AGE = { reason: "expected a number, got 'x'", code: "no_number", details: { value: "'x'" } };
const MAIL = { reason: "this is not an email address", code: "no_email", details: {} };
const OF_AGE = { reason: `age: ${AGE.reason}`, code: "of_field", details: { field: "age", reason: AGE } };
const OF_MAIL = { reason: `email: ${MAIL.reason}`, code: "of_field", details: { field: "email", reason: MAIL } };
const NOT_TAKEN = "Einige Werte wurden nicht angenommen:";
const SAID_OF_BOTH = "age: erwartet wird eine Zahl, hier ist es 'x'; email: das ist keine E-Mail-Adresse";

test.each([
  [UNKNOWN, "Einige Nummern gehören niemandem: 7, 8."],
  // A detail is missing: what the server says is whole.
  [error("unknown_people", "Some numbers are nobody's."), "Some numbers are nobody's."],
  [error("name_taken", "There is one already."), "Der Name ist schon vergeben."],
  [error("rejected_values", "Nothing was changed.", { reasons: [OF_AGE, OF_MAIL] }), `${NOT_TAKEN} ${SAID_OF_BOTH}`],
  // The sentence of an error can be a reason itself, which is made of others and of plain words.
  [
    error("invalid_input", "no", {
      reason: { reason: "no", code: "one_of_several", details: { choices: ["`is`", AGE], last: MAIL } },
    }),
    "Das geht so nicht: `is`, erwartet wird eine Zahl, hier ist es 'x' oder das ist keine E-Mail-Adresse",
  ],
  // An error that was kept is part of a reason, and told by its own code.
  [
    error("schedule_paused", "no", {
      reason: {
        reason: "no",
        code: "error",
        details: {
          error: { code: "too_large", message: "no", details: { reason: { reason: "no", code: "no_sheet" } } },
        },
      },
    }),
    "Der Plan wurde angehalten: Das ist zu groß: Dieses Blatt gibt es in der Datei nicht.",
  ],
  // A reason that is newer than the page is told as the server does.
  [
    error("rejected_value", "Odd.", { reasons: [{ reason: "odd", code: "odd" }] }),
    "Der Wert wurde nicht angenommen: odd",
  ],
  [error("quite_new", "Something new."), "Something new."],
  [new Offline(), "Der Server antwortet nicht. Prüfen Sie Ihre Verbindung."],
])("%o is said in German", async (problem, said) => {
  await setLanguage("de");
  expect(messageOf(problem)).toBe(said);
});

test.each([
  [OF_AGE, "age: erwartet wird eine Zahl, hier ist es 'x'"],
  [{ reason: "both", code: "several", details: { reasons: [OF_AGE, OF_MAIL] } }, SAID_OF_BOTH],
  // Kept before there were codes, and without a detail that our words need.
  [{ reason: "an old reason", code: "", details: {} }, "an old reason"],
  [{ ...AGE, details: {} }, AGE.reason],
])("the reason %o is said in German", async (reason, said) => {
  await setLanguage("de");
  expect(reasonText(reason)).toBe(said);
  await setLanguage("en");
  expect(reasonText(reason)).toBe(reason.reason);
});

test("each field has its own reason", () => {
  const problem = error("rejected_values", "Nothing was changed.", { reasons: [OF_AGE, OF_MAIL] });
  expect(reasonsIn(problem)).toEqual([
    { field: "age", reason: AGE },
    { field: "email", reason: MAIL },
  ]);
  expect(reasonsIn(error("conflict", "No."))).toEqual([]);
  expect(reasonsIn(new Error("no"))).toEqual([]);
});

test("in English it is the server's sentence", async () => {
  await setLanguage("en");
  expect(messageOf(UNKNOWN)).toBe("Some numbers are nobody's.");
});

test("the register is told by the names in it", async () => {
  await setLanguage("de");
  expect(registerText("index.merges", "Removed from the index.")).toBe("Wird aus dem Index entfernt.");
  expect(registerText("index.merges copy", "")).toBe("");
  expect(registerText("newer", "Removed.")).toBe("Removed.");
  await setLanguage("en");
  expect(registerText("index.merges", "Removed from the index.")).toBe("Removed from the index.");
});
