import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { useStarted } from "@/features/jobs";
import { notifyDone } from "@/shared";

/** Has everything that is kept of a person put together, by a job. */
export function useCopy(): (number: number, name: string) => void {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const navigate = useNavigate();
  const started = useStarted();
  const { mutate } = useWrite("post", "/api/v1/workspaces/{slug}/people/{number}/copy");
  return (number, name) =>
    mutate(
      { params: { path: { slug, number } } },
      {
        onSuccess: (job) => {
          started(job);
          const show = () => void navigate({ to: "/w/$slug/jobs/$job", params: { slug, job: job.id } });
          notifyDone(t("copy.begun", { name }), { action: { label: t("copy.show"), run: show } });
        },
      },
    );
}
