import { setNonce } from "get-nonce";

/** What style elements must carry to pass the page's policy. Browsers hide the attribute; the property has it. */
export const styleNonce = document.querySelector<HTMLElement>("link[nonce]")?.nonce ?? "";

setNonce(styleNonce); // for react-remove-scroll, inside Mantine's dialogs
