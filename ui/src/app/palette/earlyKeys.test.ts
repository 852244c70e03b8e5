import { fireEvent } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keepEarlyKeys, takeEarlyKeys } from "./earlyKeys";

function press(keys: string[]): void {
  for (const key of keys) fireEvent.keyDown(document.body, { key });
}

describe("keys before the palette is there", () => {
  afterEach(() => void takeEarlyKeys());

  it("are kept, and no shortcut hears them", () => {
    const shortcut = vi.fn();
    document.addEventListener("keydown", shortcut);
    keepEarlyKeys();
    press(["a", "u", "x", "Backspace", "d"]);
    expect(takeEarlyKeys()).toBe("aud");
    expect(shortcut).not.toHaveBeenCalled();
    press(["i"]);
    expect(shortcut).toHaveBeenCalledTimes(1);
    expect(takeEarlyKeys()).toBe("");
    document.removeEventListener("keydown", shortcut);
  });

  it("with control are the browser's", () => {
    keepEarlyKeys();
    fireEvent.keyDown(document.body, { key: "r", ctrlKey: true });
    press(["Escape", "z"]);
    expect(takeEarlyKeys()).toBe("z");
  });
});
