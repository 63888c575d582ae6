import { Reranked } from "./reranked.jsx";

export default function Page() {
  return <Reranked />;
}
