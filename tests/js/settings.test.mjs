import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FORM_SETTINGS, settings } from "../../web/lib/settings.mjs";

const english = JSON.parse(
  readFileSync(new URL("../../locales/en/settings.json", import.meta.url), "utf8"),
);
const ours = settings({ onNotify() {} });

test("the English locale says what the settings say", () => {
  assert.deepEqual(
    Object.keys(english),
    ours.map(({ id }) => id.replaceAll(".", "_")),
  );
  for (const { id, name, tooltip, options } of ours) {
    const said = english[id.replaceAll(".", "_")];
    assert.equal(said.name, name);
    assert.equal(said.tooltip, tooltip);
    const texts = (options ?? []).map((/** @type {any} */ each) => String(each.text ?? each));
    for (const option of Object.keys(said.options ?? {})) assert.ok(texts.includes(option), option);
  }
});

test("every setting of the form is there", () => {
  const ids = new Set(ours.map(({ id }) => id));
  for (const id of Object.values(FORM_SETTINGS)) assert.ok(ids.has(id), id);
});

test("a notification is nobody's default", () => {
  assert.equal(ours.find(({ id }) => id === "Wanderlens.Notify")?.defaultValue, false);
});
