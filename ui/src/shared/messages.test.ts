import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiError, Offline } from "@/api";
import { setLanguage, startI18n } from "@/i18n";
import { messageOf } from "./messages";

beforeAll(startI18n);
afterAll(() => setLanguage("en"));

const error = (code: string, message: string, details = {}) => new ApiError(400, { code, message, details });
const UNKNOWN = error("unknown_field", 'There is no field "citty".', { field: "citty", nearest: ["city", "county"] });

test.each([
  [UNKNOWN, "Es gibt kein Feld „citty“. Ähnlich: city, county."],
  // Nothing is like it: what the server says is whole.
  [error("unknown_field", 'There is no field "x".', { field: "x", nearest: [] }), 'There is no field "x".'],
  [error("name_taken", "There is one already."), "Der Name ist schon vergeben."],
  [error("rejected_value", "“x” is no number."), "Der Wert wurde nicht angenommen: “x” is no number."],
  [error("quite_new", "Something new."), "Something new."],
  [new Offline(), "Der Server antwortet nicht. Prüfen Sie Ihre Verbindung."],
])("%o is said in German", async (problem, said) => {
  await setLanguage("de");
  expect(messageOf(problem)).toBe(said);
});

test("in English it is the server's sentence", async () => {
  await setLanguage("en");
  expect(messageOf(UNKNOWN)).toBe('There is no field "citty".');
});
