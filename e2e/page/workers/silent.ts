// Runs, but never answers.
setInterval(() => undefined, 1000);
export {};
