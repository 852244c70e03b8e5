import { Chip, Group, type MantineSize, MultiSelect, Select, Skeleton } from "@mantine/core";
import { IconCirclesRelation, IconStarFilled } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Count } from "@/shared";
import { type Segment, useSegments } from "./data";
import { useSegmentMoves } from "./live";
import classes from "./SegmentPicker.module.css";

interface SegmentPickerProps {
  /** What the segments are picked for: the field's name. */
  label: string;
  hideLabel?: boolean;
  /** Ids of the picked ones. */
  value: readonly string[];
  onChange: (ids: string[]) => void;
  /** How many can be picked; one by default. */
  max?: number;
  /** Ids that are not offered. */
  without?: readonly string[];
  kind?: Segment["kind"];
  size?: MantineSize;
  error?: string | undefined;
  /** Inside a popover, which a click on a list beside it would close. */
  inPopover?: boolean;
}

/** Picks one or more of the segments that the reader may see: favourites as chips, all by name, each with its size. */
export function SegmentPicker(props: SegmentPickerProps) {
  return (
    // On pages of other features, the words of this one may still be on their way.
    <Suspense fallback={<Skeleton height={36} />}>
      <Picker {...props} />
    </Suspense>
  );
}

function Picker(props: SegmentPickerProps) {
  const {
    label,
    hideLabel = false,
    value,
    onChange,
    max = 1,
    without = [],
    kind,
    size = "sm",
    error,
    inPopover = false,
  } = props;
  const { t } = useTranslation("segments");
  const segments = useSegments();
  const [opened, setOpened] = useState(false);
  useSegmentMoves();
  const offered = (segments.data?.items ?? []).filter(
    (segment) => !without.includes(segment.id) && (!kind || segment.kind === kind),
  );
  const byId = new Map(offered.map((segment) => [segment.id, segment]));
  const favourites = offered.filter((segment) => segment.starred);
  const full = max > 1 && value.length >= max;
  const shared = {
    ...(hideLabel ? { "aria-label": label } : { label }),
    data: offered.map(({ id, name }) => ({ value: id, label: name })),
    placeholder: value.length ? "" : t("picker.placeholder"),
    nothingFoundMessage: segments.isPending ? t("picker.loading") : t("picker.nothing"),
    searchable: true,
    size,
    error,
    maxDropdownHeight: 280,
    comboboxProps: { withinPortal: !inPopover },
    leftSection: <IconCirclesRelation size={15} stroke={1.7} />,
    renderOption: ({ option }: { option: { value: string } }) => <Option segment={byId.get(option.value)} />,
  };
  const toggle = (id: string) => {
    if (max === 1) onChange(value.includes(id) ? [] : [id]);
    else if (value.includes(id)) onChange(value.filter((each) => each !== id));
    else if (!full) onChange([...value, id]);
  };
  return (
    <div className={classes.picker}>
      {favourites.length > 0 && (
        <Group gap={6} role="group" aria-label={t("picker.favourites")}>
          {favourites.map(({ id, name, size: people }) => (
            <Chip
              key={id}
              size="xs"
              variant="outline"
              checked={value.includes(id)}
              disabled={full && !value.includes(id)}
              onChange={() => toggle(id)}
              icon={null}
            >
              {name}{" "}
              <span className={classes.count}>
                <Count value={people} />
              </span>
            </Chip>
          ))}
        </Group>
      )}
      {max === 1 ? (
        <Select {...shared} clearable value={value[0] ?? null} onChange={(id) => onChange(id ? [id] : [])} />
      ) : (
        <MultiSelect
          {...shared}
          hidePickedOptions
          maxValues={max}
          value={[...value]}
          // Most pick one; the list would cover what comes next. Typing or a click opens it again.
          dropdownOpened={opened}
          onDropdownOpen={() => setOpened(true)}
          onDropdownClose={() => setOpened(false)}
          onChange={(ids) => {
            onChange(ids);
            setOpened(false);
          }}
        />
      )}
    </div>
  );
}

function Option({ segment }: { segment: Segment | undefined }) {
  const { t } = useTranslation("segments");
  if (!segment) return null;
  return (
    <span className={classes.option}>
      {segment.starred && <IconStarFilled size={12} className={classes.star} aria-label={t("star.is")} />}
      <span className="truncate">{segment.name}</span>
      {segment.broken && <span className={classes.broken}>{t("broken.badge")}</span>}
      <span className={classes.count}>
        <Count value={segment.size} />
      </span>
    </span>
  );
}
