globalThis.reranked = new Promise((resolve, reject) => {
  document.addEventListener("sunwi-reranked", ({ detail }) => {
    const isApplied = document.querySelector("#results > li").textContent === "환불은 사흘 안에 됩니다";
    if (detail.applied && isApplied) resolve(detail);
    else reject(new Error("The list was not reordered."));
  });
  document.addEventListener("sunwi-error", ({ detail }) => {
    reject(detail.error);
  });
});
