import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthError } from "@/api/auth";
import { messageOf } from "@/shared";
import { ConfirmFirst } from "./own";

interface Own {
  busy: boolean;
  /** What is wrong, by field of the form; "" holds what belongs to none. */
  problems: Readonly<Record<string, string>>;
  /** What waits until the password was given again. */
  waiting: (() => Promise<void>) | null;
  /** Runs it; a failure is kept in `problems`, and what needs the password first in `waiting`. */
  run: (task: () => Promise<void>) => Promise<void>;
  cancel: () => void;
}

/** One thing at a time about one's own account. */
export function useOwn(): Own {
  const { t } = useTranslation("settings");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [waiting, setWaiting] = useState<(() => Promise<void>) | null>(null);
  const worded = (code: string, message: string) =>
    t(`account.problems.${code}` as "account.problems.incorrect_code", { defaultValue: message });

  const run = async (task: () => Promise<void>) => {
    setBusy(true);
    setProblems({});
    try {
      await task();
      setWaiting(null);
    } catch (error) {
      if (error instanceof ConfirmFirst) setWaiting(() => task);
      else if (error instanceof AuthError) {
        setProblems(
          Object.fromEntries(error.problems.map((each) => [each.param ?? "", worded(each.code, each.message)])),
        );
      } else setProblems({ "": messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return { busy, problems, waiting, run, cancel: () => setWaiting(null) };
}
