/** Offers text as a download under `name`. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // At once would be too early for some browsers, which read the blob only after the click.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
