import { Anchor, Button, Modal, PasswordInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { QRCodeSVG } from "qrcode.react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton, ErrorState, notifyDone, RowsSkeleton } from "@/shared";
import classes from "../Settings.module.css";
import { own, type RecoveryCodes } from "./own";
import { useOwn } from "./useOwn";

const KEY = ["own", "authenticators"];

/** Codes of an authenticator app beside the password: set up, take off, recovery codes. */
export function SecondFactor() {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const found = useQuery({ queryKey: KEY, queryFn: own.authenticators });
  const { busy, problems, waiting, run, cancel } = useOwn();
  const [fresh, setFresh] = useState<{ secret: string; url: string } | null>(null);
  const [codes, setCodes] = useState<RecoveryCodes | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: KEY });
  if (found.isPending) return <RowsSkeleton rows={2} />;
  if (found.isError) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const active = found.data.some(({ type }) => type === "totp");
  const left = found.data.find(({ type }) => type === "recovery_codes")?.unused_code_count ?? 0;

  const begin = () => run(async () => setFresh(await own.newSecret()));
  const finish = (code: string) =>
    run(async () => {
      await own.activate(code);
      setFresh(null);
      await refresh();
      notifyDone(t("account.factorOn"));
      setCodes(await own.recoveryCodes());
    });
  const end = () =>
    run(async () => {
      await own.deactivate();
      setCodes(null);
      await refresh();
      notifyDone(t("account.factorOff"));
    });
  const renew = () =>
    run(async () => {
      setCodes(await own.newRecoveryCodes());
      await refresh();
    });
  return (
    <div className={classes.form}>
      <div role="alert">{problems[""] && <p className={classes.problem}>{problems[""]}</p>}</div>
      <p className={active ? classes.good : classes.quiet}>{t(active ? "account.factorIsOn" : "account.factorText")}</p>
      {fresh && !active && <SetUp fresh={fresh} busy={busy} problem={problems.code} submit={finish} />}
      {!active && !fresh && (
        <div className={classes.buttons} data-start>
          <Button loading={busy} onClick={() => void begin()}>
            {t("account.setUp")}
          </Button>
        </div>
      )}
      {active && (
        <>
          {codes?.unused_codes && <Codes codes={codes.unused_codes} />}
          <p className={classes.quiet}>{t("account.codesLeft", { count: left })}</p>
          <div className={classes.buttons} data-start>
            <Button variant="default" loading={busy} onClick={() => void renew()}>
              {t("account.newCodes")}
            </Button>
            <Button variant="subtle" color="red" loading={busy} onClick={() => void end()}>
              {t("account.turnOff")}
            </Button>
          </div>
        </>
      )}
      {waiting && <ConfirmPassword then={waiting} close={cancel} />}
    </div>
  );
}

interface SetUpProps {
  fresh: { secret: string; url: string };
  busy: boolean;
  problem: string | undefined;
  submit: (code: string) => Promise<void>;
}

function SetUp({ fresh, busy, problem, submit }: SetUpProps) {
  const { t } = useTranslation("settings");
  const [code, setCode] = useState("");
  return (
    <form
      className={classes.form}
      data-bare
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void submit(code.trim());
      }}
    >
      <p className={classes.quiet}>{t("account.scanText")}</p>
      {/* Black on white in the dark too: that is what cameras read. */}
      <QRCodeSVG
        className={classes.qr}
        value={fresh.url}
        size={168}
        marginSize={2}
        title={t("account.qr")}
        role="img"
        aria-label={t("account.qr")}
      />
      <p className={classes.quiet}>{t("account.secretText")}</p>
      <div className={classes.secret}>
        <code>{fresh.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
        <CopyButton value={fresh.secret} label={t("account.copySecret")} />
      </div>
      <Anchor href={fresh.url} size="sm">
        {t("account.openApp")}
      </Anchor>
      <TextInput
        label={t("account.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        maxLength={12}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        error={problem}
      />
      <div className={classes.buttons} data-start>
        <Button type="submit" loading={busy} disabled={!code.trim()}>
          {t("account.turnOn")}
        </Button>
      </div>
    </form>
  );
}

function Codes({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation("settings");
  return (
    <>
      <p className={classes.note}>{t("account.codesText")}</p>
      <ul className={classes.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={classes.buttons} data-start>
        <CopyButton value={codes.join("\n")} label={t("account.copyCodes")} />
      </div>
    </>
  );
}

/** Asks for the password again and then goes on with what waits for it. */
function ConfirmPassword({ then, close }: { then: () => Promise<void>; close: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const [password, setPassword] = useState("");
  const { busy, problems, run } = useOwn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await own.confirm(password);
      close();
      await then();
    });
  };
  return (
    <Modal opened onClose={close} title={t("account.again")} size="sm">
      <form className={classes.form} data-bare onSubmit={submit}>
        <PasswordInput
          label={t("account.current")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={problems.password ?? problems[""]}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {t("common:actions.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={!password}>
            {t("account.goOn")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
