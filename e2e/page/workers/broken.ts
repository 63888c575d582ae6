throw new Error("this worker fails while it loads");
export {};
