import { useTranslation } from "react-i18next";

// Calls of tracking that have no name of their own, or one that says nothing.
const UNNAMED = ["page", "screen", "identify"] as const;

/** What happened, in words: an event's own name, or what a call without one means. */
export function useEventName(): (event: { kind?: string; name: string }) => string {
  const { t } = useTranslation("profile");
  return ({ kind, name }) => {
    const unnamed = UNNAMED.find((each) => each === (name || kind));
    return unnamed ? t(`happened.${unnamed}`) : name || kind || "";
  };
}
