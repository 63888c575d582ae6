import type { PropertyDeclarations } from "lit";
import { AppElement } from "../app-element.ts";
import type { WorkbenchController } from "./workbench-controller.ts";

/** Base of the workbench's elements. */
export abstract class WorkbenchElement extends AppElement {
  static override properties: PropertyDeclarations = { ...AppElement.properties, workbench: { attribute: false } };
  declare workbench: WorkbenchController;
}
