// @ts-check
/** Links between nodes, through the methods that newer front ends support. */

/**
 * The link to an input.
 *
 * @param {any} node A node of the graph.
 * @param {number} index Which of its inputs.
 * @returns {any} With `origin_id` and `origin_slot`; null where nothing is linked.
 */
export function linkInto(node, index) {
  // A subgraph node's own method returns the inner link, so the graph's is used.
  const asked = typeof node.getInputLink === "function" && !node.isSubgraphNode?.();
  return (asked ? node.getInputLink(index) : node.graph?.getLink(node.inputs?.[index]?.link)) ?? null;
}

/**
 * Whether something is linked to an input.
 *
 * @param {any} node A node of the graph.
 * @param {number} index Which of its inputs.
 */
export function isLinked(node, index) {
  return node.isInputConnected?.(index) ?? linkInto(node, index) !== null;
}

/**
 * The nodes that a node is linked to, on either side.
 *
 * @param {any} node A node of the graph.
 * @returns {any[]} Those of the same graph.
 */
export function neighbours(node) {
  const into = (node.inputs ?? []).map((/** @type {any} */ _, /** @type {number} */ index) => {
    const link = linkInto(node, index);
    return link ? node.graph.getNodeById(link.origin_id) : null;
  });
  const from = (node.outputs ?? []).flatMap(
    (/** @type {any} */ _, /** @type {number} */ index) => node.getOutputNodes?.(index) ?? [],
  );
  return [...into, ...from].filter(Boolean);
}
