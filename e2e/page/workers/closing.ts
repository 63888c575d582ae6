import { expose } from "comlink";
import { lifelessApi } from "./lifeless-api.ts";

expose(
  lifelessApi(() => {
    self.close();
  }),
);
