// The sandbox's controls: JSON in, JSON out; a refusal becomes an Error with its words.

export async function get(path) {
  return read(await fetch(path, { cache: "no-store" }));
}

export async function post(path, body) {
  return read(
    await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function read(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `HTTP ${response.status}`);
  return body;
}
