import { fireEvent, render } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { nameOf, useShortcut } from "./shortcuts";

function Page({ keys, run }: { keys: string; run: () => void }) {
  useShortcut(keys, { label: "x", run });
  return <input aria-label="text" />;
}

describe("a shortcut", () => {
  it.each([
    ["?", [{ key: "?", shiftKey: true }], 1],
    ["mod+k", [{ key: "k", ctrlKey: true }], 1],
    ["mod+k", [{ key: "k", metaKey: true }], 1],
    ["mod+k", [{ key: "k" }], 0],
    ["g p", [{ key: "g" }, { key: "p" }], 1],
    ["g p", [{ key: "p" }, { key: "g" }], 0],
    ["g p", [{ key: "g" }, { key: "x" }, { key: "p" }], 0],
    ["j", [{ key: "j", altKey: true }], 0],
  ])("%s after %o runs %d times", (keys, pressed, times) => {
    const run = vi.fn();
    const page = render(<Page keys={keys} run={run} />);
    for (const each of pressed) fireEvent.keyDown(document.body, each);
    expect(run).toHaveBeenCalledTimes(times);
    page.unmount();
    for (const each of pressed) fireEvent.keyDown(document.body, each);
    expect(run).toHaveBeenCalledTimes(times);
  });

  it("is silent while someone types, but for those with a modifier", () => {
    const plain = vi.fn();
    const modified = vi.fn();
    const { getAllByLabelText } = render(
      <>
        <Page keys="n" run={plain} />
        <Page keys="mod+k" run={modified} />
      </>,
    );
    const input = getAllByLabelText("text")[0] as HTMLElement;
    fireEvent.keyDown(input, { key: "n" });
    fireEvent.keyDown(input, { key: "k", ctrlKey: true });
    expect([plain.mock.calls.length, modified.mock.calls.length]).toEqual([0, 1]);
  });

  it("is out of reach behind a dialog", () => {
    const run = vi.fn();
    render(
      <>
        <Page keys="n" run={run} />
        <div role="dialog" aria-modal="true" />
      </>,
    );
    fireEvent.keyDown(document.body, { key: "n" });
    expect(run).not.toHaveBeenCalled();
  });

  it("has a name for each press", () => {
    const name = (init: KeyboardEventInit) => nameOf(new KeyboardEvent("keydown", init));
    expect(name({ key: "Shift", shiftKey: true })).toBeNull();
    expect(name({ key: "ArrowDown", shiftKey: true })).toBe("shift+arrowdown");
    expect(name({ key: "Z", shiftKey: true, ctrlKey: true })).toBe("mod+shift+z");
  });
});
