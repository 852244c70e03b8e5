export interface Piece {
  text: string;
  kind: "same" | "added" | "removed";
}

// Beyond so many comparisons the texts are shown whole.
const MOST_PAIRS = 4_000_000;

/** What became of a text, word by word: pieces that together give the old text (same, removed) and the new one. */
export function wordDiff(before: string, after: string): Piece[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (old.length * now.length > MOST_PAIRS) {
    return [
      { text: before, kind: "removed" },
      { text: after, kind: "added" },
    ];
  }
  // Lengths of the longest common sequences of what follows each pair of places.
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  const put = (text: string, kind: Piece["kind"]) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ text, kind });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [a, b] = [old[i], now[j]];
    if (a !== undefined && a === b) {
      put(a, "same");
      i++;
      j++;
    } else if (a !== undefined && (b === undefined || at(i + 1, j) >= at(i, j + 1))) {
      put(a, "removed");
      i++;
    } else {
      put(b ?? "", "added");
      j++;
    }
  }
  return pieces;
}

/** Words and the white space between them, quoted texts whole. */
function wordsOf(text: string): string[] {
  return text.match(/"(?:\\.|[^"\\])*"[,)]*|[()]|[^\s()"]+|\s+|"/g) ?? [];
}
