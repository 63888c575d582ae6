/** Registers the report apart from the rest: it brings the CSV writer along, which only an evaluation needs. */
import { EvaluationReportView } from "./evaluation-report.ts";

customElements.define("sunwi-report", EvaluationReportView);
