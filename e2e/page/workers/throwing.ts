import { expose } from "comlink";
import { lifelessApi } from "./lifeless-api.ts";

expose(
  lifelessApi(() => {
    setTimeout(() => {
      throw new Error("this worker throws outside any call");
    });
  }),
);
