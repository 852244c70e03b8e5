import { Button, Popover, Stack } from "@mantine/core";
import { IconCirclesRelation } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { formatNumber, notifyDone } from "@/shared";
import { PersonPicker } from "@/shared/PersonPicker";
import { quoted } from "@/shared/sentences";
import { LIST, MEMBERS, ONE, PEOPLE } from "../addresses";
import { useSegments } from "../data";
import { SegmentPicker } from "../SegmentPicker";
import classes from "./tabs.module.css";

interface AddMembersProps {
  segment: Schemas["SegmentDetail"];
  onChanged: () => void;
}

/** Puts people into a static segment: one who is searched for, or all of another segment. */
export function AddMembers({ segment, onChanged }: AddMembersProps) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const add = useWrite("post", MEMBERS, {
    refresh: [PEOPLE, ONE, LIST],
    onSuccess: ({ added }) =>
      notifyDone(added ? t("members.added", { count: added, number: formatNumber(added) }) : t("members.already")),
  });
  const params = { path: { slug, segment: segment.id } };
  const put = (body: Schemas["MembersBody"]) => {
    onChanged();
    add.mutate({ params, body });
  };
  return (
    <>
      <PersonPicker
        size="xs"
        className={classes.grow}
        label={t("members.add")}
        choose={(number) => put({ add: [number] })}
      />
      <FromSegment
        without={segment.id}
        loading={add.isPending}
        choose={(name) => put({ add_where: `in segment ${quoted(name)}` })}
      />
    </>
  );
}

interface FromSegmentProps {
  without: string;
  loading: boolean;
  choose: (name: string) => void;
}

function FromSegment({ without, loading, choose }: FromSegmentProps) {
  const { t } = useTranslation("segments");
  const segments = useSegments();
  const [opened, setOpened] = useState(false);
  const [picked, setPicked] = useState<string[]>([]);
  const source = segments.data?.items.find((each) => each.id === picked[0]);
  return (
    <Popover opened={opened} onChange={setOpened} width={320} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconCirclesRelation size={15} stroke={1.7} />}
          onClick={() => setOpened(!opened)}
        >
          {t("members.addFrom")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <SegmentPicker
            label={t("members.addFrom")}
            value={picked}
            onChange={setPicked}
            without={[without]}
            size="xs"
            inPopover
          />
          <Button
            loading={loading}
            disabled={!source}
            onClick={() => {
              if (!source) return;
              choose(source.name);
              setPicked([]);
              setOpened(false);
            }}
          >
            {t("members.addButton")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
