import type { HandedFile, HandedFolder } from "./package-folder.ts";

/** What a picker of data offers: everything that `recogniseInput` reads. */
export const TABLE_FILES = ".csv,.tsv,.txt,.jsonl,.json,.parquet,.zip,.trec,.qrels,.run";

/** What was dropped, folders read to their depths. Call it in the event itself: afterwards the browser tells nothing. */
export async function readDropped(transfer: DataTransfer): Promise<HandedFolder> {
  const dropped = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files = await Promise.all(
    dropped.map(async ({ entry, file }): Promise<readonly HandedFile[]> => {
      if (entry?.isDirectory === true) return readFolder(entry as FileSystemDirectoryEntry);
      return file === null ? [] : [{ path: file.name, file }];
    }),
  );
  const [first] = dropped;
  return { name: first?.entry?.name ?? first?.file?.name ?? "", files: files.flat() };
}

/** What was chosen with a picker for folders. */
export function readChosen(files: FileList): HandedFolder {
  const chosen = [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return { name: chosen[0]?.path.split("/")[0] ?? "", files: chosen };
}

async function readFolder(folder: FileSystemDirectoryEntry): Promise<readonly HandedFile[]> {
  const files = await Promise.all(
    (await readEntries(folder)).map(async (entry): Promise<readonly HandedFile[]> => {
      if (entry.isDirectory) return readFolder(entry as FileSystemDirectoryEntry);
      const file = await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      });
      // Full paths begin with a slash.
      return [{ path: entry.fullPath.slice(1), file }];
    }),
  );
  return files.flat();
}

/** The browser hands out a folder's entries in portions, the last of which is empty. */
async function readEntries(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (portion.length === 0) return entries;
    entries.push(...portion);
  }
}
