import { createContext, type ReactNode, useContext } from "react";

/** Whether the shell is around. */
export const InShell = createContext(false);

/** A page that may stand alone or in the shell, as those for errors do: alone it brings the main landmark itself. */
export function Frame({ children }: { children: ReactNode }) {
  if (useContext(InShell)) return children;
  return (
    <main id="main" tabIndex={-1}>
      {children}
    </main>
  );
}
