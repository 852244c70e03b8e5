import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startI18n } from "./i18n";

const place = document.getElementById("app");
if (!place) throw new Error("The page has no place for the app.");

await startI18n();
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
