import { Button, FileButton, Progress } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api";
import { useSlug } from "@/app/workspace";
import { sizeOf } from "@/features/jobs";
import { formatNumber, messageOf } from "@/shared";
import type { Import } from "./addresses";
import classes from "./Imports.module.css";
import { MOST_BYTES, type Upload, upload } from "./upload";

const KINDS = ".csv,.tsv,.txt,.tab,.xlsx,.ods,text/csv,text/plain";

interface Sending {
  name: string;
  size: number;
  share: number;
}

/** Takes a file that is dropped or picked, sends it, and says in place what is wrong with one that can't be read. */
export function FileDrop({ onUploaded }: { onUploaded: (source: Import) => void }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState<{ name: string; error: unknown } | null>(null);
  const running = useRef<Upload | null>(null);
  useEffect(() => () => running.current?.stop(), []);

  const send = async (file: File | null | undefined) => {
    if (!file || running.current) return;
    setProblem(null);
    if (file.size > MOST_BYTES) {
      setProblem({ name: file.name, error: new ApiError(413, { message: t("upload.tooLarge") }) });
      return;
    }
    const about = { name: file.name, size: file.size };
    setSending({ ...about, share: 0 });
    running.current = upload(slug, file, (share) => setSending({ ...about, share }));
    try {
      onUploaded(await running.current.done);
    } catch (error) {
      if (error !== null) setProblem({ name: file.name, error });
    } finally {
      running.current = null;
      setSending(null);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same by keyboard */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <IconFileUpload size={26} stroke={1.5} aria-hidden="true" />
        {sending ? (
          <Under sending={sending} onStop={() => running.current?.stop()} />
        ) : (
          <>
            <p className={classes.dropTitle}>{t("upload.drop")}</p>
            <p className={classes.quiet}>{t("upload.kinds")}</p>
            <FileButton
              onChange={(file) => void send(file)}
              accept={KINDS}
              inputProps={{ "aria-label": t("upload.pick") }}
            >
              {(props) => <Button {...props}>{t("upload.pick")}</Button>}
            </FileButton>
          </>
        )}
      </div>
      <div role="alert" className={classes.block}>
        {problem && (
          <p className={classes.problem}>
            {t("upload.failed", { name: problem.name })} {messageOf(problem.error)}{" "}
            {expectedOf(problem.error, t("upload.expected"))}
          </p>
        )}
      </div>
    </>
  );
}

function Under({ sending: { name, size, share }, onStop }: { sending: Sending; onStop: () => void }) {
  const { t } = useTranslation(["imports", "common"]);
  const percent = Math.round(share * 100);
  return (
    <div className={classes.uploading}>
      <p className={classes.dropTitle}>{name}</p>
      <p className={classes.quiet} role="status">
        {share < 1 ? t("upload.sending", { percent: formatNumber(percent), size: sizeOf(size) }) : t("upload.looking")}
      </p>
      <Progress value={percent} my="xs" aria-label={t("upload.label")} />
      <Button variant="default" onClick={onStop}>
        {t("common:actions.cancel")}
      </Button>
    </div>
  );
}

/** What would have been right, where the server says it as a list. */
export function expectedOf(error: unknown, word: string): string {
  const expected = error instanceof ApiError ? error.details.expected : undefined;
  return Array.isArray(expected) && expected.length ? `${word} ${expected.map(String).join(", ")}.` : "";
}
