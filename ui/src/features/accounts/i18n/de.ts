import type { Words } from "@/i18n/words";
import type en from "./en";

const de: Words<typeof en> = {
  email: "E-Mail",
  password: "Passwort",
  login: { title: "Bei Coterie anmelden", submit: "Anmelden", forgot: "Passwort vergessen?", signUp: "Konto anlegen" },
  factor: {
    title: "Noch ein Schritt",
    text: "Geben Sie den Code aus Ihrer Authenticator-App ein oder einen Ihrer Wiederherstellungscodes.",
    code: "Code",
    submit: "Weiter",
    back: "Von vorn beginnen",
  },
  signUp: {
    title: "Konto anlegen",
    submit: "Konto anlegen",
    hint: "Mindestens 10 Zeichen.",
    have: "Ich habe ein Konto",
    closed: "Neue Konten gibt es hier nicht",
    closedText: "Bitten Sie jemanden, der einen Arbeitsbereich verwaltet, Sie als Mitglied aufzunehmen.",
    verify: "E-Mail bestätigen",
    verifyText: "Wir haben einen Link an {{email}} geschickt. Öffnen Sie ihn, um fertig zu werden.",
  },
  reset: {
    title: "Passwort zurücksetzen",
    text: "Wir schicken einen Link an Ihre Adresse.",
    submit: "Link schicken",
    sent: "Sehen Sie in Ihre Post",
    sentText: "Gibt es ein Konto für {{email}}, ist ein Link für ein neues Passwort unterwegs.",
    back: "Zurück zur Anmeldung",
    newTitle: "Neues Passwort setzen",
    newPassword: "Neues Passwort",
    newSubmit: "Passwort setzen",
    done: "Ihr Passwort ist gesetzt. Melden Sie sich damit an.",
    badKey: "Dieser Link wurde schon benutzt oder ist zu alt. Fordern Sie einen neuen an.",
    again: "Neuen Link anfordern",
  },
  confirm: {
    title: "E-Mail bestätigen",
    submit: "Bestätigen",
    done: "Ihre Adresse ist bestätigt.",
    badKey: "Dieser Link wurde schon benutzt oder ist zu alt.",
  },
  welcome: {
    title: "Arbeitsbereich anlegen",
    text: "Ein Arbeitsbereich enthält die Personen eines Bots und das Team, das mit ihnen arbeitet.",
    name: "Name",
    slug: "Kurzname",
    slugHint: "Er steht in Adressen: kleine Buchstaben, Ziffern und Bindestriche.",
    timezone: "Zeitzone",
    submit: "Anlegen",
    logOut: "Abmelden",
  },
  problems: {
    email_password_mismatch: "E-Mail und Passwort gehören nicht zusammen.",
    incorrect_code: "Dieser Code stimmt nicht.",
    too_many_login_attempts: "Zu viele Versuche. Versuchen Sie es in ein paar Minuten wieder.",
    rate_limited: "Zu viele Versuche. Versuchen Sie es in ein paar Minuten wieder.",
    password_too_short: "Das Passwort ist zu kurz: mindestens 10 Zeichen.",
    password_too_common: "Dieses Passwort ist zu verbreitet.",
    password_too_similar: "Das Passwort ähnelt Ihrer E-Mail zu sehr.",
    email_taken: "Es gibt schon ein Konto mit dieser E-Mail.",
    invalid_password_reset: "Dieser Link wurde schon benutzt oder ist zu alt. Fordern Sie einen neuen an.",
    slug_taken: "Dieser Kurzname ist vergeben.",
  },
};

export default de;
