import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api";
import { AuthError, type AuthState } from "@/api/auth";
import { messageOf } from "@/shared/messages";

interface Step {
  busy: boolean;
  /** What is wrong, by field of the form; "" holds what belongs to none. */
  problems: Record<string, string>;
  /** Runs one request; gives its answer, or null after noting what is wrong. */
  run: (request: () => Promise<AuthState>) => Promise<AuthState | null>;
}

/** One step on the way in: a request at a time, and its problems in the reader's language. */
export function useStep(): Step {
  const { t } = useTranslation("accounts");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});

  /** Our words for a code, else the server's. */
  const worded = (code: string, message: string) =>
    t(`problems.${code}` as "problems.rate_limited", { defaultValue: message });

  const run: Step["run"] = async (request) => {
    setBusy(true);
    try {
      const answer = await request();
      setProblems({});
      return answer;
    } catch (error) {
      if (error instanceof AuthError) {
        setProblems(
          Object.fromEntries(error.problems.map((each) => [each.param ?? "", worded(each.code, each.message)])),
        );
      } else {
        setProblems({ "": error instanceof ApiError ? worded(error.code, messageOf(error)) : messageOf(error) });
      }
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problems, run };
}
