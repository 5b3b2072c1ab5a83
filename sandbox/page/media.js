// Photos, files, and the full-screen view of a photo.

import { $, el, icon } from "./dom.js";

const stored = (id) => `/sandbox/telegram/file/${encodeURIComponent(id)}`;

/** The picture of a message; its size is known beforehand, so that nothing jumps when it loads. */
export function photo(sizes) {
  const shown = sizes.at(-1);
  const image = el("img", {
    class: "photo", src: stored(shown.file_id), alt: "", width: shown.width, height: shown.height,
  });
  image.addEventListener("click", () => enlarge(image.src));
  return image;
}

/** A file to download. */
export function file(document_) {
  const name = document_.file_name || "file";
  const ending = /\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1] ?? "";
  return el(
    "a",
    { class: "file", href: stored(document_.file_id), download: name },
    el("i", {}, ending || icon("save")),
    el("span", {}, el("b", {}, name), el("small", {}, size(document_.file_size ?? 0))),
  );
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(1)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

function enlarge(source) {
  const box = $("#lightbox");
  $("img", box).src = source;
  const save = $("a", box);
  save.href = source;
  save.download = "photo.jpg";
  box.showModal();
}

export function startLightbox() {
  const box = $("#lightbox");
  $("img", box).addEventListener("click", () => box.close());
  $("button", box).addEventListener("click", () => box.close());
}
